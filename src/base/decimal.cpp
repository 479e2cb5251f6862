#include "base/decimal.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace tc {
namespace {

// NOLINTNEXTLINE(modernize-use-using)
__extension__ typedef unsigned __int128 uint128;

constexpr int kMaxDigits = 38;
constexpr int kMaxScale = 38;
constexpr int kAmountWholeDigits = 16;
constexpr int kMaxShortDigits = 18;  // as many as always fit an int64

constexpr std::array<uint128, kMaxDigits + 1> kPowersOfTen = [] {
  std::array<uint128, kMaxDigits + 1> powers{};
  uint128 power = 1;
  for (auto& entry : powers) {
    entry = power;
    power *= 10;  // the last product wraps and is not kept
  }
  return powers;
}();

constexpr uint128 power_of_ten(int exponent) {
  return kPowersOfTen[static_cast<std::size_t>(exponent)];
}

constexpr uint128 magnitude(int128 value) {
  return value < 0 ? uint128{0} - static_cast<uint128>(value) : static_cast<uint128>(value);
}

constexpr int128 with_sign(uint128 value, bool negative) {
  return negative ? -static_cast<int128>(value) : static_cast<int128>(value);
}

constexpr bool fits_int64(int128 value) {
  return value >= std::numeric_limits<std::int64_t>::min() &&
         value <= std::numeric_limits<std::int64_t>::max();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// An unsigned number of 256 bits: what the product of two decimals, or a decimal brought to another
// scale, may need before it is compared or normalised.
struct Wide {
  uint128 high = 0;
  uint128 low = 0;
};

bool is_less(const Wide& a, const Wide& b) {
  return a.high != b.high ? a.high < b.high : a.low < b.low;
}

Wide wide_product(uint128 a, uint128 b) {
  constexpr uint128 kLowHalf = ~std::uint64_t{0};
  const uint128 a_low = a & kLowHalf;
  const uint128 a_high = a >> 64;
  const uint128 b_low = b & kLowHalf;
  const uint128 b_high = b >> 64;
  const uint128 low = a_low * b_low;
  const uint128 cross = a_high * b_low + (low >> 64);  // cannot wrap: (2^64-1)^2 + 2^64-1 < 2^128
  const uint128 other_cross = a_low * b_high + (cross & kLowHalf);
  return {a_high * b_high + (cross >> 64) + (other_cross >> 64),
          (other_cross << 64) | (low & kLowHalf)};
}

Wide sum(const Wide& a, const Wide& b) {
  const uint128 low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1U : 0U), low};
}

Wide difference(const Wide& larger, const Wide& smaller) {
  return {larger.high - smaller.high - (larger.low < smaller.low ? 1U : 0U),
          larger.low - smaller.low};
}

// Divides in place, returns the remainder.
unsigned divide_by_ten(Wide& value) {
  std::array<std::uint64_t, 4> limbs = {
      static_cast<std::uint64_t>(value.high >> 64), static_cast<std::uint64_t>(value.high),
      static_cast<std::uint64_t>(value.low >> 64), static_cast<std::uint64_t>(value.low)};
  uint128 remainder = 0;
  for (auto& limb : limbs) {
    const uint128 part = (remainder << 64) | limb;
    limb = static_cast<std::uint64_t>(part / 10);
    remainder = part % 10;
  }
  value.high = (uint128{limbs[0]} << 64) | limbs[1];
  value.low = (uint128{limbs[2]} << 64) | limbs[3];
  return static_cast<unsigned>(remainder);
}

Decimal normalised(std::uint64_t digits, bool negative, int scale) {
  while (scale > 0 && digits % 10 == 0) {
    digits /= 10;
    --scale;
  }
  return {with_sign(digits, negative), digits == 0 ? 0 : scale};
}

std::optional<Decimal> normalised(Wide digits, bool negative, int scale) {
  while (scale > 0) {
    Wide shorter = digits;
    if (divide_by_ten(shorter) != 0) break;
    digits = shorter;
    --scale;
  }
  if (digits.high != 0 || digits.low >= power_of_ten(kMaxDigits) || scale > kMaxScale) {
    return std::nullopt;
  }
  return Decimal{with_sign(digits.low, negative), digits.low == 0 ? 0 : scale};
}

