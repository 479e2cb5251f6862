// Parsing what a number prints as gives the number again, and arithmetic keeps its laws.
#include <cstdint>
#include <cstdlib>

#include "base/decimal.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const tc::Decimal& number) {
  require(tc::parse_decimal(tc::to_string(number)) == number);
  require(tc::compare(number, number) == 0);
  require(tc::agree_to_the_cent(number, number));
  require(tc::multiply(number, {1, 0}) == number);
  require(number.scale >= 0 && number.scale <= 38);
  require(number.scale == 0 || number.digits % 10 != 0);
  if (number.digits > 0) require(tc::is_multiple(number, number));
  if (const auto amount = tc::to_amount(number)) {
    require(tc::parse_decimal(tc::amount_to_string(*amount)) == number);
    require(*amount<tc::kAmountLimit&& * amount> - tc::kAmountLimit);
  }
}

void check(const tc::Decimal& a, const tc::Decimal& b) {
  require(tc::compare(a, b) == -tc::compare(b, a));
  require((tc::compare(a, b) == 0) == (a == b));
  require(tc::agree_to_the_cent(a, b) == tc::agree_to_the_cent(b, a));
  const auto product = tc::multiply(a, b);
  require(product == tc::multiply(b, a));
  if (!product) return;
  check(*product);
  if (b.digits > 0 && a.scale == 0) require(tc::is_multiple(*product, b));
}

}  // namespace

// The text before the first blank, and the text after it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view first = text.substr(0, text.find(' '));
  int scale = -1;
  const auto a = tc::parse_decimal(first, &scale);
  if (!a) return 0;
  require(scale >= a->scale || scale == 0);
  check(*a);
  if (first.size() == text.size()) return 0;
  const auto b = tc::parse_decimal(text.substr(first.size() + 1));
  if (!b) return 0;
  check(*b);
  check(*a, *b);
  return 0;
}
