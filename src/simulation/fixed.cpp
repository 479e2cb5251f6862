#include "simulation/fixed.hpp"

#include <numeric>

#include "simulation/random.hpp"

namespace tc::simulation {
namespace {

// Working precision of roots: 2^-48.
constexpr int kShift = 48;
constexpr std::uint64_t kUnit = std::uint64_t{1} << kShift;

constexpr std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<uint128>(a) * b) >> kShift);
}

constexpr std::uint64_t power(std::uint64_t base, int exponent) {
  std::uint64_t result = kUnit;
  for (int i = 0; i < exponent; ++i) result = multiply(result, base);
  return result;
}

// The largest x of [0, upper) with x^n <= value, by bisection.
constexpr std::uint64_t root(std::uint64_t value, int n, std::uint64_t upper) {
  std::uint64_t low = 0;
  while (upper - low > 1) {
    const std::uint64_t middle = low + (upper - low) / 2;
    (power(middle, n) <= value ? low : upper) = middle;
  }
  return low;
}

constexpr int kSteps = 1024;

constexpr std::array<std::int64_t, kSteps> log_sizes() {
  // 100^(1/1024) by ten square roots.
  std::uint64_t step = 100 * kUnit;
  for (int i = 0; i < 10; ++i) step = root(step, 2, 11 * kUnit);
  std::array<std::int64_t, kSteps> sizes{};
  std::uint64_t size = kUnit;
  for (std::int64_t& entry : sizes) {
    entry = static_cast<std::int64_t>((static_cast<uint128>(size) * 10'000) >> kShift);
    size = multiply(size, step);
  }
  return sizes;
}

constexpr std::array<std::int64_t, kSteps> kLogSizes = log_sizes();
static_assert(kLogSizes[0] == 10'000);

}  // namespace

Ratio monthly_factor(Ratio yearly) {
  const auto value = static_cast<std::uint64_t>(
      (static_cast<uint128>(static_cast<std::uint64_t>(kOne + yearly)) << kShift) /
      static_cast<std::uint64_t>(kOne));
  const std::uint64_t factor = root(value, 12, 2 * kUnit);
  return static_cast<Ratio>((static_cast<uint128>(factor) * kOne) >> kShift);
}

std::int64_t log_size(std::uint64_t fraction) {
  return kLogSizes[static_cast<std::size_t>(fraction >> 54)];
}

std::int64_t sum_of(std::span<const std::int64_t> values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

}  // namespace tc::simulation