// A number in JSON's grammar, split into its parts.
struct Parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::int64_t exponent = 0;  // clamped to what matters
};

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Parts> split(std::string_view text) {
  constexpr std::int64_t kFarAway = std::int64_t{1} << 40;  // beyond any text's number of digits
  Parts parts;
  parts.negative = take(text, '-');
  parts.whole = take_digits(text);
  if (parts.whole.empty() || (parts.whole.size() > 1 && parts.whole.front() == '0')) {
    return std::nullopt;
  }
  if (take(text, '.')) {
    parts.fraction = take_digits(text);
    if (parts.fraction.empty()) return std::nullopt;
  }
  if (take(text, 'e') || take(text, 'E')) {
    const bool negative = take(text, '-');
    if (!negative) take(text, '+');
    const std::string_view digits = take_digits(text);
    if (digits.empty()) return std::nullopt;
    for (const char digit : digits) {
      parts.exponent = std::min(parts.exponent * 10 + (digit - '0'), kFarAway);
    }
    if (negative) parts.exponent = -parts.exponent;
  }
  if (!text.empty()) return std::nullopt;
  return parts;
}

// The significant digits, without leading and trailing zeros, as they come along.
struct Significant {
  uint128 value = 0;
  int count = 0;
  std::int64_t zeros_after = 0;  // seen behind the last digit that is not zero

  bool append(std::string_view digits) {
    for (const char c : digits) {
      if (c == '0') {
        if (value != 0) ++zeros_after;
        continue;
      }
      const std::int64_t more = value == 0 ? 1 : zeros_after + 1;
      if (count + more > kMaxDigits) return false;
      value = value * power_of_ten(static_cast<int>(more)) + static_cast<unsigned>(c - '0');
      count += static_cast<int>(more);
      zeros_after = 0;
    }
    return true;
  }
};

int clamped_scale(std::int64_t scale) {
  return static_cast<int>(
      std::clamp<std::int64_t>(scale, 0, std::int64_t{std::numeric_limits<int>::max()}));
}

std::optional<Decimal> parse_any(std::string_view text, int* written_scale) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  Significant digits;
  if (!digits.append(parts->whole) || !digits.append(parts->fraction)) return std::nullopt;
  const auto fraction_digits = static_cast<std::int64_t>(parts->fraction.size());
  const std::int64_t exponent = parts->exponent - fraction_digits + digits.zeros_after;
  Decimal number;
  if (digits.value != 0) {
    if (exponent < -kMaxScale || digits.count + exponent > kMaxDigits) return std::nullopt;
    const int shift = static_cast<int>(exponent);
    number.digits = with_sign(digits.value * power_of_ten(std::max(shift, 0)), parts->negative);
    number.scale = std::max(-shift, 0);
  }
  if (written_scale != nullptr) *written_scale = clamped_scale(fraction_digits - parts->exponent);
  return number;
}

std::string digits_to_string(uint128 value) {
  if (value == 0) return "0";
  std::string reversed;
  for (; value != 0; value /= 10) reversed += static_cast<char>('0' + static_cast<int>(value % 10));
  return {reversed.rbegin(), reversed.rend()};
}

std::string plain_notation(int128 digits, int scale) {
  std::string text = digits_to_string(magnitude(digits));
  if (scale > 0) {
    const auto decimals = static_cast<std::size_t>(scale);
    if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
    text.insert(text.size() - decimals, 1, '.');
  }
  return digits < 0 ? "-" + text : text;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text, int* written_scale) {
  // Nearly all numbers are short and plain: they fit an int64 and need one pass.
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  const char* const whole = at;
  std::uint64_t digits = 0;  // may wrap; not used then
  for (; at != end && is_digit(*at); ++at) digits = digits * 10 + static_cast<unsigned>(*at - '0');
  const std::ptrdiff_t whole_digits = at - whole;
  std::ptrdiff_t fraction_digits = 0;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    for (; at != end && is_digit(*at); ++at) {
      digits = digits * 10 + static_cast<unsigned>(*at - '0');
    }
    fraction_digits = at - fraction;
    if (fraction_digits == 0) return std::nullopt;
  }
  if (whole_digits == 0 || (whole_digits > 1 && *whole == '0')) return std::nullopt;
  if (at != end || whole_digits + fraction_digits > kMaxShortDigits) {
    return parse_any(text, written_scale);
  }
  const int scale = static_cast<int>(fraction_digits);
  if (written_scale != nullptr) *written_scale = scale;
  return normalised(digits, negative, scale);
}

std::string to_string(const Decimal& number) { return plain_notation(number.digits, number.scale); }

std::string amount_to_string(Amount amount) { return plain_notation(amount, kAmountScale); }

