// What keeps a server from being asked in vain or too often: a circuit breaker and a rate limiter.
//
// Plain data without pointers, so that they can live in shared memory under somebody else's lock.
// All times are milliseconds of one clock that all who share them read. Zeroed memory is a closed
// breaker and a limiter without limits.
#pragma once
#include <cstdint>

namespace tc::llm {

inline constexpr int kFailuresToOpen = 5;
inline constexpr std::int64_t kProbeAfterMs = 30'000;

enum class Circuit : std::uint8_t { Closed, Open, HalfOpen };

// Closed until kFailuresToOpen calls in a row failed; then open: nobody calls. After kProbeAfterMs
// one caller may (half open): when that succeeds it closes, else it stays open for as long again.
class Breaker {
 public:
  Circuit state(std::int64_t now_ms) const;
  // May a call go out now? In the half-open state only one caller hears yes, until it reports, or
  // kProbeAfterMs have passed without a report.
  bool allow(std::int64_t now_ms);
  // How long until allow() may say yes; 0 when it may now.
  std::int64_t wait_ms(std::int64_t now_ms) const;
  void succeed();
  void fail(std::int64_t now_ms);
  void trip(std::int64_t now_ms);  // opens at once: the key is refused, the credit used up
  int failures() const { return failures_; }

 private:
  std::int32_t failures_ = 0;
  std::int32_t is_open_ = 0;
  std::int64_t probe_at_ms_ = 0;
};

struct Limits {
  std::int64_t requests_per_minute = 0;  // 0 = no limit, as for the others
  std::int64_t tokens_per_minute = 0;
  std::int64_t concurrency = 0;
};

// Requests and tokens by the generic cell rate algorithm (a leaky bucket that needs one time each):
// a minute's worth may go at once, then one each 1/n minute. Concurrency is a count.
class RateLimiter {
 public:
  // 0: go; the slot is taken until release(). Otherwise milliseconds after which to ask again;
  // nothing is taken then.
  std::int64_t acquire(const Limits& limits, std::int64_t tokens, std::int64_t now_ms);
  void release();
  // What the call really took, after an estimate at acquire().
  void settle_tokens(const Limits& limits, std::int64_t estimated, std::int64_t used);
  // The server asked for quiet: nobody goes before.
  void pause_until(std::int64_t when_ms);
  std::int64_t running() const { return running_; }

 private:
  std::int64_t running_ = 0;
  std::int64_t requests_at_us_ = 0;  // when the bucket of requests would be empty
  std::int64_t tokens_at_us_ = 0;
  std::int64_t paused_until_ms_ = 0;
};

}  // namespace tc::llm
