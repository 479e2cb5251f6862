#include "base/decimal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tc {
namespace {

std::string round_trip(std::string_view text) {
  const auto number = parse_decimal(text);
  return number ? to_string(*number) : "nullopt";
}

Decimal number(std::string_view text) {
  const auto parsed = parse_decimal(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Decimal());
}

const std::string k38Nines(38, '9');

TEST(Decimal, NormalisesWhatIsWritten) {
  EXPECT_EQ(round_trip("0"), "0");
  EXPECT_EQ(round_trip("-0"), "0");
  EXPECT_EQ(round_trip("-0.000"), "0");
  EXPECT_EQ(round_trip("12.50"), "12.5");
  EXPECT_EQ(round_trip("-12.50"), "-12.5");
  EXPECT_EQ(round_trip("0.05"), "0.05");
  EXPECT_EQ(round_trip("100000"), "100000");
  EXPECT_EQ(round_trip("1e5"), "100000");
  EXPECT_EQ(round_trip("1E+5"), "100000");
  EXPECT_EQ(round_trip("1.5e-3"), "0.0015");
  EXPECT_EQ(round_trip("1200e-2"), "12");
  EXPECT_EQ(round_trip("0e999999999999999999999"), "0");
  EXPECT_EQ(round_trip("0.0e-400"), "0");
  EXPECT_EQ(number("12.50"), (Decimal{125, 1}));
  EXPECT_EQ(number("1.2e3"), (Decimal{1200, 0}));
}

TEST(Decimal, GivesTheDecimalsAsWritten) {
  const auto written = [](std::string_view text) {
    int scale = -1;
    EXPECT_TRUE(parse_decimal(text, &scale)) << text;
    return scale;
  };
  EXPECT_EQ(written("1"), 0);
  EXPECT_EQ(written("1.50"), 2);
  EXPECT_EQ(written("1.5e-1"), 2);
  EXPECT_EQ(written("1.50e1"), 1);
  EXPECT_EQ(written("1e3"), 0);
  EXPECT_EQ(written("0.00000000000000000000000"), 23);
}

TEST(Decimal, RefusesWhatIsNotANumberOfJson) {
  for (const char* text :
       {"",     "-",     "+1",   "01",   "-01", "1.",  ".5",    "-.5",     "1e",   "1e+",
        "1.e5", "1.5.2", "1e5.", "1e5e", "NaN", "nan", "inf",   "-inf",    "0x10", "1,5",
        " 1",   "1 ",    "1_0",  "١",    "--1", "1-",  "1e--5", "Infinity"}) {
    EXPECT_FALSE(parse_decimal(text)) << text;
  }
  EXPECT_FALSE(parse_decimal(std::string_view("1\0", 2)));
}

TEST(Decimal, HoldsExactly38Digits) {
  EXPECT_EQ(round_trip(k38Nines), k38Nines);
  EXPECT_EQ(round_trip("-" + k38Nines), "-" + k38Nines);
  EXPECT_EQ(round_trip("0." + k38Nines), "0." + k38Nines);
  EXPECT_EQ(round_trip("1e37"), "1" + std::string(37, '0'));
  EXPECT_EQ(round_trip("1e-38"), "0." + std::string(37, '0') + "1");
  EXPECT_EQ(round_trip("1." + std::string(60, '0')), "1");
  EXPECT_EQ(round_trip("1" + std::string(50, '0') + "e-50"), "1");
  for (const std::string& text :
       {std::string("1e38"), "1" + std::string(38, '0'), k38Nines + ".1", std::string("1e400"),
        std::string("-1e400"), std::string("1e-400"), std::string("1e-39"),
        std::string("1e99999999999999999999"), std::string("1e-99999999999999999999")}) {
    EXPECT_EQ(round_trip(text), "nullopt") << text;
  }
}

TEST(Decimal, CrossesFromTheShortToTheLongWay) {
  for (int digits = 15; digits <= 38; ++digits) {
    const std::string text = std::string(static_cast<std::size_t>(digits - 2), '7') + ".89";
    EXPECT_EQ(round_trip(text), text);
    EXPECT_EQ(round_trip(text + "0"), text);
  }
}

TEST(Decimal, RoundTripsRandomNumbers) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const int length = static_cast<int>(random() % 38) + 1;
    Decimal expected;
    for (int k = 0; k < length; ++k) {
      expected.digits = expected.digits * 10 + static_cast<int>(random() % 10);
    }
    expected.scale = static_cast<int>(random() % 39);
    while (expected.scale > 0 && expected.digits % 10 == 0) {
      expected.digits /= 10;
      --expected.scale;
    }
    if (random() % 2 == 0) expected.digits = -expected.digits;
    EXPECT_EQ(number(to_string(expected)), expected) << to_string(expected);
  }
}

