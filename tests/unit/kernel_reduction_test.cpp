#include "kernel_testing.h"

using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Tolerance 1e-6 where a square root, logarithm or exponential is rounded to float.
constexpr Case kCases[] = {
    {"ReduceSum over the inner axis", 13, "float[2, 3] x = {1, 2, 3, 4, 5, 6}, int64[1] a = {-1}",
     "y = ReduceSum <keepdims = 0> (x, a)", "float[2] e = {6, 15}"},
    {"ReduceSum over the outer axis", 13, "float[2, 3] x = {1, 2, 3, 4, 5, 6}, int64[1] a = {0}",
     "y = ReduceSum (x, a)", "float[1, 3] e = {5, 7, 9}"},
    {"ReduceSum over two axes around one", 13, "float[2, 2, 2] x = {1, 2, 3, 4, 5, 6, 7, 8}, int64[2] a = {0, 2}",
     "y = ReduceSum <keepdims = 0> (x, a)", "float[2] e = {14, 22}"},
    {"ReduceSum without axes does nothing where noop is set", 13, "float[2] x = {1, 2}",
     "y = ReduceSum <noop_with_empty_axes = 1> (x)", "float[2] e = {1, 2}"},
    {"ReduceSumSquare without axes still squares where noop is set", 18, "float[2] x = {1, 2}",
     "y = ReduceSumSquare <noop_with_empty_axes = 1> (x)", "float[2] e = {1, 4}"},
    {"sums keep the digits that float would lose", 13, "float[4] x = {16777216, 1, 1, -16777216}",
     "y = ReduceSum <keepdims = 0> (x)", "float e = {2}"},
    {"ReduceMean by attribute", 11, "float[2, 2] x = {1, 2, 3, 5}", "y = ReduceMean <axes = [1], keepdims = 0> (x)",
     "float[2] e = {1.5, 4}"},
    {"ReduceMax over nothing is the lowest", 18, "float[0, 2] x = {}, int64[1] a = {0}",
     "y = ReduceMax <keepdims = 0> (x, a)", "float[2] e = {-inf, -inf}"},
    {"ReduceProd over nothing is 1", 18, "float[2, 0] x = {}, int64[1] a = {1}", "y = ReduceProd <keepdims = 0> (x, a)",
     "float[2] e = {1, 1}"},
    {"ReduceMin keeps a NaN", 13, "float[3] x = {1, nan, 2}", "y = ReduceMin <keepdims = 0> (x)", "float e = {nan}"},
    {"ReduceMax of integers over nothing is the type's lowest", 18, "int8[0, 2] x = {}, int64[1] a = {0}",
     "y = ReduceMax <keepdims = 0> (x, a)", "int8[2] e = {-128, -128}"},
    {"ReduceMax of booleans says whether any is true", 20, "bool[2, 2] x = {0, 1, 0, 0}, int64[1] a = {1}",
     "y = ReduceMax <keepdims = 0> (x, a)", "bool[2] e = {1, 0}"},
    {"ReduceMin of booleans says whether all are, of none they are", 20, "bool[2, 0] x = {}, int64[1] a = {1}",
     "y = ReduceMin <keepdims = 0> (x, a)", "bool[2] e = {1, 1}"},
    {"ReduceSum of int32 wraps", 13, "int32[2] x = {2147483647, 1}", "y = ReduceSum <keepdims = 0> (x)",
     "int32 e = {-2147483648}"},
    {"ReduceMean of integers rounds towards zero", 13, "int32[2] x = {-3, 0}", "y = ReduceMean <keepdims = 0> (x)",
     "int32 e = {-1}"},
    {"ReduceLogSum of 0 as an integer", 13, "int32[1] x = {0}", "y = ReduceLogSum <keepdims = 0> (x)", "int32 e = {0}"},
    {"ReduceL1 of integers", 13, "int32[3] x = {-1, 2, -3}", "y = ReduceL1 <keepdims = 0> (x)", "int32 e = {6}"},
    {"ReduceL2", 13, "float[2] x = {3, -4}", "y = ReduceL2 <keepdims = 0> (x)", "float e = {5}"},
    {"ReduceLogSumExp does not overflow", 13, "float[2] x = {1000, 1000}", "y = ReduceLogSumExp <keepdims = 0> (x)",
     "float e = {1000.6931}", 1e-6},
    {"ReduceMean of float16 is rounded once", 13, "float16[2] x = {60000, 60000}", "y = ReduceMean <keepdims = 0> (x)",
     "float16 e = {60000}"},
    {"Softmax does not overflow", 13, "float[1, 2] x = {1000, 1000}", "y = Softmax (x)", "float[1, 2] e = {0.5, 0.5}",
     1e-6},
    {"Softmax along a middle axis", 13, "float[1, 2, 2] x = {0, 1, 0, 3}", "y = Softmax <axis = 1> (x)",
     "float[1, 2, 2] e = {0.5, 0.1192029, 0.5, 0.8807971}", 1e-6},
    {"Softmax before version 13 takes all axes from `axis` on together", 11, "float[1, 2, 2] x = {0, 0, 0, 0}",
     "y = Softmax <axis = 1> (x)", "float[1, 2, 2] e = {0.25, 0.25, 0.25, 0.25}", 1e-6},
    {"LogSoftmax of unlikely classes is finite", 13, "float[2] x = {0, 200}", "y = LogSoftmax (x)",
     "float[2] e = {-200, 0}", 1e-6},
    {"Hardmax takes the first of equal ones", 13, "float[3] x = {1, 2, 2}", "y = Hardmax (x)",
     "float[3] e = {0, 1, 0}"},
    {"ArgMax of equal ones, first and last", 13, "float[3] x = {1, 2, 2}", "y = ArgMax <select_last_index = 1> (x)",
     "int64[1] e = {2}"},
    {"ArgMin along axis 1", 13, "float[2, 2] x = {2, 1, 1, 2}", "y = ArgMin <axis = 1, keepdims = 0> (x)",
     "int64[2] e = {1, 0}"},
    {"TopK of equal values gives the lower index first", 11, "float[4] x = {1, 3, 3, 2}, int64[1] k = {3}",
     "v, y = TopK (x, k)", "int64[3] e = {1, 2, 3}"},
    {"TopK of the smallest along axis 0", 11, "float[2, 2] x = {4, 1, 3, 2}, int64[1] k = {1}",
     "y, i = TopK <axis = 0, largest = 0> (x, k)", "float[1, 2] e = {3, 1}"},
    {"CumSum backwards and exclusive", 14, "float[3] x = {1, 2, 3}, int64 a = {0}",
     "y = CumSum <exclusive = 1, reverse = 1> (x, a)", "float[3] e = {5, 3, 0}"},
    {"NonZero in row-major order", 13, "float[2, 2] x = {0, 1, 2, 0}", "y = NonZero (x)",
     "int64[2, 2] e = {0, 1, 1, 0}"},
    {"Unique slices in order of appearance", 11, "float[3, 2] x = {2, 1, 0, 5, 2, 1}",
     "y, i, v, c = Unique <axis = 0, sorted = 0> (x)", "float[2, 2] e = {2, 1, 0, 5}"},
    {"Compress keeps what the condition says", 11, "float[2, 2] x = {1, 2, 3, 4}, bool[2] c = {0, 1}",
     "y = Compress <axis = 1> (x, c)", "float[2, 1] e = {2, 4}"},
    {"ReverseSequence by lengths", 10, "float[3, 2] x = {1, 2, 3, 4, 5, 6}, int64[2] n = {3, 2}",
     "y = ReverseSequence (x, n)", "float[3, 2] e = {5, 4, 3, 2, 1, 6}"},
};

