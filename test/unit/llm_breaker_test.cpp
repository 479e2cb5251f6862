#include "llm/breaker.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace tc::llm {
namespace {

TEST(Breaker, OpensAfterFailuresInARowOnly) {
  Breaker breaker;
  for (int i = 0; i < kFailuresToOpen - 1; ++i) breaker.fail(0);
  breaker.succeed();
  for (int i = 0; i < kFailuresToOpen - 1; ++i) breaker.fail(0);
  EXPECT_TRUE(breaker.allow(0));
  breaker.fail(0);
  EXPECT_FALSE(breaker.allow(0));
  EXPECT_EQ(breaker.state(0), Circuit::Open);
  EXPECT_EQ(breaker.wait_ms(1000), kProbeAfterMs - 1000);
}

TEST(Breaker, LetsOneProbeThrough) {
  Breaker breaker;
  breaker.trip(0);
  EXPECT_FALSE(breaker.allow(kProbeAfterMs - 1));
  EXPECT_EQ(breaker.state(kProbeAfterMs), Circuit::HalfOpen);
  EXPECT_TRUE(breaker.allow(kProbeAfterMs));
  EXPECT_FALSE(breaker.allow(kProbeAfterMs));
  breaker.fail(kProbeAfterMs + 100);
  EXPECT_FALSE(breaker.allow(2 * kProbeAfterMs));
  EXPECT_TRUE(breaker.allow(2 * kProbeAfterMs + 100));
  breaker.succeed();
  EXPECT_EQ(breaker.state(2 * kProbeAfterMs + 100), Circuit::Closed);
  EXPECT_TRUE(breaker.allow(2 * kProbeAfterMs + 100));
}

TEST(Breaker, AProbeThatNeverReportsDoesNotCloseTheDoorForGood) {
  Breaker breaker;
  breaker.trip(0);
  EXPECT_TRUE(breaker.allow(kProbeAfterMs));
  EXPECT_TRUE(breaker.allow(2 * kProbeAfterMs));
}

TEST(RateLimiter, ZeroedMemoryHasNoLimits) {
  alignas(RateLimiter) unsigned char memory[sizeof(RateLimiter)];
  std::memset(memory, 0, sizeof memory);
  RateLimiter limiter;
  std::memcpy(&limiter, memory, sizeof memory);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limiter.acquire({}, 1000, 0), 0);
}

TEST(RateLimiter, HoldsRequestsToTheirRate) {
  RateLimiter limiter;
  const Limits limits{60, 0, 0};
  std::int64_t now = 0;
  int passed = 0;
  while (now < 120'000) {  // two minutes of asking whenever told to
    const std::int64_t wait = limiter.acquire(limits, 0, now);
    if (wait == 0) {
      ++passed;
      limiter.release();
    } else {
      EXPECT_GT(wait, 0);
      now += wait;
    }
  }
  EXPECT_GE(passed, 175);  // a minute's worth at once, then one a second
  EXPECT_LE(passed, 181);
}

TEST(RateLimiter, HoldsTokensAndLetsALargeCallThroughAlone) {
  RateLimiter limiter;
  const Limits limits{0, 1000, 0};
  EXPECT_EQ(limiter.acquire(limits, 600, 0), 0);
  EXPECT_GT(limiter.acquire(limits, 600, 0), 0);
  EXPECT_EQ(limiter.acquire(limits, 400, 0), 0);
  RateLimiter quiet;
  EXPECT_EQ(quiet.acquire(limits, 5000, 0), 0);
  EXPECT_GT(quiet.acquire(limits, 1, 0), 0);
}

TEST(RateLimiter, GivesBackWhatWasNotUsed) {
  RateLimiter limiter;
  const Limits limits{0, 1000, 0};
  EXPECT_EQ(limiter.acquire(limits, 1000, 0), 0);
  limiter.settle_tokens(limits, 1000, 100);
  EXPECT_EQ(limiter.acquire(limits, 900, 0), 0);
  EXPECT_GT(limiter.acquire(limits, 1, 0), 0);
  limiter.settle_tokens(limits, 1, INT64_MAX);  // whatever a server claims
  EXPECT_GT(limiter.acquire(limits, 1, 0), 0);
}

TEST(RateLimiter, CountsThoseUnderWay) {
  RateLimiter limiter;
  const Limits limits{0, 0, 2};
  EXPECT_EQ(limiter.acquire(limits, 0, 0), 0);
  EXPECT_EQ(limiter.acquire(limits, 0, 0), 0);
  EXPECT_GT(limiter.acquire(limits, 0, 0), 0);
  limiter.release();
  EXPECT_EQ(limiter.acquire(limits, 0, 0), 0);
  limiter.release();
  limiter.release();
  limiter.release();
  EXPECT_EQ(limiter.running(), 0);
}

TEST(RateLimiter, KeepsQuietWhenAskedTo) {
  RateLimiter limiter;
  limiter.pause_until(5000);
  limiter.pause_until(3000);
  EXPECT_EQ(limiter.acquire({}, 0, 1000), 4000);
  EXPECT_EQ(limiter.acquire({}, 0, 5000), 0);
}

}  // namespace
}  // namespace tc::llm