TEST(Amount, HasTheBoundsOfNumeric20And4) {
  const auto amount = [](std::string_view text) { return to_amount(number(text)); };
  EXPECT_EQ(amount("9999999999999999.9999"), kAmountLimit - 1);
  EXPECT_EQ(amount("-9999999999999999.9999"), -(kAmountLimit - 1));
  EXPECT_EQ(amount("10000000000000000"), std::nullopt);
  EXPECT_EQ(amount("-10000000000000000"), std::nullopt);
  EXPECT_EQ(amount("1e16"), std::nullopt);
  EXPECT_EQ(amount("9.9999e15"), Amount{99'999} * 1'000'000'000'000'000);
  EXPECT_EQ(amount("0.0001"), Amount{1});
  EXPECT_EQ(amount("0.00010"), Amount{1});
  EXPECT_EQ(amount("0.00001"), std::nullopt);
  EXPECT_EQ(amount("0"), Amount{0});
  EXPECT_EQ(amount("-12.5"), Amount{-125'000});
}

TEST(Amount, IsWrittenWithFourDecimals) {
  EXPECT_EQ(amount_to_string(0), "0.0000");
  EXPECT_EQ(amount_to_string(-125'000), "-12.5000");
  EXPECT_EQ(amount_to_string(1), "0.0001");
  EXPECT_EQ(amount_to_string(-1), "-0.0001");
  EXPECT_EQ(amount_to_string(kAmountLimit), "10000000000000000.0000");
}

TEST(Decimal, FitsNumeric) {
  EXPECT_TRUE(fits_numeric(number("999999999999.99999999"), 12, 8));
  EXPECT_FALSE(fits_numeric(number("1000000000000"), 12, 8));
  EXPECT_FALSE(fits_numeric(number("0.000000001"), 12, 8));
  EXPECT_TRUE(fits_numeric(number("-0.19"), 12, 8));
  EXPECT_TRUE(fits_numeric(number("-" + k38Nines), 38, 0));
}

TEST(Decimal, MultipliesExactly) {
  const auto product = [](std::string_view a, std::string_view b) {
    const auto result = multiply(number(a), number(b));
    return result ? to_string(*result) : "nullopt";
  };
  EXPECT_EQ(product("349.99", "12"), "4199.88");
  EXPECT_EQ(product("-0.5", "0.2"), "-0.1");
  EXPECT_EQ(product("-3", "-3"), "9");
  EXPECT_EQ(product("0", "-3.7"), "0");
  EXPECT_EQ(product("1234567890123456789", "1000000007"), "1234567898765432019864197523");
  EXPECT_EQ(product(k38Nines, "1"), k38Nines);
  EXPECT_EQ(product(k38Nines, "10"), "nullopt");
  EXPECT_EQ(product(k38Nines, "0.1"), "9999999999999999999999999999999999999.9");
  // More than 38 digits on the way, but not in the result.
  EXPECT_EQ(product("20000000000000000000000000000000000000", "0.5"), "1" + std::string(37, '0'));
  EXPECT_EQ(product("0.5e-30", "2e-8"), "0." + std::string(37, '0') + "1");
  EXPECT_EQ(product("1e-20", "1e-20"), "nullopt");
  EXPECT_EQ(product("1e20", "1e20"), "nullopt");
  EXPECT_EQ(product("99999999999999999999", "99999999999999999999"), "nullopt");
  EXPECT_EQ(product("9999999999999999999", "9999999999999999999"),
            "99999999999999999980000000000000000001");
}

TEST(Decimal, ComparesExactly) {
  const auto order = [](std::string_view a, std::string_view b) {
    const int forth = compare(number(a), number(b));
    EXPECT_EQ(compare(number(b), number(a)), -forth) << a << " " << b;
    return forth;
  };
  EXPECT_EQ(order("1", "1.0"), 0);
  EXPECT_EQ(order("0.1", "0.10000000000000000001"), -1);
  EXPECT_EQ(order("-0.1", "-0.10000000000000000001"), 1);
  EXPECT_EQ(order(k38Nines, "0." + k38Nines), 1);
  EXPECT_EQ(order("-" + k38Nines, "0." + k38Nines), -1);
  EXPECT_EQ(order("0", "-1e-38"), 1);
  EXPECT_EQ(order("9007199254740993", "9007199254740992.5"), 1);
  EXPECT_EQ(order("99999999999999999999999999999999999999", "1e-38"), 1);
  EXPECT_EQ(order("12", "12.0000000000000000000000000000000001"), -1);
}

TEST(Decimal, FindsMultiplesExactly) {
  const auto multiple = [](std::string_view a, std::string_view b) {
    return is_multiple(number(a), number(b));
  };
  EXPECT_TRUE(multiple("0.3", "0.1"));
  EXPECT_TRUE(multiple("4199.88", "0.01"));
  EXPECT_FALSE(multiple("4199.885", "0.01"));
  EXPECT_TRUE(multiple("-7.5", "2.5"));
  EXPECT_FALSE(multiple("7", "2"));
  EXPECT_TRUE(multiple("0", "17"));
  EXPECT_FALSE(multiple("0.5", "17"));
  EXPECT_TRUE(multiple(k38Nines, "1e-38"));
  EXPECT_TRUE(multiple(k38Nines, "0.9"));
  EXPECT_FALSE(multiple(k38Nines, "0.7"));
  EXPECT_FALSE(multiple("1e-38", k38Nines));
  EXPECT_TRUE(multiple("84", "0.00000000000000000000000000000000000007"));
}

TEST(Decimal, AgreesToTheCentUpToHalfACent) {
  const auto agree = [](std::string_view a, std::string_view b) {
    const bool forth = agree_to_the_cent(number(a), number(b));
    EXPECT_EQ(agree_to_the_cent(number(b), number(a)), forth) << a << " " << b;
    return forth;
  };
  EXPECT_TRUE(agree("10.00", "10.005"));
  EXPECT_TRUE(agree("10.00", "9.995"));
  EXPECT_FALSE(agree("10.00", "10.0050000000000000000000000000000001"));
  EXPECT_FALSE(agree("10.00", "10.0051"));
  EXPECT_TRUE(agree("-0.0025", "0.0025"));
  EXPECT_FALSE(agree("-0.0025", "0.0026"));
  EXPECT_FALSE(agree("10.01", "10"));
  EXPECT_TRUE(agree(k38Nines, k38Nines));
  EXPECT_FALSE(agree(k38Nines, "-" + k38Nines));
  EXPECT_FALSE(agree("99999999999999999999999999999999999998", k38Nines));
  EXPECT_TRUE(agree("1e-38", "-1e-38"));
}

// Whatever is rounded to cents, half up or half even, agrees with what it was rounded from.
TEST(Decimal, AgreesWithBothWaysOfRounding) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const auto quantity = static_cast<std::int64_t>(random() % 100'000);
    const auto price = static_cast<std::int64_t>(random() % 10'000'000);
    const Decimal exact =
        *multiply(number(std::to_string(quantity) + "e-2"), number(std::to_string(price) + "e-4"));
    const int128 millionths = int128{quantity} * price;
    const int128 cents = millionths / 10'000;
    const int128 rest = millionths % 10'000;
    const bool half_up = rest >= 5000;
    const bool half_even = rest > 5000 || (rest == 5000 && cents % 2 != 0);
    for (const bool up : {half_up, half_even}) {
      const auto rounded = static_cast<std::int64_t>(cents) + (up ? 1 : 0);
      EXPECT_TRUE(agree_to_the_cent(exact, number(std::to_string(rounded) + "e-2")));
    }
    EXPECT_FALSE(agree_to_the_cent(
        exact, number(std::to_string(static_cast<std::int64_t>(cents) + 2) + "e-2")));
  }
}

}  // namespace
}  // namespace tc
