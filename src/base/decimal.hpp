// Exact decimal numbers. Money never becomes a double here.
//
// Two types: Decimal is a number as somebody wrote it (its own number of decimals); Amount is a
// number in the product's smallest unit, 1/10,000, which is what the cube stores (numeric(20,4))
// and sums (numeric(38,4)).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tc {

// g++ and clang have it; -Wpedantic wants to be told, which only a typedef can.
// NOLINTNEXTLINE(modernize-use-using)
__extension__ typedef __int128 int128;

// value = digits × 10^-scale. Normalised: scale >= 0, and no trailing zero digit while scale > 0;
// zero has scale 0. |digits| < 10^38.
struct Decimal {
  int128 digits = 0;
  int scale = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

// Units of 1/10,000. An amount in an event has |units| < 10^20 (numeric(20,4)); sums may reach
// 10^38.
using Amount = int128;
inline constexpr int kAmountScale = 4;
inline constexpr int128 kAmountLimit =
    static_cast<int128>(10'000'000'000) * 10'000'000'000;  // 10^20, exclusive

// Reads a number in JSON's grammar ("-12.50", "1e5"). `written_scale` (optional) receives the
// decimals as written. nullopt: not such a number, or not within 38 digits before and after
// normalisation (1e400, 1e-400).
std::optional<Decimal> parse_decimal(std::string_view text, int* written_scale = nullptr);

// The shortest plain notation, no exponent: "-12.5", "0", "100000".
std::string to_string(const Decimal& number);
// With exactly four decimals: "-12.5000". What numeric(…,4) prints.
std::string amount_to_string(Amount amount);

// Units of 1/10,000; nullopt when the number has more than 4 decimals or |units| >= 10^20.
std::optional<Amount> to_amount(const Decimal& number);

// Fits numeric(whole_digits + decimals, decimals) without rounding.
bool fits_numeric(const Decimal& number, int whole_digits, int decimals);

// a × b exactly; nullopt when the product needs more than 38 digits.
std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
// -1, 0, 1, as a < b, a = b, a > b. Exact for all values.
int compare(const Decimal& a, const Decimal& b);
// a = n × b for a whole number n. REQUIRES b > 0.
bool is_multiple(const Decimal& a, const Decimal& b);
// |a - b| <= half a cent: the two agree "to the cent" (they may differ by rounding alone).
bool agree_to_the_cent(const Decimal& a, const Decimal& b);

}  // namespace tc
