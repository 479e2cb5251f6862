#include "base/calendar.hpp"

#include <gtest/gtest.h>

namespace tc {
namespace {

TEST(Calendar, CountsFrom2000) {
  EXPECT_EQ(make_date(2000, 1, 1), 0);
  EXPECT_EQ(make_date(1999, 12, 31), -1);
  EXPECT_EQ(make_date(1970, 1, 1), -10'957);
  EXPECT_EQ(make_date(2024, 3, 15), 8840);
  EXPECT_EQ(parse_month("2000-01"), 0);
  EXPECT_EQ(parse_month("1999-12"), -1);
  EXPECT_EQ(parse_month("2024-03"), 24 * 12 + 2);
}

TEST(Calendar, EveryMonthOf1900To2200RoundTrips) {
  Month expected = (kFirstYear - 2000) * 12;
  Date day = make_date(kFirstYear, 1, 1);
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    for (int number = 1; number <= 12; ++number, ++expected) {
      EXPECT_EQ(first_day(expected), day);
      EXPECT_EQ(year_of(expected), year);
      EXPECT_EQ(month_number(expected), number);
      EXPECT_EQ(parse_month(month_label(expected)), expected);
      const int days = days_in_month(expected);
      ASSERT_GE(days, 28);
      for (int i = 0; i < days; ++i, ++day) {
        ASSERT_EQ(month_of(day), expected) << date_label(day);
        ASSERT_EQ(make_date(year, number, i + 1), day);
        ASSERT_EQ(parse_date(date_label(day)), day);
      }
    }
  }
}

TEST(Calendar, KnowsLeapYears) {
  EXPECT_TRUE(parse_date("2024-02-29"));
  EXPECT_TRUE(parse_date("2000-02-29"));
  EXPECT_FALSE(parse_date("2023-02-29"));
  EXPECT_FALSE(parse_date("1900-02-29"));
  EXPECT_FALSE(parse_date("2100-02-29"));
  EXPECT_FALSE(parse_date("2024-02-30"));
  EXPECT_EQ(days_in_month(*parse_month("2024-02")), 29);
  EXPECT_EQ(days_in_month(*parse_month("2100-02")), 28);
}

TEST(Calendar, RefusesWhatIsNoMonth) {
  for (const char* text :
       {"2024-13", "2024-00", "2024-1", "2024-001", "24-01", "1899-12", "2201-01", "2024/01",
        "2024-01 ", " 2024-01", "2024-01-01", "2024", "", "2024-0a", "-024-01"}) {
    EXPECT_FALSE(parse_month(text)) << text;
  }
}

TEST(Calendar, RefusesWhatIsNoDate) {
  for (const char* text : {"2024-04-31", "2024-00-10", "2024-01-00", "2024-1-1", "2024-01-01T",
                           "20240101", "2024-01-32", "", "2024-01", "2024-01-01 "}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(Calendar, ReadsTimestampsByTheWallClock) {
  const Timestamp midnight = Timestamp{make_date(2024, 3, 31)} * kMicrosecondsPerDay;
  constexpr Timestamp kSecond = 1'000'000;
  EXPECT_EQ(parse_timestamp("2024-03-31"), midnight);
  EXPECT_EQ(parse_timestamp("2024-03-31T00:00"), midnight);
  EXPECT_EQ(parse_timestamp("2024-03-31 23:59:59"), midnight + 86'399 * kSecond);
  EXPECT_EQ(parse_timestamp("2024-03-31T23:59:59.9"), midnight + 86'399 * kSecond + 900'000);
  EXPECT_EQ(parse_timestamp("2024-03-31T23:59:59.999999"), midnight + 86'399 * kSecond + 999'999);
  // The last evening of March stays in March, whatever the zone.
  for (const char* zone : {"", "Z", "+02:00", "-11:00", "+14:00", "+05:45"}) {
    EXPECT_EQ(parse_timestamp("2024-03-31T23:30:00" + std::string(zone)),
              midnight + (23 * 3600 + 30 * 60) * kSecond)
        << zone;
    EXPECT_EQ(month_of(*parse_timestamp("2024-03-31T23:30:00" + std::string(zone))),
              *parse_month("2024-03"));
  }
  EXPECT_EQ(month_of(*parse_timestamp("1999-12-31T23:59:59.999999")), -1);
  EXPECT_EQ(month_of(*parse_timestamp("2000-01-01T00:00")), 0);
}

TEST(Calendar, RefusesWhatIsNoTimestamp) {
  for (const char* text :
       {"2024-03-31T", "2024-03-31T24:00", "2024-03-31T12", "2024-03-31T12:60",
        "2024-03-31T12:00:60", "2024-03-31T12:00:00.", "2024-03-31T12:00:00.1234567",
        "2024-03-31T12:00z", "2024-03-31T12:00+2", "2024-03-31T12:00+0200", "2024-03-31Z",
        "2024-03-31T12:00:00 Z", "2024-02-30T12:00", "2024-03-31t12:00", "2024-03-31  12:00",
        "2024-03-31T12:00ZZ", "", "now"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Calendar, ReadsPeriodsAsPeopleTypeThem) {
  const auto shown = [](std::string_view text) {
    const auto period = parse_period(text);
    return period ? month_label(period->first) + " " + month_label(period->last) : "nullopt";
  };
  EXPECT_EQ(shown("2024"), "2024-01 2024-12");
  EXPECT_EQ(shown("2024-Q1"), "2024-01 2024-03");
  EXPECT_EQ(shown("2024Q4"), "2024-10 2024-12");
  EXPECT_EQ(shown("Q2 2024"), "2024-04 2024-06");
  EXPECT_EQ(shown("q2 2024"), "2024-04 2024-06");
  EXPECT_EQ(shown(" 2024-03 "), "2024-03 2024-03");
  EXPECT_EQ(shown("2024-03-15"), "2024-03 2024-03");
  EXPECT_EQ(shown("2024-01..2024-06"), "2024-01 2024-06");
  EXPECT_EQ(shown("2023-Q4 .. 2024"), "2023-10 2024-12");
  for (const char* text :
       {"", "..", "2024..", "..2024", "2024-06..2024-01", "2024-Q5", "2024-Q0", "Q1", "Q12024",
        "2024-13", "24", "2024-1", "2024 Q1x", "1899", "2201", "2024...2025"}) {
    EXPECT_EQ(shown(text), "nullopt") << text;
  }
}

}  // namespace
}  // namespace tc
