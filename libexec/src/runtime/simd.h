#pragma once

/// In front of a function whose loops the compiler should turn into vector code: it is compiled once per level of
/// vector instructions, and the machine's best one is chosen when the program starts. The functions must not let the
/// compiler reorder sums (that stays off), so every level gives the same bits; sums over many elements keep a fixed
/// number of partial sums for that reason.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define EXEC_VECTORIZED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EXEC_VECTORIZED
#endif
