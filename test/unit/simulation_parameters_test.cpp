// The data files, and the arithmetic under the simulation.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "projection/pl_line.hpp"
#include "simulation/documents.hpp"
#include "simulation/fixed.hpp"
#include "simulation/parameters.hpp"
#include "simulation/random.hpp"
#include "simulation/sales.hpp"
#include "simulation/trading_days.hpp"

namespace tc::simulation {
namespace {

Date date_of(const char* text) { return *parse_date(text); }

const Country& country(const std::string& code) {
  return *std::find_if(countries().begin(), countries().end(),
                       [&](const Country& c) { return c.code == code; });
}

Ratio vat(const std::string& code, const char* month) {
  return rate_in(country(code).vat.rates, *parse_month(month));
}

Ratio corporate(const std::string& code, const char* month) {
  return rate_in(country(code).profit_taxes.front().rates, *parse_month(month));
}

TEST(SimulationParameters, HaveElevenSectorsAndTenCountries) {
  EXPECT_EQ(sectors().size(), 11U);
  EXPECT_EQ(countries().size(), 10U);
  EXPECT_GT(beat_lexicon().words.size(), 20U);
}

// A file that somebody broke says where.
TEST(SimulationParameters, SayWhereAFileIsWrong) {
  const auto complaint = [](const std::string& json) -> std::string {
    try {
      read_sectors(json);
    } catch (const BadParameters& error) {
      return error.what();
    }
    return "";
  };
  const std::string good(sectors_json());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  EXPECT_EQ(complaint(good), "");
  EXPECT_NE(complaint("{\"10\": ").find("sectors.json"), std::string::npos);
  EXPECT_EQ(complaint(with("\"opex\"", "\"opx\"")), "sectors.json/10: there is no \"opex\"");
  EXPECT_EQ(complaint(with("\"season\": [112,", "\"season\": [113,")),
            "sectors.json/10/season: the weights must sum up to 1200");
  EXPECT_EQ(complaint(with("\"attrition\": 10", "\"attrition\": \"some\"")),
            "sectors.json/10/attrition: a number of at most 7 decimals is wanted");
  EXPECT_THROW(read_countries(R"({"XX": {"name": "Nowhere"}})"), BadParameters);
  EXPECT_THROW(read_beats("[]"), BadParameters);
}

TEST(SimulationParameters, NameOnlyAccountsAndTaxesThatFactsKnow) {
  using projection::default_pl_line;
  using projection::MemberKind;
  for (const Sector& sector : sectors()) {
    for (const CostAccount& cost : sector.costs) {
      EXPECT_EQ(default_pl_line(MemberKind::Account, cost.account), "opex") << cost.account;
    }
  }
  for (const Country& c : countries()) {
    for (const ProfitTax& tax : c.profit_taxes) {
      EXPECT_EQ(default_pl_line(MemberKind::TaxType, tax.tax_type), "income_tax");
    }
  }
  EXPECT_EQ(default_pl_line(MemberKind::TaxType, "payroll_tax"), "opex");
  EXPECT_EQ(default_pl_line(MemberKind::TaxType, "vat"), "pass_through");
  EXPECT_EQ(default_pl_line(MemberKind::Account, "no such account"), std::nullopt);
}

TEST(SimulationParameters, ProductsOfASectorHaveDifferentNames) {
  for (const Sector& sector : sectors()) {
    std::set<std::string> names;
    std::size_t count = 0;
    for (const Family& family : sector.families) {
      names.insert(family.items.begin(), family.items.end());
      count += family.items.size();
    }
    EXPECT_EQ(names.size(), count) << sector.name;
  }
}

TEST(SimulationParameters, RatesChangeWhenTheyDid) {
  EXPECT_EQ(vat("DE", "2020-06"), kOne * 19 / 100);
  EXPECT_EQ(vat("DE", "2020-07"), kOne * 16 / 100);
  EXPECT_EQ(vat("DE", "2020-12"), kOne * 16 / 100);
  EXPECT_EQ(vat("DE", "2021-01"), kOne * 19 / 100);
  EXPECT_EQ(vat("CH", "2023-12"), kOne * 77 / 1000);
  EXPECT_EQ(vat("CH", "2024-01"), kOne * 81 / 1000);
  EXPECT_EQ(corporate("NL", "2022-01"), kOne * 258 / 1000);
  EXPECT_EQ(corporate("GB", "2023-03"), kOne * 19 / 100);
  EXPECT_EQ(corporate("GB", "2023-04"), kOne * 25 / 100);
  EXPECT_EQ(corporate("AT", "2022-12"), kOne * 25 / 100);
  EXPECT_EQ(corporate("AT", "2023-01"), kOne * 24 / 100);
  EXPECT_EQ(corporate("AT", "2024-01"), kOne * 23 / 100);
  EXPECT_FALSE(country("US").vat.exists);
}

TEST(SimulationParameters, EasterIsComputed) {
  EXPECT_EQ(easter_sunday(2024), date_of("2024-03-31"));
  EXPECT_EQ(easter_sunday(2025), date_of("2025-04-20"));
  EXPECT_EQ(easter_sunday(2000), date_of("2000-04-23"));
  EXPECT_EQ(easter_sunday(1954), date_of("1954-04-18"));
  EXPECT_EQ(easter_sunday(2038), date_of("2038-04-25"));  // the latest there is
  for (int year = 1990; year <= 2150; ++year) EXPECT_EQ(weekday_of(easter_sunday(year)), 6) << year;
}

TEST(SimulationParameters, HolidaysFallOnTheirDays) {
  EXPECT_TRUE(is_holiday(country("DE"), date_of("2024-03-29")));  // Good Friday
  EXPECT_TRUE(is_holiday(country("AT"), date_of("2024-05-30")));  // Corpus Christi
  EXPECT_TRUE(is_holiday(country("US"), date_of("2024-11-28")));  // fourth Thursday
  EXPECT_FALSE(is_holiday(country("US"), date_of("2024-11-21")));
  EXPECT_TRUE(is_holiday(country("GB"), date_of("2024-05-27")));  // last Monday
  EXPECT_FALSE(is_holiday(country("GB"), date_of("2024-05-20")));
  EXPECT_FALSE(is_holiday(country("US"), date_of("2020-06-19")));  // from 2021 on
  EXPECT_TRUE(is_holiday(country("US"), date_of("2021-06-19")));
  EXPECT_FALSE(is_holiday(country("FR"), date_of("2024-10-03")));
}

TEST(SimulationArithmetic, SharesSumUpAndAreNeverAWholeUnitOff) {
  Shares shares(100, 3);
  EXPECT_EQ(shares.next(1), 33);
  EXPECT_EQ(shares.next(1), 34);
  EXPECT_EQ(shares.next(1), 33);
  std::int64_t weight = 0;
  for (std::uint64_t i = 0; i < 500; ++i) weight += log_size(scramble(i));
  Shares many(987'654'321, weight);
  std::int64_t sum = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const std::int64_t part = many.next(log_size(scramble(i)));
    EXPECT_LE(std::abs(part - mul_div(987'654'321, log_size(scramble(i)), weight)), 1);
    sum += part;
  }
  EXPECT_EQ(sum, 987'654'321);
}

TEST(SimulationArithmetic, TwelveMonthlyFactorsAreAYear) {
  for (const Ratio yearly : {kOne / 10, kOne / 50, -kOne * 15 / 100, kOne / 5, Ratio{0}}) {
    Ratio product = kOne;
    for (int i = 0; i < 12; ++i) product = times(product, monthly_factor(yearly));
    EXPECT_NEAR(static_cast<double>(product), static_cast<double>(kOne + yearly), 40) << yearly;
  }
}

TEST(SimulationArithmetic, MultipliesAndRounds) {
  EXPECT_EQ(mul_div(7, 1, 2), 4);
  EXPECT_EQ(mul_div(-7, 1, 2), -4);
  EXPECT_EQ(mul_div(INT64_C(4'000'000'000'000), INT64_C(9'000'000'000), INT64_C(9'000'000'000)),
            INT64_C(4'000'000'000'000));
}

TEST(SimulationArithmetic, DrawsDependOnEveryArgument) {
  std::set<std::uint64_t> seen;
  for (const std::uint64_t key : {scramble(1), scramble(2)}) {
    for (const Stream stream : {Stream::Sale, Stream::Hire}) {
      for (std::uint64_t entity : {0, 1}) {
        for (std::int64_t period : {-1, 0, 1}) {
          for (std::uint64_t ordinal : {0, 1}) {
            seen.insert(draw(key, stream, entity, period, ordinal));
          }
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), 48U);
}

TEST(SimulationArithmetic, NamesOfCompaniesDiffer) {
  std::set<std::string> names;
  for (int i = 0; i < 500; ++i) names.insert(company_name(country("AT"), 7, 0, i));
  EXPECT_EQ(names.size(), 500U);
}

}  // namespace
}  // namespace tc::simulation
