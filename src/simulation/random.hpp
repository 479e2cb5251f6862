// Chance without a state: a draw depends on what it is for, never on how many draws came before.
//
// draw(key, stream, entity, period, ordinal) is a hash of its arguments. So any month can be told
// without those before it, and something new (a beat, another kind of event) draws from numbers of
// its own and leaves all others as they were.
#pragma once
#include <cstdint>
#include <string_view>

namespace tc::simulation {

// NOLINTNEXTLINE(modernize-use-using): see base/decimal.hpp
__extension__ typedef unsigned __int128 uint128;

// One for each thing that is drawn. The values are part of what a simulation gives: never change
// them.
enum class Stream : std::uint64_t {
  Month = 1,
  Region = 2,
  Product = 3,
  Customer = 4,
  Sale = 5,
  Hire = 6,
  Exit = 7,
  Raise = 8,
  Expense = 9,
  Depreciation = 10,
  Capex = 11,
  Purchase = 12,
  Tax = 13,
  Cash = 14,
  Interest = 15,
  Supplier = 16,
  Beat = 17,
};

// The finaliser of SplitMix64 (Steele, Lea and Flood 2014; constants by Stafford): every bit of x
// moves every bit of the result with a chance of about a half.
constexpr std::uint64_t scramble(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9;
  x ^= x >> 27;
  x *= 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Folds another word into a hash. The odd constant is 2^64 ÷ the golden ratio.
constexpr std::uint64_t fold(std::uint64_t hash, std::uint64_t word) {
  return scramble((hash ^ word) + 0x9e3779b97f4a7c15);
}

constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return scramble(hash);
}

// REQUIRES a key that is well mixed itself, as Configuration::key() is.
constexpr std::uint64_t draw(std::uint64_t key, Stream stream, std::uint64_t entity,
                             std::int64_t period, std::uint64_t ordinal = 0) {
  std::uint64_t hash = fold(key, static_cast<std::uint64_t>(stream));
  hash = fold(hash, entity);
  hash = fold(hash, static_cast<std::uint64_t>(period));
  return fold(hash, ordinal);
}

// 0 … limit - 1, as evenly as 64 bits allow.
constexpr std::uint64_t below(std::uint64_t fraction, std::uint64_t limit) {
  return static_cast<std::uint64_t>((static_cast<uint128>(fraction) * limit) >> 64);
}

// -limit … limit.
constexpr std::int64_t around_zero(std::uint64_t fraction, std::int64_t limit) {
  return static_cast<std::int64_t>(below(fraction, 2 * static_cast<std::uint64_t>(limit) + 1)) -
         limit;
}

// Point `ordinal` of a sequence that fills three dimensions evenly, as a fraction of 2^64
// (Kronecker's sequence; its steps are the fractions of the golden ratio and of the roots of 3 and
// 7). Any stretch of it has sizes, products and customers in their right shares, far closer than
// chance has them; and no two of them go together.
constexpr std::uint64_t spread(std::uint64_t start, std::uint64_t ordinal, unsigned dimension) {
  constexpr std::uint64_t kSteps[3] = {0x9e3779b97f4a7c15, 0xbb67ae8584caa73b, 0xa54ff53a5f1d36f1};
  return start + ordinal * kSteps[dimension];
}

}  // namespace tc::simulation