constexpr Refusal kRefusals[] = {
    {"an axis at the end of all numbers", 10, "float[1, 1] x = {1}, int64[1] n = {1}",
     "y = ReverseSequence <batch_axis = 1, time_axis = 9223372036854775807> (x, n)",
     "node of output 'y' (ReverseSequence): batch_axis 1 and time_axis 9223372036854775807 of a tensor of rank 2, "
     "expected 0 and 1 in some order"},
    {"an axis twice, once from each end", 13, "float[2] x = {1, 2}, int64[2] a = {0, -1}", "y = ReduceSum (x, a)",
     "node of output 'y' (ReduceSum): axis 0 is listed twice"},
    {"more than there is", 11, "float[2] x = {1, 2}, int64[1] k = {3}", "y, i = TopK (x, k)",
     "node of output 'y' (TopK): k is 3, expected 0 to the 2 of axis 0"},
    {"the extreme of nothing", 13, "float[0] x = {}", "y = ArgMax (x)", "node of output 'y' (ArgMax): axis 0 is empty"},
    {"a condition outside of the axis", 11, "float[1] x = {1}, bool[2] c = {0, 1}", "y = Compress <axis = 0> (x, c)",
     "node of output 'y' (Compress): condition 1 is outside of axis 0 of length 1"},
};

}  // namespace

TEST_CASE("reductions and selections give what the specification says") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("reductions and selections refuse axes and counts out of range") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}

TEST_CASE("integers at the ends of their types reduce without overflow") {
  const auto reduced = [](const std::string& op, exec::Tensor x) {
    const std::string type(surgery::to_string(x.type()));
    const auto model = graph_text::parse("<opset_import: [\"\" : 18]> g (" + type + "[2] x) => (" + type +
                                         "[] y) { y = " + op + " <keepdims = 0> (x) }");
    return exec::Session(*model).run({{"x", std::move(x)}}).at("y");
  };
  const std::vector<uint64_t> unsigned_ends = {UINT64_MAX, UINT64_MAX - 1};
  const exec::Tensor large = exec::Tensor::from_values<uint64_t>(surgery::DataType::kUint64, {2}, unsigned_ends);
  CHECK(reduced("ReduceMin", large).values<uint64_t>()[0] == UINT64_MAX - 1);
  CHECK(reduced("ReduceLogSumExp", large).values<uint64_t>()[0] == UINT64_MAX);
  const std::vector<int64_t> signed_ends = {INT64_MIN, INT64_MAX};
  const exec::Tensor ends = exec::Tensor::from_values<int64_t>(surgery::DataType::kInt64, {2}, signed_ends);
  CHECK(reduced("ReduceSum", ends).values<int64_t>()[0] == -1);
  CHECK(reduced("ReduceMax", ends).values<int64_t>()[0] == INT64_MAX);
  CHECK(reduced("ReduceLogSumExp", ends).values<int64_t>()[0] == INT64_MAX);
}

TEST_CASE("reductions do not depend on the number of threads") {
  const auto model =
      kernel_testing::parse_case(17, "float[3, 211, 513] x = fill(1)",
                                 "m = ReduceMean <axes = [1]> (x) y = ReduceLogSumExp <axes = [0, 2]> (m)", "");
  const exec::Tensor one = exec::Session(*model, {.threads = 1}).run({}).at("y");
  const exec::Tensor four = exec::Session(*model, {.threads = 4}).run({}).at("y");
  CHECK(surgery::identical(one, four));
}
