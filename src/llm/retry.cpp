#include "llm/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/calendar.hpp"

namespace tc::llm {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kUnixDayOf2000 = 10'957;

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> parse_digits(std::string_view text) {
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto value = parse_whole(text);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The value of a header that is given once, or several times alike.
std::optional<std::string_view> only_value(const Headers& headers, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : headers) {
    if (key != name) continue;
    if (found && *found != trim(value)) return std::nullopt;
    found = trim(value);
  }
  return found;
}

std::optional<std::int64_t> sensible(std::optional<std::int64_t> wait_ms) {
  if (!wait_ms || *wait_ms <= 0) return std::nullopt;
  return std::min(*wait_ms, kMaxWaitMs);
}

std::optional<std::int64_t> parse_retry_after(std::string_view text, std::int64_t now) {
  constexpr std::int64_t kMostSeconds = kMaxWaitMs;  // keeps the product small; capped anyway
  if (const auto seconds = parse_whole(text)) {
    return std::clamp<std::int64_t>(*seconds, -1, kMostSeconds) * 1000;
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp<std::int64_t>(*date - now, -1, kMostSeconds) * 1000;
}

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  // "Wed, 21 Oct 2099 07:28:00 GMT"
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t kLength = 29;
  if (text.size() != kLength || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') {
    return std::nullopt;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto day = parse_digits(text.substr(5, 2));
  const auto year = parse_digits(text.substr(12, 4));
  const auto hour = parse_digits(text.substr(17, 2));
  const auto minute = parse_digits(text.substr(20, 2));
  const auto second = parse_digits(text.substr(23, 2));
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  if (*day < 1 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60 || *year < 1970) {
    return std::nullopt;
  }
  const int number = static_cast<int>(month - kMonths.begin()) + 1;
  const std::int64_t days = static_cast<std::int64_t>(make_date(*year, number, 1)) + *day - 1;
  return (days + kUnixDayOf2000) * kSecondsPerDay + *hour * 3600LL + *minute * 60LL + *second;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double ms;
  };
  constexpr std::array<Unit, 4> kUnits = {{{"ms", 1}, {"h", 3.6e6}, {"m", 6e4}, {"s", 1e3}}};
  constexpr double kMost = 1e12;
  double total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    double number = 0;
    if (text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
      return text.substr(0, candidate.name.size()) == candidate.name;
    });
    if (unit == kUnits.end()) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += number * unit->ms;
    if (total > kMost) return std::nullopt;
  }
  return static_cast<std::int64_t>(total);
}

RetryAdvice read_advice(const Headers& headers, int status, std::int64_t now) {
  RetryAdvice advice;
  if (const auto word = only_value(headers, "x-should-retry")) {
    if (*word == "true") advice.should_retry = true;
    if (*word == "false") advice.should_retry = false;
  }
  if (const auto text = only_value(headers, "retry-after-ms")) {
    advice.wait_ms = sensible(parse_whole(*text));
    if (advice.wait_ms) return advice;
  }
  if (const auto text = only_value(headers, "retry-after")) {
    advice.wait_ms = sensible(parse_retry_after(*text, now));
    return advice;
  }
  if (status != 429) return advice;
  for (const std::string_view name : {"x-ratelimit-reset-requests", "x-ratelimit-reset-tokens"}) {
    const auto text = only_value(headers, name);
    const auto wait = text ? sensible(parse_duration(*text)) : std::nullopt;
    if (wait) advice.wait_ms = std::max(advice.wait_ms.value_or(0), *wait);
  }
  return advice;
}

std::optional<std::int64_t> RetryState::next_wait_ms(const Fault& fault, std::int64_t now_ms,
                                                     double random) const {
  if (fault.outcome != Outcome::Retry && fault.outcome != Outcome::Wait) return std::nullopt;
  if (tries_ >= policy_.max_tries) return std::nullopt;
  constexpr int kMostDoublings = 20;
  const int doublings = std::min(std::max(tries_ - 1, 0), kMostDoublings);
  const std::int64_t ceiling =
      std::min(policy_.max_backoff_ms, policy_.first_backoff_ms << doublings);
  // Never 0, so that not even a lucky draw makes a busy loop; a server's word gets some jitter on
  // top.
  const auto jitter = static_cast<std::int64_t>(random * static_cast<double>(ceiling));
  const std::int64_t wait =
      fault.wait_ms ? *fault.wait_ms + jitter / 4 : std::max<std::int64_t>(jitter, 1);
  if (now_ms + wait >= deadline_ms_) return std::nullopt;
  return wait;
}

}  // namespace tc::llm
