#include "llm/retry.hpp"

#include <gtest/gtest.h>

namespace tc::llm {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;  // 2023-11-14 22:13:20

std::optional<std::int64_t> wait(const Headers& headers, int status = 429) {
  return read_advice(headers, status, kNow).wait_ms;
}

TEST(Retry, ReadsHttpDates) {
  EXPECT_EQ(parse_http_date("Tue, 14 Nov 2023 22:13:20 GMT"), kNow);
  EXPECT_EQ(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(parse_http_date("Wed, 21 Oct 2099 07:28:00 GMT"), 4'096'250'880);
  EXPECT_EQ(parse_http_date("Wed, 21 Oct 2099 07:28:00 CET"), std::nullopt);
  EXPECT_EQ(parse_http_date("Wed, 21 Okt 2099 07:28:00 GMT"), std::nullopt);
  EXPECT_EQ(parse_http_date("Wed, 21 Oct 2099 27:28:00 GMT"), std::nullopt);
  EXPECT_EQ(parse_http_date("soon"), std::nullopt);
}

TEST(Retry, ReadsDurations) {
  EXPECT_EQ(parse_duration("1s"), 1000);
  EXPECT_EQ(parse_duration("6m0s"), 360'000);
  EXPECT_EQ(parse_duration("1h2m3.5s"), 3'723'500);
  EXPECT_EQ(parse_duration("120ms"), 120);
  EXPECT_EQ(parse_duration(""), std::nullopt);
  EXPECT_EQ(parse_duration("6"), std::nullopt);
  EXPECT_EQ(parse_duration("-6s"), std::nullopt);
  EXPECT_EQ(parse_duration("nans"), std::nullopt);
  EXPECT_EQ(parse_duration("99999999999999999999h"), std::nullopt);
}

TEST(Retry, TheServersWordIsCapped) {
  EXPECT_EQ(wait({{"retry-after", "2"}}), 2000);
  EXPECT_EQ(wait({{"retry-after", "Wed, 21 Oct 2099 07:28:00 GMT"}}), kMaxWaitMs);
  EXPECT_EQ(wait({{"retry-after", "1000000000"}}), kMaxWaitMs);
  EXPECT_EQ(wait({{"retry-after", "Tue, 14 Nov 2023 22:13:25 GMT"}}), 5000);
}

TEST(Retry, NonsenseSaysNothing) {
  for (const char* text :
       {"0", "-5", "1e9", "soon", "", "99999999999999999999", "Tue, 14 Nov 2023 22:13:00 GMT"}) {
    EXPECT_EQ(wait({{"retry-after", text}}), std::nullopt) << text;
  }
  EXPECT_EQ(wait({{"retry-after", "2"}, {"retry-after", "3"}}), std::nullopt);
  EXPECT_EQ(wait({{"retry-after", "2"}, {"retry-after", "2"}}), 2000);
}

TEST(Retry, MillisecondsGoFirst) {
  EXPECT_EQ(wait({{"retry-after", "9"}, {"retry-after-ms", "1500"}}), 1500);
  EXPECT_EQ(wait({{"retry-after-ms", "1500"}, {"x-ratelimit-reset-tokens", "6m0s"}}), 1500);
  EXPECT_EQ(wait({{"retry-after-ms", "x"}, {"retry-after", "9"}}), 9000);
  EXPECT_EQ(wait({{"x-ratelimit-reset-tokens", "2s"}, {"x-ratelimit-reset-requests", "1s"}}), 2000);
  EXPECT_EQ(wait({{"x-ratelimit-reset-tokens", "2s"}}, 500), std::nullopt);
}

Fault fault(Outcome outcome, std::optional<std::int64_t> wait_ms = {}) {
  Fault result;
  result.outcome = outcome;
  result.wait_ms = wait_ms;
  return result;
}

TEST(Retry, BackoffDoublesUnderItsCeiling) {
  RetryPolicy policy;
  policy.max_tries = 10;
  policy.max_backoff_ms = 3000;
  RetryState state(policy, 1000);
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 5; ++i) {
    state.count_try();
    waits.push_back(*state.next_wait_ms(fault(Outcome::Retry), 1000, 0.5));
  }
  EXPECT_EQ(waits, (std::vector<std::int64_t>{250, 500, 1000, 1500, 1500}));
  EXPECT_EQ(state.next_wait_ms(fault(Outcome::Retry), 1000, 0.0), 1);  // never a busy loop
}

TEST(Retry, EndsWithTriesTimeOrSense) {
  RetryPolicy policy;
  policy.max_tries = 2;
  policy.total_ms = 10'000;
  RetryState state(policy, 0);
  state.count_try();
  EXPECT_TRUE(state.next_wait_ms(fault(Outcome::Retry), 0, 0.5));
  EXPECT_FALSE(state.next_wait_ms(fault(Outcome::Fail), 0, 0.5));
  EXPECT_FALSE(state.next_wait_ms(fault(Outcome::Repair), 0, 0.5));
  EXPECT_FALSE(state.next_wait_ms(fault(Outcome::Retry), 9'999, 0.5));
  EXPECT_FALSE(state.next_wait_ms(fault(Outcome::Wait, 20'000), 0, 0.5));
  EXPECT_EQ(state.next_wait_ms(fault(Outcome::Wait, 2'000), 0, 0.0), 2000);
  state.count_try();
  EXPECT_FALSE(state.next_wait_ms(fault(Outcome::Retry), 0, 0.5));
}

}  // namespace
}  // namespace tc::llm
