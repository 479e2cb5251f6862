// When to try again: the server's word where it gave one that makes sense, else exponential backoff
// with full jitter (AWS's name for a wait drawn evenly from 0 to the ceiling, so that many clients
// that failed together do not come back together).
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "llm/fault.hpp"

namespace tc::llm {

inline constexpr std::int64_t kMaxWaitMs = 300'000;  // what a server may ask for at most

struct RetryAdvice {
  std::optional<bool> should_retry;     // x-should-retry
  std::optional<std::int64_t> wait_ms;  // 1 … kMaxWaitMs
};

// x-should-retry, then retry-after-ms, then retry-after (seconds or an HTTP date), then, for a 429,
// the latest of x-ratelimit-reset-requests and -tokens ("6m0s"). Zero, negative, past, unreadable
// or contradicting (two headers that differ) say nothing. `now` is Unix time in seconds.
RetryAdvice read_advice(const Headers& headers, int status, std::int64_t now);

// "Wed, 21 Oct 2099 07:28:00 GMT" as Unix seconds; nullopt for anything else.
std::optional<std::int64_t> parse_http_date(std::string_view text);
// "1s", "6m0s", "1h2m3.5s", "120ms" in milliseconds; nullopt for anything else.
std::optional<std::int64_t> parse_duration(std::string_view text);

struct RetryPolicy {
  int max_tries = 3;
  std::int64_t first_backoff_ms = 500;
  std::int64_t max_backoff_ms = 30'000;
  std::int64_t total_ms = 120'000;  // over all tries and waits
};

// What is left of a call: counts tries and time. All times in milliseconds of one clock.
class RetryState {
 public:
  RetryState(const RetryPolicy& policy, std::int64_t now_ms)
      : policy_(policy), deadline_ms_(now_ms + policy.total_ms) {}

  std::int64_t deadline_ms() const { return deadline_ms_; }
  int tries() const { return tries_; }
  void count_try() { ++tries_; }

  // How long to wait before the next try; nullopt when there is to be none: the outcome is neither
  // Retry nor Wait, the tries are used up, or the wait would not end before the deadline. `random`
  // is evenly distributed in [0, 1).
  std::optional<std::int64_t> next_wait_ms(const Fault& fault, std::int64_t now_ms,
                                           double random) const;

 private:
  RetryPolicy policy_;
  std::int64_t deadline_ms_;
  int tries_ = 0;
};

}  // namespace tc::llm
