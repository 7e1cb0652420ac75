#include <algorithm>
#include <cmath>
#include <vector>

#include "exec_testing.h"
#include "kernel_testing.h"

using namespace surgery;
using namespace exec_testing;
using kernel_testing::Case;
using kernel_testing::Refusal;

namespace {

// Expected values: the reference implementation of onnx 1.23 (spectra), ONNX Runtime 1.31 (losses).
constexpr Case kCases[] = {
    {"DFT of length 1", 20, "float[1, 1, 2] x = {-0.17, 0.44}", "y = DFT (x)", "float[1, 1, 2] e = {-0.17, 0.44}",
     1e-6},
    {"DFT of length 3", 20, "float[1, 3, 2] x = {0.1, 0.42, -0.42, 0.02, 0.79, 0.79}", "y = DFT (x)",
     "float[1, 3, 2] e = {0.47000003, 1.23, -0.7518396, 1.0628908, 0.58183956, -1.0328908}", 1e-6},
    {"DFT of length 5", 20, "float[1, 5, 2] x = {-0.56, 0.74, -0.59, 0.84, -0.02, 0.22, 0.53, 0.04, -0.41, -0.62}",
     "y = DFT (x)",
     "float[1, 5, 2] e = {-1.05, 1.22, 0.2127282, 1.0921113, 1.0935919, 0.225081, -0.28036067, 1.0596404, "
     "-2.7759595, 0.103167295}",
     1e-6},
    {"DFT of length 6", 20,
     "float[1, 6, 2] x = {0.79, -0.34, 0.64, -0.92, -0.78, 0.19, 0.06, -0.16, -0.33, 0.25, -0.12, 0.47}", "y = DFT (x)",
     "float[1, 6, 2] e = {0.26000002, -0.51, 0.28926316, -0.8934679, -0.0068137804, -1.5428907, -0.9, "
     "0.71000004, 2.2968137, 0.5528907, 2.800737, -0.35653213}",
     1e-6},
    {"DFT of length 7", 20,
     "float[1, 7, 2] x = {-0.85, 0.56, -0.12, 0.45, 0.96, 0.08, 0, -0.86, -0.46, -0, 0.36, 0.61, -0.24, -0.87}",
     "y = DFT (x)",
     "float[1, 7, 2] e = {-0.35000002, -0.030000016, -0.81157255, 0.041065056, -0.05673839, -0.0014296008, "
     "0.5483741, 1.5285488, 0.25105572, 1.591417, -4.435215, -1.0073923, -1.095904, 1.7977911}",
     1e-6},
    {"DFT of length 8", 20,
     "float[1, 8, 2] x = {0.75, 0.94, 0.74, 0.06, -0.53, -0.98, -0.14, -0.2, 0.05, -0.04, 0.11, 0.09, 0.52, "
     "0.42, 0.24, -0.15}",
     "y = DFT (x)",
     "float[1, 8, 2] e = {1.74, 0.13999996, -0.042390697, 1.8673654, 1.31, 0.71000004, 1.3292536, -0.2609188, "
     "-0.16, 0.53999996, -1.3576093, 2.1926346, 0.30999997, 2.21, 2.8707464, 0.12091888}",
     1e-6},
    {"DFT of length 12", 20,
     "float[1, 12, 2] x = {-0.69, 0.48, -0.47, 0.07, -0.97, 0.84, 0.8, -0.93, 0.91, -0.73, -0.43, 0.21, 0.89, "
     "0.71, -1, 0.04, 0.1, -0.03, 0.54, -0.68, 0.53, -0.96, -0.73, -0.77}",
     "y = DFT (x)",
     "float[1, 12, 2] e = {-0.52000004, -1.75, -0.8981863, -0.8101666, 0.0053004515, 5.2839866, 1.1300001, "
     "-1.44, 0.9851736, -1.4870509, -3.2018137, -0.3598334, 2.06, 2.37, -1.806558, 2.1852815, 4.1548266, "
     "1.9770508, -1.3899999, -0.29999998, -5.4853005, 0.74601346, -3.313442, -0.6552816}",
     1e-6},
    {"DFT cut short", 20, "float[1, 5, 1] x = {-0.17, 0.44, -1, -0.4, -0.71}, int64 l = {3}", "y = DFT (x, l)",
     "float[1, 3, 2] e = {-0.73, 0, 0.11, -1.2470766, 0.11, 1.2470766}", 1e-6},
    {"DFT filled with zeros, one side", 20, "float[1, 3, 1] x = {-0.17, 0.44, -1}, int64 l = {5}",
     "y = DFT <onesided = 1> (x, l)", "float[1, 3, 2] e = {-0.73, 0, 0.7749845, 0.16932039, -0.8349845, -1.209682}",
     1e-6},
    {"DFT over the first axis, backwards", 17,
     "float[3, 2, 2] x = {-0.17, 0.44, -1, -0.4, -0.71, -0.82, -0.63, -0.31, -0.21, 0.08, -0.16, 0.37}",
     "y = DFT <axis = 0, inverse = 1> (x)",
     "float[3, 2, 2] e = {-0.3633333, -0.10000001, -0.5966667, -0.11333334, 0.35647425, 0.12566245, "
     "-0.005367577, -0.27901065, -0.16314095, 0.41433758, -0.39796576, -0.007656028}",
     1e-6},
    {"DFT from half a spectrum of odd length", 20,
     "float[1, 3, 2] x = {-0.17, 0.44, -1, -0.4, -0.71, -0.82}, int64 l = {5}",
     "y = DFT <onesided = 1, inverse = 1> (x, l)",
     "float[1, 5, 1] e = {-0.71800005, 0.4171166, -0.016054917, 0.41974688, -0.2728086}", 1e-6},
    {"STFT of a complex signal", 17,
     "float[1, 6, 2] x = {-0.13, -0.95, 0.1, -0.13, -0.16, -0.34, -0.59, 0.24, -0.4, -0.47, 0.24, 0.06}, "
     "int64 s = {2}, float[3] w = {0.1, 0.42, -0.42}",
     "y = STFT <onesided = 0> (x, s, w)",
     "float[1, 2, 3, 2] e = {0.0962, -0.006799992, -0.23855342, -0.11727616, 0.10335342, -0.16092384, "
     "-0.09579998, 0.26419997, -0.05975806, 0.17699336, 0.10755804, -0.54319334}",
     1e-6},
    {"HannWindow of integers", 17, "int64 n = {4}", "y = HannWindow <output_datatype = 7> (n)",
     "int64[4] e = {0, 0, 1, 0}"},
    {"a symmetric BlackmanWindow of doubles", 17, "int32 n = {5}",
     "y = BlackmanWindow <periodic = 0, output_datatype = 11> (n)",
     "double[5] e = {0, 0.33999999999999997, 1, 0.3400000000000001, 0}", 1e-12},
    {"MelWeightMatrix", 17, "int64 a = {3}, int64 b = {8}, int64 c = {8000}, float d = {10}, float e_ = {3000}",
     "y = MelWeightMatrix (a, b, c, d, e_)", "float[5, 3] e = {1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}", 1e-6},
    {"a mean without the ignored labels", 13,
     "float[2, 3, 2] x = {0.93, 0.09, 0.95, 0.43, 0.4, -0.57, 0.95, -0.99, -0.49, -0.13, 0.56, -0.6}, "
     "int64[2, 2] l = {0, 2, -1, 1}",
     "y = NegativeLogLikelihoodLoss <ignore_index = -1> (x, l)", "float e = {-0.076666676}", 1e-6},
    {"a weighted mean without the ignored labels", 13,
     "float[2, 3, 2] x = {0.93, 0.09, 0.95, 0.43, 0.4, -0.57, 0.95, -0.99, -0.49, -0.13, 0.56, -0.6}, "
     "int64[2, 2] l = {0, 2, -1, 1}, float[3] w = {0.5, 2, 3}",
     "y = NegativeLogLikelihoodLoss <ignore_index = -1> (x, l, w)", "float e = {0.27363637}", 1e-6},
    {"the log-probabilities of a cross entropy", 13,
     "float[2, 3] x = {46.7, 4.72, 47.27, 21.48, 19.77, -28.39}, int32[2] l = {0, 2}",
     "o, y = SoftmaxCrossEntropyLoss (x, l)",
     "float[2, 3] e = {-1.0182213, -42.998222, -0.44822156, -0.16624807, -1.8762472, -50.036247}", 1e-6},
};

constexpr Refusal kRefusals[] = {
    {"the axis of the parts", 20, "float[1, 3, 1] x = fill(1), int64 a = {-1}", "y = DFT (x, , a)",
     "node of output 'y' (DFT): axis -1 is that of the complex parts"},
    {"three parts", 20, "float[1, 1, 3] x = fill(1)", "y = DFT (x)",
     "node of output 'y' (DFT): input 0 has shape [1, 1, 3], expected 1 or 2 as the last dim"},
    {"half a spectrum of a complex signal", 20, "float[1, 3, 2] x = fill(1)", "y = DFT <onesided = 1> (x)",
     "node of output 'y' (DFT): a onesided transform needs a real input"},
    {"a length of 0", 20, "float[1, 3, 1] x = fill(1), int64 l = {0}", "y = DFT (x, l)",
     "node of output 'y' (DFT): the length of the transform is 0, expected 1 to 536870912"},
    {"a step of 0", 17, "float[1, 3, 1] x = fill(1), int64 s = {0}", "y = STFT (x, s)",
     "node of output 'y' (STFT): frame_step is 0, expected at least 1"},
    {"a frame longer than the signal", 17, "float[1, 3, 1] x = fill(1), int64 s = {1}, int64 l = {4}",
     "y = STFT (x, s, , l)", "node of output 'y' (STFT): frames of 4 do not fit in a signal of 3"},
    {"a window of another length", 17, "float[1, 3, 1] x = fill(1), int64 s = {1}, float[2] w = fill(1), int64 l = {3}",
     "y = STFT (x, s, w, l)", "node of output 'y' (STFT): input 2 has shape [2], expected [3]"},
    {"a negative size", 17, "int64 n = {-1}", "y = HannWindow (n)",
     "node of output 'y' (HannWindow): size is no single number of at least 0"},
    {"frequencies over the spectrum", 17, "int64 a = {2}, int64 b = {4}, int64 c = {8}, float d = {0}, float h = {100}",
     "y = MelWeightMatrix (a, b, c, d, h)",
     "node of output 'y' (MelWeightMatrix): frequencies of 0.000000 to 100.000000 Hz lie outside of the spectrum"},
    {"a label that is no class", 13, "float[1, 2] x = {1, 2}, int64[1] l = {2}", "y = SoftmaxCrossEntropyLoss (x, l)",
     "node of output 'y' (SoftmaxCrossEntropyLoss): label 2 lies outside of the 2 classes"},
    {"another reduction", 13, "float[1, 2] x = {1, 2}, int64[1] l = {1}",
     "y = NegativeLogLikelihoodLoss <reduction = \"max\"> (x, l)",
     "node of output 'y' (NegativeLogLikelihoodLoss): attribute 'reduction' is 'max', expected 'none', 'sum' or "
     "'mean'"},
    {"weights of other classes", 13, "float[1, 2] x = {1, 2}, int64[1] l = {1}, float[1] w = {1}",
     "y = NegativeLogLikelihoodLoss (x, l, w)",
     "node of output 'y' (NegativeLogLikelihoodLoss): input 2 has shape [1], expected [2]"},
};

}  // namespace

TEST_CASE("spectra, windows and losses give what others give") {
  for (const Case& row : kCases) kernel_testing::check(row);
}

TEST_CASE("an inverse DFT undoes a DFT at every length, powers, products and primes") {
  for (int64_t length = 1; length <= 130; ++length) {
    CAPTURE(length);
    std::vector<double> signal;
    for (int64_t i = 0; i < 2 * length; ++i) signal.push_back(static_cast<double>((i * 37 + 11) % 41 - 20) / 20);
    std::vector<Attribute> inverse;
    inverse.emplace_back("inverse", int64_t{1});
    const Tensor spectrum = run(*one_node("DFT", {floats({1, length, 2}, signal)}, {}, 20))[0];
    const std::vector<double> back = values_of(run(*one_node("DFT", {spectrum}, std::move(inverse), 20))[0]);
    double worst = 0;
    for (size_t i = 0; i < signal.size(); ++i) worst = std::max(worst, std::abs(back[i] - signal[i]));
    CHECK(worst < 1e-6);  // floats: about 10 units in the last place of the largest
  }
}

TEST_CASE("spectra, windows and losses refuse what does not fit") {
  for (const Refusal& row : kRefusals) kernel_testing::check(row);
}