bool fits_numeric(const Decimal& number, int whole_digits, int decimals) {
  return number.scale <= decimals &&
         magnitude(number.digits) < power_of_ten(std::min(whole_digits + number.scale, kMaxDigits));
}

std::optional<Amount> to_amount(const Decimal& number) {
  static_assert(static_cast<uint128>(kAmountLimit) ==
                power_of_ten(kAmountWholeDigits + kAmountScale));
  if (!fits_numeric(number, kAmountWholeDigits, kAmountScale)) return std::nullopt;
  return number.digits * static_cast<int128>(power_of_ten(kAmountScale - number.scale));
}

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
  const bool negative = (a.digits < 0) != (b.digits < 0);
  const int scale = a.scale + b.scale;
  const uint128 a_digits = magnitude(a.digits);
  const uint128 b_digits = magnitude(b.digits);
  constexpr uint128 kHalf = std::uint64_t{1} << 32;
  if (a_digits < kHalf && b_digits < kHalf && scale <= kMaxScale) {
    return normalised(static_cast<std::uint64_t>(a_digits * b_digits), negative, scale);
  }
  return normalised(wide_product(a_digits, b_digits), negative, scale);
}

int compare(const Decimal& a, const Decimal& b) {
  if (a.scale == b.scale) return a.digits < b.digits ? -1 : (a.digits > b.digits ? 1 : 0);
  if (b.digits == 0) return a.digits < 0 ? -1 : (a.digits > 0 ? 1 : 0);
  if (a.scale > b.scale) return -compare(b, a);
  const int shift = b.scale - a.scale;
  if (fits_int64(a.digits) && shift <= kMaxShortDigits) {
    const int128 raised = a.digits * static_cast<int128>(power_of_ten(shift));
    return raised < b.digits ? -1 : (raised > b.digits ? 1 : 0);
  }
  // a × 10^shift may not fit; b ÷ 10^shift with a remainder always does.
  const auto factor = static_cast<int128>(power_of_ten(shift));
  const int128 quotient = b.digits / factor;
  const int128 remainder = b.digits % factor;
  if (a.digits != quotient) return a.digits < quotient ? -1 : 1;
  return remainder > 0 ? -1 : (remainder < 0 ? 1 : 0);
}

bool is_multiple(const Decimal& a, const Decimal& b) {
  const uint128 value = magnitude(a.digits);
  const uint128 divisor = magnitude(b.digits);
  if (a.scale >= b.scale) {
    const Wide raised = wide_product(divisor, power_of_ten(a.scale - b.scale));
    return value == 0 || (raised.high == 0 && value % raised.low == 0);
  }
  uint128 remainder = value % divisor;  // below 2^127, so that doubling it cannot wrap
  const auto doubled = [&](uint128 part) {
    return part * 2 >= divisor ? part * 2 - divisor : part * 2;
  };
  for (int i = a.scale; i < b.scale && remainder != 0; ++i) {
    const uint128 twice = doubled(remainder);
    const uint128 tenfold = doubled(doubled(twice)) + twice;
    remainder = tenfold >= divisor ? tenfold - divisor : tenfold;
  }
  return remainder == 0;
}

bool agree_to_the_cent(const Decimal& a, const Decimal& b) {
  constexpr int kHalfCentScale = 3;
  const int scale = std::max({a.scale, b.scale, kHalfCentScale});
  constexpr int128 kShort = static_cast<int128>(1) << 60;
  if (scale <= kMaxShortDigits && a.digits < kShort && a.digits > -kShort && b.digits < kShort &&
      b.digits > -kShort) {
    const int128 gap = a.digits * static_cast<int128>(power_of_ten(scale - a.scale)) -
                       b.digits * static_cast<int128>(power_of_ten(scale - b.scale));
    return magnitude(gap) <= 5 * power_of_ten(scale - kHalfCentScale);
  }
  const Wide wide_a = wide_product(magnitude(a.digits), power_of_ten(scale - a.scale));
  const Wide wide_b = wide_product(magnitude(b.digits), power_of_ten(scale - b.scale));
  const bool opposite = (a.digits < 0) != (b.digits < 0);
  const Wide gap = opposite                  ? sum(wide_a, wide_b)
                   : is_less(wide_a, wide_b) ? difference(wide_b, wide_a)
                                             : difference(wide_a, wide_b);
  return !is_less(wide_product(5, power_of_ten(scale - kHalfCentScale)), gap);
}

}  // namespace tc
