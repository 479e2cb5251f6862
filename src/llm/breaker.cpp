#include "llm/breaker.hpp"

#include <algorithm>

namespace tc::llm {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kPollMs = 20;  // when all slots are taken, for a slot's end is not foreseen

// The emission interval of `n` units at `per_minute`, in microseconds. Units are few enough that
// this does not overflow: a request's tokens are bounded by its bytes.
std::int64_t cost_us(std::int64_t units, std::int64_t per_minute) {
  return units * kMinuteUs / per_minute;
}

std::int64_t wait_us(std::int64_t at_us, std::int64_t cost, std::int64_t now_us) {
  // A single call larger than a whole minute's allowance must still get through when all is quiet.
  const std::int64_t burst = std::max(kMinuteUs, cost);
  return std::max(at_us, now_us) + cost - (now_us + burst);
}

}  // namespace

Circuit Breaker::state(std::int64_t now_ms) const {
  if (is_open_ == 0) return Circuit::Closed;
  return now_ms >= probe_at_ms_ ? Circuit::HalfOpen : Circuit::Open;
}

bool Breaker::allow(std::int64_t now_ms) {
  switch (state(now_ms)) {
    case Circuit::Closed:
      return true;
    case Circuit::Open:
      return false;
    case Circuit::HalfOpen:
      break;
  }
  probe_at_ms_ = now_ms + kProbeAfterMs;
  return true;
}

std::int64_t Breaker::wait_ms(std::int64_t now_ms) const {
  return state(now_ms) == Circuit::Open ? probe_at_ms_ - now_ms : 0;
}

void Breaker::succeed() {
  failures_ = 0;
  is_open_ = 0;
}

void Breaker::fail(std::int64_t now_ms) {
  failures_ = std::min(failures_ + 1, 1'000'000);
  if (is_open_ != 0 || failures_ >= kFailuresToOpen) trip(now_ms);
}

void Breaker::trip(std::int64_t now_ms) {
  is_open_ = 1;
  probe_at_ms_ = now_ms + kProbeAfterMs;
}

std::int64_t RateLimiter::acquire(const Limits& limits, std::int64_t tokens, std::int64_t now_ms) {
  const std::int64_t now_us = now_ms * 1000;
  if (now_ms < paused_until_ms_) return paused_until_ms_ - now_ms;
  if (limits.concurrency > 0 && running_ >= limits.concurrency) return kPollMs;
  std::int64_t wait = 0;
  std::int64_t request_cost = 0;
  std::int64_t token_cost = 0;
  if (limits.requests_per_minute > 0) {
    request_cost = cost_us(1, limits.requests_per_minute);
    wait = std::max(wait, wait_us(requests_at_us_, request_cost, now_us));
  }
  if (limits.tokens_per_minute > 0) {
    token_cost = cost_us(std::max<std::int64_t>(tokens, 0), limits.tokens_per_minute);
    wait = std::max(wait, wait_us(tokens_at_us_, token_cost, now_us));
  }
  if (wait > 0) return (wait + 999) / 1000;
  if (request_cost > 0) requests_at_us_ = std::max(requests_at_us_, now_us) + request_cost;
  if (token_cost > 0) tokens_at_us_ = std::max(tokens_at_us_, now_us) + token_cost;
  ++running_;
  return 0;
}

void RateLimiter::release() { running_ = std::max<std::int64_t>(running_ - 1, 0); }

void RateLimiter::settle_tokens(const Limits& limits, std::int64_t estimated, std::int64_t used) {
  constexpr std::int64_t kMost = 100'000'000;  // a server may claim anything
  if (limits.tokens_per_minute > 0) {
    const std::int64_t more = std::clamp(used, std::int64_t{0}, kMost) - estimated;
    tokens_at_us_ += cost_us(more, limits.tokens_per_minute);
  }
}

void RateLimiter::pause_until(std::int64_t when_ms) {
  paused_until_ms_ = std::max(paused_until_ms_, when_ms);
}

}  // namespace tc::llm
