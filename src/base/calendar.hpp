// Months, dates and timestamps of the proleptic Gregorian calendar, without time zones.
//
// Units are the server's own, so that nothing is converted at the border: a date is days since
// 2000-01-01, a timestamp is microseconds since 2000-01-01 00:00. A month counts from 0 = 2000-01.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tc {

using Date = std::int32_t;
using Timestamp = std::int64_t;
using Month = std::int32_t;
inline constexpr Timestamp kMicrosecondsPerDay = 86'400'000'000;

// The years events may lie in; anything else is a typing mistake.
inline constexpr int kFirstYear = 1900;
inline constexpr int kLastYear = 2200;  // inclusive

Date make_date(int year, int month, int day);  // REQUIRES a valid date
Date first_day(Month month);
Month month_of(Date date);
Month month_of(Timestamp timestamp);
int year_of(Month month);
int month_number(Month month);  // 1 … 12
int days_in_month(Month month);

// Exactly "YYYY-MM"; nullopt for anything else, also for months 00 and 13 and years outside
// kFirstYear … kLastYear.
std::optional<Month> parse_month(std::string_view text);
// Exactly "YYYY-MM-DD", an existing day.
std::optional<Date> parse_date(std::string_view text);
// "YYYY-MM-DD", or with "T" or a space and "HH:MM[:SS[.ffffff]]"; a trailing "Z" or offset "+02:00"
// is accepted and dropped: the wall clock time counts, so that no time zone can move an event into
// another month.
std::optional<Timestamp> parse_timestamp(std::string_view text);

// What a person types for a period: "2024", "2024-Q1" (also "2024Q1", "Q1 2024"), "2024-03",
// "2024-03-15" (its month), or a range "2024-01..2024-06" of two of them. Inclusive months.
struct Period {
  Month first;
  Month last;
};
std::optional<Period> parse_period(std::string_view text);

std::string month_label(Month month);  // "2024-03"
std::string date_label(Date date);     // "2024-03-15"

}  // namespace tc
