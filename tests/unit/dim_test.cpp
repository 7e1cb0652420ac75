#include "surgery/dim.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace surgery {
namespace {

const Dim kN = Dim::symbol("N");
const Dim kC = Dim::symbol("C");
const Dim kH = Dim::symbol("H");
const Dim kW = Dim::symbol("W");

Dim conv_out(const Dim& in, int64_t kernel, int64_t stride, int64_t pads) {
  return floor_div(in + Dim(pads - kernel), stride) + 1;
}

TEST_CASE("Dim: equal expressions compare equal however they were written") {
  struct Case {
    std::string_view name;
    Dim a;
    Dim b;
  };
  const Case cases[] = {
      {"sums commute", kN + kC + 1, 1 + kC + kN},
      {"products distribute", (kN + 1) * (kN - 1), kN * kN - 1},
      {"terms cancel", kN + kC - kN, kC},
      {"zero times a symbol", kN * 0, 0},
      {"floor of a multiple", floor_div(2 * kN, 2), kN},
      {"floor takes whole parts out", floor_div(4 * kN + kC + 7, 4), kN + 1 + floor_div(kC + 3, 4)},
      {"floor of negatives", floor_div(kH - 1, 2) + 1, floor_div(kH + 1, 2)},
      {"common factors", floor_div(2 * kN + 1, 4), floor_div(kN, 2)},
      {"nested floors", floor_div(floor_div(kN, 2), 3), floor_div(kN, 6)},
      {"nested floors with a sum", floor_div(floor_div(kN + 1, 2) + 1, 2), floor_div(kN + 3, 4)},
      {"negative divisors", floor_div(kN, -2), floor_div(0 - kN, 2)},
      {"ceil is a floor", ceil_div(kN, 2), floor_div(kN + 1, 2)},
      {"ceil of a multiple", ceil_div(6 * kN, 3), 2 * kN},
      {"symbolic divisors cancel", floor_div(kN * kC, kN * kH), floor_div(kC, kH)},
      {"symbolic divisors divide", floor_div(kN * kC + kC, kN + 1), kC},
      {"whole parts over a symbol", floor_div(kN * kC + 3, kN), kC + floor_div(3, kN)},
      {"two convolutions against one formula", conv_out(conv_out(kH, 3, 2, 2), 3, 2, 2), floor_div(kH + 3, 4)},
      {"a convolution that keeps the size", conv_out(kH, 3, 1, 2), kH},
      {"min and max make the sum", min(kN, 5) + max(kN, 5), kN + 5},
      {"min commutes", min(kN, kC), min(kC, kN)},
      {"max commutes", max(2 * kN, kC + 1), max(kC + 1, 2 * kN)},
      {"max of a non-negative and 0", max(kN, 0), kN},
      {"min of a non-negative and 0", min(kN, 0), 0},
      {"max against a smaller one", max(kN + 3, kN), kN + 3},
      {"min through a floor", min(floor_div(kN, 2), kN), floor_div(kN, 2)},
      {"two halves of a split", min(kN, 1) + max(kN - 1, 0), kN},
      {"a minimum is not negative", max(min(kN, 256), 0), min(kN, 256)},
      {"max of a minimum and its bound", max(min(kN, 256), 300), 300},
      {"min of a sum of both", min(kN + 1, min(kN, 4)), min(kN, 4)},
      {"common factors leave max", max(2 * kN - 2, 0), 2 * max(kN - 1, 0)},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CAPTURE(c.a.to_string());
    CAPTURE(c.b.to_string());
    CHECK(c.a == c.b);
    CHECK_FALSE(proven_different(c.a, c.b));
  }
}

TEST_CASE("Dim: what is not equal is not called equal, and what differs for every symbol is proven different") {
  CHECK_FALSE(kN == kC);
  CHECK_FALSE(proven_different(kN, kC));
  CHECK_FALSE(proven_different(kN, 3));
  CHECK_FALSE(proven_different(floor_div(kN, 2), floor_div(kN + 1, 2)));
  CHECK(proven_different(kN, kN + 1));
  CHECK(proven_different(kN, -1));
  CHECK(proven_different(kN * kC + 2, 1));
  CHECK(proven_different(floor_div(kN, 2), kN + 1));
  CHECK(proven_different(3, 4));
  CHECK_FALSE(proven_different(3, 3));
}

TEST_CASE("Dim: an unknown equals nothing, and arithmetic keeps it") {
  const Dim unknown;
  CHECK_FALSE(unknown == unknown);
  CHECK_FALSE(proven_different(unknown, 3));
  for (const Dim& dim : {unknown + 1, 1 - unknown, unknown * 0, floor_div(unknown, 2), floor_div(2, unknown),
                         ceil_div(unknown, 2), min(unknown, 1), max(1, unknown)}) {
    CHECK(dim.is_unknown());
  }
  CHECK_FALSE(exact_div(unknown, 2));
  CHECK(unknown.to_string() == "?");
}

TEST_CASE("Dim: overflow and division by zero give unknown") {
  const Dim big = INT64_MAX;
  const Dim small = INT64_MIN;
  for (const Dim& dim : {big + 1, small - 1, big * 2, small * -1, floor_div(small, -1), floor_div(kN, 0),
                         floor_div(3, 0), big * kN * 2, (kN + big) + 1, small * kN * -1}) {
    CHECK(dim.is_unknown());
  }
  CHECK_FALSE(exact_div(small, -1));
  CHECK_FALSE(exact_div(kN, 0));
  CHECK(floor_div(small, 1) == small);
  CHECK(floor_div(small * kN, INT64_MAX) == floor_div((INT64_MAX - 1) * kN, INT64_MAX) - 2 * kN);
}

TEST_CASE("Dim: long and deep expressions become unknown instead of growing without end") {
  Dim sum = 0;
  for (int i = 0; i < 64; ++i) sum = sum + Dim::symbol("s" + std::to_string(i));
  CHECK(sum.is_symbolic());
  CHECK((sum + Dim::symbol("t")).is_unknown());
  CHECK((sum * sum).is_unknown());
  Dim deep = kN;
  for (int i = 0; i < 2000; ++i) deep = floor_div(kN * deep + 1, kC + 2);
  CHECK(deep.is_unknown());
  Dim power = kN;
  for (int i = 0; i < 20; ++i) power = power * power;
  CHECK(power.is_unknown());
}

TEST_CASE("Dim: exact division succeeds only where the form shows it") {
  struct Case {
    Dim a;
    Dim b;
    std::string_view quotient;  // "" for none
  };
  const Case cases[] = {
      {6 * kN, 3, "2*N"},
      {kN * kC, kN, "C"},
      {12, 4, "3"},
      {INT64_MIN, 2, "-4611686018427387904"},
      {2 * kN * kC + 4 * kC, kN + 2, "2*C"},
      {kN * kH * kW * 64, kH * kW, "64*N"},
      {0, kN, "0"},
      {7 * kN, 2, ""},
      {13, 4, ""},
      {INT64_MIN, 3, ""},
      {kN, kC, ""},
      {kN + 1, kN, ""},
      {floor_div(kN, 2), 2, ""},
      {3, kN, ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.a.to_string());
    CAPTURE(c.b.to_string());
    const std::optional<Dim> quotient = exact_div(c.a, c.b);
    CHECK((quotient ? quotient->to_string() : "") == c.quotient);
  }
}

TEST_CASE("Dim: to_string reads as a formula") {
  struct Case {
    Dim dim;
    std::string_view text;
  };
  const Case cases[] = {
      {8, "8"},
      {-3, "-3"},
      {kN, "N"},
      {2 * kN + 1, "2*N + 1"},
      {0 - kN, "-N"},
      {kN * kC - 2 * kH, "C*N - 2*H"},
      {floor_div(kH - 1, 2) + 1, "floor((H + 1)/2)"},
      {floor_div(kN, 2), "floor(N/2)"},
      {floor_div(kN, kC), "floor(N/C)"},
      {floor_div(kN, kC + 1), "floor(N/(C + 1))"},
      {max(kN - 1, 0), "max(N - 1, 0)"},
      {max(kN, 1), "max(N, 1)"},
      {min(kN, 512), "min(N, 512)"},
      {3 * min(kN, 2) + kC, "C + 3*N - 3*max(0, N - 2)"},
  };
  for (const Case& c : cases) CHECK(c.dim.to_string() == c.text);
  CHECK(to_string(Shape{kN, 3, 224, Dim()}) == "[N, 3, 224, ?]");
  CHECK(to_string(Shape{}) == "[]");
}

TEST_CASE("Dim: evaluate agrees with the arithmetic on integers") {
  const Dim dims[] = {conv_out(conv_out(kH, 7, 2, 6), 3, 2, 2),
                      floor_div(3 * kH - 5, 4) * kW + ceil_div(kW, 3),
                      min(kH, kW) * max(kH - 3, 2),
                      floor_div(kH * kW - 7, kW + 1),
                      floor_div(0 - 3 * kH + kW, 6),
                      floor_div(floor_div(kH, 3) - kW, 5)};
  const auto integers = [](const Dim& h, const Dim& w) {
    return std::vector<Dim>{conv_out(conv_out(h, 7, 2, 6), 3, 2, 2),
                            floor_div(3 * h - 5, 4) * w + ceil_div(w, 3),
                            min(h, w) * max(h - 3, 2),
                            floor_div(h * w - 7, w + 1),
                            floor_div(0 - 3 * h + w, 6),
                            floor_div(floor_div(h, 3) - w, 5)};
  };
  for (int64_t h = 0; h < 30; ++h) {
    for (int64_t w = 0; w < 30; ++w) {
      const std::vector<Dim> expected = integers(h, w);
      for (size_t i = 0; i < std::size(dims); ++i) {
        CAPTURE(dims[i].to_string());
        CHECK(dims[i].evaluate({{"H", h}, {"W", w}}) == expected[i].value());
        CHECK(dims[i].substitute({{"H", Dim(h)}}).substitute({{"W", Dim(w)}}) == expected[i]);
      }
    }
  }
}

TEST_CASE("Dim: evaluate gives nothing for a missing symbol, a division by zero or an overflow") {
  CHECK_FALSE((kN + 1).evaluate({}));
  CHECK_FALSE(Dim().evaluate({}));
  CHECK_FALSE(floor_div(1, kN).evaluate({{"N", 0}}));
  CHECK_FALSE((kN * kN).evaluate({{"N", INT64_MAX}}));
  CHECK((kN * kN).evaluate({{"N", 3}}) == 9);
  CHECK(Dim(5).evaluate({}) == 5);
}

TEST_CASE("Dim: substitute puts dims in place of symbols and keeps the normal form") {
  const Dim half = floor_div(kH + 1, 2);
  CHECK(half.substitute({{"H", 2 * kN}}) == kN);
  CHECK(half.substitute({{"H", 7}}).is(4));
  CHECK(half.substitute({{"X", 7}}) == half);
  CHECK((kN * kC).substitute({{"N", kC}, {"C", kN}}) == kN * kC);
  CHECK((kN + 1).substitute({{"N", Dim()}}).is_unknown());
  CHECK(floor_div(1, kN).substitute({{"N", 0}}).is_unknown());
}

TEST_CASE("Dim: kinds, symbols and signs") {
  CHECK(Dim(3).is_known());
  CHECK(Dim(3).is(3));
  CHECK_FALSE(kN.is(3));
  CHECK(kN.is_symbolic());
  CHECK(kN.is_plain_symbol());
  CHECK_FALSE((2 * kN).is_plain_symbol());
  CHECK_FALSE((kN * kN).is_plain_symbol());
  CHECK((kN - kN).is(0));
  CHECK(floor_div(kN * kC, kH + 1).symbols() == std::set<std::string>{"C", "H", "N"});
  CHECK(kN.is_non_negative());
  CHECK((kN - floor_div(kN, 2)).is_non_negative());
  CHECK_FALSE((kN - 1).is_non_negative());
  CHECK_FALSE(Dim().is_non_negative());
}

TEST_CASE("Dim: shapes of integers, symbols and unknowns") {
  CHECK(is_static({2, 3}));
  CHECK_FALSE(is_static({2, kN}));
  CHECK(static_dims({2, 3}) == std::vector<int64_t>{2, 3});
  CHECK_FALSE(static_dims({2, Dim()}));
  CHECK(num_elements({2, kN, 3}) == 6 * kN);
  CHECK(num_elements({}).is(1));
  CHECK(num_elements({Dim(), 0}).is(0));
  CHECK(num_elements({Dim(), 2}).is_unknown());
  CHECK(num_elements({INT64_MAX, 2}).is_unknown());
}

}  // namespace
}  // namespace surgery
