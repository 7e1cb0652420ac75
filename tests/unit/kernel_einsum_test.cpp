#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Expected values: numpy.einsum.
constexpr Case kCases[] = {
    {"Einsum ij,jk->ik", 12, "int64[2, 3] a = {0, 2, 1, 0, -1, 1}, int64[3, 2] b = {-1, 2, -5, -2, -4, -4}",
     "y = Einsum <equation = \"ij,jk->ik\"> (a, b)", "int64[2, 2] e = {-14, -8, 1, -2}"},
    {"Einsum ij->ji", 12, "int64[2, 3] a = {0, 2, 1, 0, -1, 1}", "y = Einsum <equation = \"ij->ji\"> (a)",
     "int64[3, 2] e = {0, 0, 2, -1, 1, 1}"},
    {"Einsum ii->i", 12, "int64[3, 3] a = {0, 2, 1, 0, -1, 1, -1, 4, 5}", "y = Einsum <equation = \"ii->i\"> (a)",
     "int64[3] e = {0, -1, 5}"},
    {"Einsum ii", 12, "int64[3, 3] a = {0, 2, 1, 0, -1, 1, -1, 4, 5}", "y = Einsum <equation = \"ii\"> (a)",
     "int64 e = {4}"},
    {"Einsum ...ij,...jk", 12,
     "int64[2, 1, 2, 3] a = {0, 2, 1, 0, -1, 1, -1, 4, 5, -1, 3, 0}, int64[3, 3, 2] b = {-1, 2, -5, -2, -4, "
     "-4, -3, -2, -1, 0, -1, 2, -3, 4, -5, 2, -1, 1}",
     "y = Einsum <equation = \"...ij,...jk\"> (a, b)",
     "int64[2, 3, 2, 2] e = {-14, -8, 1, -2, -3, 2, 0, 2, -11, 5, 4, -1, -39, -30, -14, -8, -6, 12, 0, 2, "
     "-22, 9, -12, 2}"},
    {"Einsum i,j->ij", 12, "int64[2] a = {0, 2}, int64[3] b = {-1, 2, -5}",
     "y = Einsum <equation = \"i,j->ij\"> (a, b)", "int64[2, 3] e = {0, 0, 0, -2, 4, -10}"},
    {"Einsum ij,kj,lk->il", 12,
     "int64[2, 3] a = {0, 2, 1, 0, -1, 1}, int64[2, 3] b = {-1, 2, -5, -2, -4, -4}, int64[2, 2] c = {-1, -5, "
     "0, -1}",
     "y = Einsum <equation = \"ij,kj,lk->il\"> (a, b, c)", "int64[2, 2] e = {61, 12, 7, 0}"},
    {"Einsum ...->...", 12, "int64[2, 2] a = {0, 2, 1, 0}", "y = Einsum <equation = \"...->...\"> (a)",
     "int64[2, 2] e = {0, 2, 1, 0}"},
    {"Einsum b...i,bi->...b", 12,
     "int64[2, 3, 2] a = {0, 2, 1, 0, -1, 1, -1, 4, 5, -1, 3, 0}, int64[2, 2] b = {-1, 2, -5, -2}",
     "y = Einsum <equation = \"b...i,bi->...b\"> (a, b)", "int64[3, 2] e = {4, -3, -1, -23, 3, -15}"},
    {"Einsum ij,ij->", 12, "int64[2, 2] a = {0, 2, 1, 0}, int64[2, 2] b = {-1, 2, -5, -2}",
     "y = Einsum <equation = \"ij,ij->\"> (a, b)", "int64 e = {-1}"},
    {"Einsum  a b , b c ", 12, "int64[2, 2] a = {0, 2, 1, 0}, int64[2, 2] b = {-1, 2, -5, -2}",
     "y = Einsum <equation = \" a b , b c \"> (a, b)", "int64[2, 2] e = {-10, -4, -1, 2}"},
    {"Einsum ,ij->ij", 12, "int64 a = {0}, int64[2, 2] b = {-1, 2, -5, -2}",
     "y = Einsum <equation = \",ij->ij\"> (a, b)", "int64[2, 2] e = {0, 0, 0, 0}"},
    {"Einsum ba,cA", 12, "int64[2, 2] a = {0, 2, 1, 0}, int64[1, 2] b = {-1, 2}",
     "y = Einsum <equation = \"ba,cA\"> (a, b)", "int64[2, 2, 2, 1] e = {0, -1, -2, 0, 0, 2, 4, 0}"},
    {"Einsum iij->ji", 12, "int64[2, 2, 3] a = {0, 2, 1, 0, -1, 1, -1, 4, 5, -1, 3, 0}",
     "y = Einsum <equation = \"iij->ji\"> (a)", "int64[3, 2] e = {0, -1, 2, 3, 1, 0}"},
    {"Einsum ij,ik->jk", 12, "int64[0, 2] a = {}, int64[0, 3] b = {}", "y = Einsum <equation = \"ij,ik->jk\"> (a, b)",
     "int64[2, 3] e = {0, 0, 0, 0, 0, 0}"},
    {"Einsum bhwc,hkc->bhwk", 12,
     "int64[1, 2, 2, 3] a = {0, 2, 1, 0, -1, 1, -1, 4, 5, -1, 3, 0}, int64[2, 2, 3] b = {-1, 2, -5, -2, -4, "
     "-4, -3, -2, -1, 0, -1, 2}",
     "y = Einsum <equation = \"bhwc,hkc->bhwk\"> (a, b)", "int64[1, 2, 2, 2] e = {-1, -12, -7, 0, -10, 6, -3, -3}"},
};

