#include "infer_testing.h"

namespace infer_testing {
namespace {

TEST_CASE("sizes that depend on the data are symbols named after the tensor") {
  const InferCase cases[] = {
      {"NonZero", 13, "float[N,3,H] x", "", "y = NonZero (x)", "int64[3, y.1]"},
      {"NonMaxSuppression", 11, "float[1,N,4] b, float[1,80,N] s", "", "y = NonMaxSuppression (b, s)", "int64[y.0, 3]"},
      {"Unique", 11, "float[N,3] x", "", "y, a, b, c = Unique (x)",
       "float[y.0] ; int64[y.0] ; int64[3*N] ; int64[y.0]"},
      {"Unique on an axis", 11, "float[N,3] x", "", "y, a, b, c = Unique <axis = 0> (x)",
       "float[y.0, 3] ; int64[y.0] ; int64[N] ; int64[y.0]"},
      {"TopK", 11, "float[N,9] x", "int64[1] k = {5}", "v, i = TopK (x, k)", "float[N, 5] ; int64[N, 5]"},
      {"TopK of an unknown k", 11, "float[N,9] x, int64[1] k", "", "v, i = TopK (x, k)",
       "float[N, v.1] ; int64[N, v.1]"},
      {"TopK-1", 1, "float[N,9] x", "", "v, i = TopK <k = 2, axis = 1> (x)", "float[N, 2] ; int64[N, 2]"},
      {"TopK of too many", 11, "float[N,9] x", "int64[1] k = {10}", "v, i = TopK (x, k)",
       "error: k is 10, the axis has 9"},
      {"a use of it", 13, "float[N,3] x, float[N,3] z", "int64[1] zero = {0}",
       "i = NonZero (x)\n t = Transpose (i)\n g = GatherND (z, t)\n h = GatherND (z, t)\n y = Add (g, h)",
       "float[i.1]"},
  };
  check_cases(cases);
}

TEST_CASE("quantization") {
  const InferCase cases[] = {
      {"QuantizeLinear", 13, "float[N,3] x, float s, int8 z", "", "y = QuantizeLinear (x, s, z)", "int8[N, 3]"},
      {"without a zero point", 13, "float[N,3] x, float s", "", "y = QuantizeLinear (x, s)", "uint8[N, 3]"},
      {"output_dtype", 21, "float[N,3] x, float s", "", "y = QuantizeLinear <output_dtype = 3> (x, s)", "int8[N, 3]"},
      {"DequantizeLinear", 13, "int8[N,3] x, float s", "", "y = DequantizeLinear (x, s)", "float[N, 3]"},
      {"in half", 19, "int8[N,3] x, float16 s", "", "y = DequantizeLinear (x, s)", "float16[N, 3]"},
      {"DynamicQuantizeLinear", 11, "float[N,3] x", "", "y, s, z = DynamicQuantizeLinear (x)",
       "uint8[N, 3] ; float[] ; uint8[]"},
  };
  check_cases(cases);
}

TEST_CASE("recurrent networks and attention") {
  const InferCase cases[] = {
      {"LSTM", 14, "float[S,B,10] x, float[2,80,10] w, float[2,80,20] r", "",
       R"(y, h, c = LSTM <hidden_size = 20, direction = "bidirectional"> (x, w, r))",
       "float[S, 2, B, 20] ; float[2, B, 20] ; float[2, B, 20]"},
      {"GRU, batch first", 14, "float[B,S,10] x, float[1,60,10] w, float[1,60,20] r", "",
       "y, h = GRU <hidden_size = 20, layout = 1> (x, w, r)", "float[B, S, 1, 20] ; float[B, 1, 20]"},
      {"RNN with a state of another batch", 14, "float[5,4,10] x, float[1,20,10] w, float[1,20,20] r, float[1,3,20] h",
       "", "y = RNN <hidden_size = 20> (x, w, r, , , h)", "error: batches of X and initial_h 4 and 3 differ"},
      {"ReverseSequence with lengths of another batch", 14, "float[5,4] x, int64[3] l", "",
       "y = ReverseSequence (x, l)", "error: batch and sequence_lens 4 and 3 differ"},
      {"RNN of other features", 14, "float[S,B,11] x, float[1,20,10] w, float[1,20,20] r", "",
       "y = RNN <hidden_size = 20> (x, w, r)", "error: features of X and W 11 and 10 differ"},
      {"Attention", 23, "float[B,8,Q,64] q, float[B,2,K,64] k, float[B,2,K,32] v", "", "y = Attention (q, k, v)",
       "float[B, 8, Q, 32]"},
      {"Attention, packed, with a past", 23,
       "float[B,Q,512] q, float[B,K,128] k, float[B,K,64] v, float[B,2,P,64] pk, float[B,2,P,32] pv", "",
       "y, a, b = Attention <q_num_heads = 8, kv_num_heads = 2> (q, k, v, , pk, pv)",
       "float[B, Q, 256] ; float[B, 2, K + P, 64] ; float[B, 2, K + P, 32]"},
      {"Attention, packed, without heads", 23, "float[B,Q,512] q, float[B,K,128] k, float[B,K,64] v", "",
       "y = Attention (q, k, v)", "error: q_num_heads and kv_num_heads are needed with inputs of rank 3"},
      {"RotaryEmbedding", 23, "float[B,8,S,64] x, float[S,32] c", "", "y = RotaryEmbedding (x, c, c)",
       "float[B, 8, S, 64]"},
  };
  check_cases(cases);
}

TEST_CASE("sequences and optionals") {
  const InferCase cases[] = {
      {"construct", 13, "float[N,3] a, float[M,3] b", "", "s = SequenceConstruct (a, b)", "sequence(float[?, 3])"},
      {"at", 13, "float[N,3] a, float[N,3] b, int64 i", "", "s = SequenceConstruct (a, b)\n y = SequenceAt (s, i)",
       "float[N, 3]"},
      {"insert", 13, "float[N,3] a, float[4,3] b", "", "s = SequenceConstruct (a)\n y = SequenceInsert (s, b)",
       "sequence(float[?, 3])"},
      {"empty", 13, "", "", "y = SequenceEmpty <dtype = 7> ()", "sequence(int64[...])"},
      {"length", 13, "float[N] a", "", "s = SequenceConstruct (a)\n y = SequenceLength (s)", "int64[]"},
      {"concat", 13, "float[N,3] a, float[M,3] b", "",
       "s = SequenceConstruct (a, b)\n y = ConcatFromSequence <axis = 0> (s)", "float[y.0, 3]"},
      {"concat on a new axis", 13, "float[N,3] a", "",
       "s = SequenceConstruct (a)\n y = ConcatFromSequence <axis = 1, new_axis = 1> (s)", "float[N, y.1, 3]"},
      {"split", 13, "float[N,6] x", "int64 two = {2}", "y = SplitToSequence <axis = 1> (x, two)",
       "sequence(float[N, 2])"},
      {"split with a rest", 13, "float[N,7] x", "int64 two = {2}", "y = SplitToSequence <axis = 1> (x, two)",
       "sequence(float[N, ?])"},
      {"split into slices", 13, "float[N,7] x", "", "y = SplitToSequence <axis = 1, keepdims = 0> (x)",
       "sequence(float[N])"},
      {"map", 17, "float[N,3] a, float[M,3] b", "",
       "s = SequenceConstruct (a, b)\n y = SequenceMap (s) <body = g (float[...] t) => (float[...] u) { u = Relu (t) "
       "}>",
       "sequence(float[?, 3])"},
      {"optional", 15, "float[N] a", "", "y = Optional (a)", "optional(float[N])"},
      {"its element", 15, "float[N] a", "", "o = Optional (a)\n y = OptionalGetElement (o)", "float[N]"},
      {"of no optional", 18, "float[N] a", "", "y = OptionalGetElement (a)", "float[N]"},
      {"has one", 18, "float[N] a", "", "y = OptionalHasElement (a)", "bool[]{1}"},
  };
  check_cases(cases);
}

TEST_CASE("regions, signals, losses, texts") {
  const InferCase cases[] = {
      {"RoiAlign", 16, "float[N,8,H,W] x, float[R,4] r, int64[R] b", "",
       "y = RoiAlign <output_height = 7, output_width = 5> (x, r, b)", "float[R, 8, 7, 5]"},
      {"MaxRoiPool", 1, "float[N,8,H,W] x, float[R,5] r", "", "y = MaxRoiPool <pooled_shape = [7, 5]> (x, r)",
       "float[R, 8, 7, 5]"},
      {"Col2Im", 18, "float[N,12,L] x", "int64[2] i = {5, 5}, int64[2] b = {2, 3}", "y = Col2Im (x, i, b)",
       "float[N, 2, 5, 5]"},
      {"ImageDecoder", 20, "uint8[L] x", "", "y = ImageDecoder (x)", "uint8[y.0, y.1, 3]"},
      {"DFT", 17, "float[B,L,1] x", "", "y = DFT <onesided = 1> (x)", "float[B, floor(L/2) + 1, 2]"},
      {"inverse DFT", 20, "float[B,L,2] x", "", "y = DFT <onesided = 1, inverse = 1> (x)", "float[B, 2*L - 2, 1]"},
      {"STFT", 17, "float[B,L,1] x, float[16] w", "int64 step = {8}", "y = STFT (x, step, w)",
       "float[B, floor(L/8) - 1, 9, 2]"},
      {"HannWindow", 17, "", "int64 n = {10}", "y = HannWindow (n)", "float[10]"},
      {"MelWeightMatrix", 17, "int64 r, float l", "int64 m = {8}, int64 d = {16}",
       "y = MelWeightMatrix (m, d, r, l, l)", "float[9, 8]"},
      {"a loss", 13, "float[N,C,D] x, int64[N,D] t", "", "y, l = SoftmaxCrossEntropyLoss (x, t)",
       "float[] ; float[N, C, D]"},
      {"without reduction", 13, "float[N,C,D] x, int64[N,D] t", "",
       R"(y = NegativeLogLikelihoodLoss <reduction = "none"> (x, t))", "float[N, D]"},
      {"StringConcat", 20, "string[N] a, string b", "", "y = StringConcat (a, b)", "string[N]"},
      {"StringSplit", 20, "string[N] a", "", "y, z = StringSplit (a)", "string[N, y.1] ; int64[N]"},
      {"StringNormalizer", 10, "string[4] a", "", "y = StringNormalizer (a)", "string[4]"},
      {"TfIdfVectorizer", 9, "string[N,C] a", "", "y = TfIdfVectorizer <ngram_indexes = [0, 5, 2]> (a)", "float[N, 6]"},
  };
  check_cases(cases);
}

TEST_CASE("classical models and training") {
  const InferCase cases[] = {
      {"TreeEnsembleRegressor", 17, "float[N,4] x", "", "y = ai.onnx.ml.TreeEnsembleRegressor <n_targets = 3> (x)",
       "float[N, 3]"},
      {"LinearClassifier of two classes", 17, "float[N,4] x", "",
       "l, s = ai.onnx.ml.LinearClassifier <classlabels_ints = [0, 1], intercepts = [0.5]> (x)",
       "int64[N] ; float[N, 2]"},
      {"Scaler", 17, "int64[N,4] x", "", "y = ai.onnx.ml.Scaler (x)", "float[N, 4]"},
      {"OneHotEncoder", 17, "int64[N,4] x", "", "y = ai.onnx.ml.OneHotEncoder <cats_int64s = [1, 2, 3]> (x)",
       "float[N, 4, 3]"},
      {"FeatureVectorizer", 17, "float[N,4] a, float[N,2] b", "",
       "y = ai.onnx.ml.FeatureVectorizer <inputdimensions = [4, 2]> (a, b)", "float[N, 6]"},
      {"ArrayFeatureExtractor", 17, "float[N,9] x, int64[1,3] i", "", "y = ai.onnx.ml.ArrayFeatureExtractor (x, i)",
       "float[N, 3]"},
      {"ZipMap", 17, "float[N,3] x", "", "y = ai.onnx.ml.ZipMap <classlabels_int64s = [0, 1, 2]> (x)",
       "sequence(map(int64, float[]))"},
      {"Adam", 17, "float r, int64 t, float[A] x, float[B] z", "",
       "a, b, c, d, e, f = ai.onnx.preview.training.Adam (r, t, x, z, x, z, x, z, x, z)",
       "float[A] ; float[B] ; float[A] ; float[B] ; float[A] ; float[B]"},
      {"QLinearAdd", 17, "uint8[N,3] a, float s, uint8 z, uint8[3] b", "",
       "y = com.microsoft.QLinearAdd (a, s, z, b, s, z, s, z)", "uint8[N, 3]"},
  };
  check_cases(cases);
}

}  // namespace
}  // namespace infer_testing
