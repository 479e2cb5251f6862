// Arithmetic of the simulation: integers only, so that every machine works out the same figures.
//
// Money is whole cents. A ratio (a margin, a growth factor, a weight) is a Ratio: a whole number of
// billionths.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "base/decimal.hpp"

namespace tc::simulation {

using Cents = std::int64_t;
using Ratio = std::int64_t;
inline constexpr Ratio kOne = 1'000'000'000;

// a × b ÷ c, rounded to the nearest, half away from zero. REQUIRES c > 0 and a result within 63
// bits.
constexpr std::int64_t mul_div(std::int64_t a, std::int64_t b, std::int64_t c) {
  std::int64_t small = 0;
  if (!__builtin_mul_overflow(a, b, &small) && small < INT64_MAX / 2 && small > INT64_MIN / 2 &&
      c < INT64_MAX / 2) {  // the same, faster
    return (small >= 0 ? small + c / 2 : small - c / 2) / c;
  }
  const int128 product = static_cast<int128>(a) * b;
  const int128 half = c / 2;
  return static_cast<std::int64_t>((product >= 0 ? product + half : product - half) / c);
}
constexpr std::int64_t times(std::int64_t value, Ratio ratio) {
  return mul_div(value, ratio, kOne);
}

// The monthly factor of a yearly growth: (1 + yearly)^(1/12), rounded down.
Ratio monthly_factor(Ratio yearly);

// 100^(k/1024) in ten-thousandths, k = 0 … 1023: sizes that are spread evenly over two orders of
// magnitude, whose first digits therefore follow Benford's law.
std::int64_t log_size(std::uint64_t fraction);  // fraction of 2^64

// Shares of a whole: part i is what the first i + 1 weights come to, less what the first i came to,
// each rounded. So parts sum up to the whole exactly, and none is off by a whole unit.
//
// Example: 100 over weights 1, 1, 1 gives 33, 34, 33.
class Shares {
 public:
  // REQUIRES weights >= 0 with the sum `weight`; of 0, everything is 0.
  Shares(std::int64_t whole, std::int64_t weight) : whole_(whole), weight_(weight) {}
  std::int64_t next(std::int64_t weight) {
    if (weight_ == 0) return 0;
    passed_ += weight;
    const std::int64_t reached = mul_div(whole_, passed_, weight_);
    const std::int64_t part = reached - given_;
    given_ = reached;
    return part;
  }

 private:
  std::int64_t whole_;
  std::int64_t weight_;
  std::int64_t passed_ = 0;
  std::int64_t given_ = 0;
};

std::int64_t sum_of(std::span<const std::int64_t> values);

}  // namespace tc::simulation