constexpr Refusal kRefusals[] = {
    {"a term too many", 12, "float[2] a = {1, 2}", "y = Einsum <equation = \"i,j->ij\"> (a)",
     "node of output 'y' (Einsum): equation 'i,j->ij': it has 2 terms, the node 1 inputs"},
    {"a letter too few", 12, "float[2, 2] a = {1, 2, 3, 4}", "y = Einsum <equation = \"i->i\"> (a)",
     "node of output 'y' (Einsum): equation 'i->i': term 0 has 1 letters, input 0 has rank 2"},
    {"axes that do not fit", 12, "float[2] a = {1, 2}, float[3] b = {1, 2, 3}",
     "y = Einsum <equation = \"i,i->i\"> (a, b)",
     "node of output 'y' (Einsum): equation 'i,i->i': axis 0 of input 1 is 3 long, expected 2"},
    {"an output axis from nowhere", 12, "float[2] a = {1, 2}", "y = Einsum <equation = \"i->j\"> (a)",
     "node of output 'y' (Einsum): equation 'i->j': the output names an axis that no input has"},
    {"an output axis twice", 12, "float[2] a = {1, 2}", "y = Einsum <equation = \"i->ii\"> (a)",
     "node of output 'y' (Einsum): equation 'i->ii': the output names an axis twice"},
    {"an ellipsis that the output drops", 12, "float[2, 2] a = {1, 2, 3, 4}", "y = Einsum <equation = \"...i->i\"> (a)",
     "node of output 'y' (Einsum): equation '...i->i': the output leaves out the axes of the ellipsis"},
    {"another character", 12, "float[2] a = {1, 2}", "y = Einsum <equation = \"1->1\"> (a)",
     "node of output 'y' (Einsum): equation '1->1': character '1' has no meaning"},
    {"two ellipses", 12, "float[2] a = {1, 2}", "y = Einsum <equation = \"...i...\"> (a)",
     "node of output 'y' (Einsum): equation '...i...': a term has two ellipses"},
};

}  // namespace

TEST_CASE("Einsum gives what numpy gives, for integers exactly") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("Einsum refuses what is no equation or does not fit") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
