// Requests over HTTP from inside a backend, many at once, and never in the way of an interrupt.
//
// libcurl's multi interface says which sockets to watch; the server's own WaitEventSet watches them
// together with the process latch. So whatever a call waits for (a resolver, a handshake, a body),
// a cancel, a timeout, a shutdown or a barrier of another session is served at once.
//
// libcurl calls back into plain functions that append to std::string and neither allocate from the
// server nor throw. Threads are libcurl's own (its resolver); signals are blocked while they may be
// started, so that no signal of the server's is ever handled in one.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/fault.hpp"

namespace llm {

struct HttpLimits {
  std::int64_t connect_ms = 10'000;
  std::int64_t first_byte_ms = 60'000;
  std::int64_t idle_ms = 30'000;  // between two bytes
  std::int64_t total_ms = 120'000;
  std::int64_t max_bytes = std::int64_t{16} << 20;  // of the body, unpacked
};

struct HttpRequest {
  std::string url, body;
  std::vector<std::pair<std::string, std::string>> headers;
  HttpLimits limits;
  std::string ca_file;           // "" = the system's
  bool may_go_inside = false;    // any address: the host is on the administrator's list
  bool may_go_loopback = false;  // the host is written as loopback
};

struct HttpResponse {
  int curl_code = 0;
  tc::llm::Broken broken = tc::llm::Broken::None;
  std::string curl_message;
  int status = 0;
  tc::llm::Headers headers;
  std::string body;
  std::int64_t first_byte_us = 0, total_us = 0;

  bool arrived() const { return curl_code == 0 && broken == tc::llm::Broken::None; }
};

// A request under way. Destroying it gives it up.
class Exchange {
 public:
  explicit Exchange(const HttpRequest& request);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  bool is_done() const;
  bool has_good_status() const;  // headers of a 200 have come
  // Grows while the response comes; whoever takes bytes away from its body still sees max_bytes
  // counted over all that came.
  HttpResponse& response();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

// Waits until `enough` says so, which is asked whenever something came. Serves interrupts: throws
// pg::Error for a cancel.
void drive(const std::function<bool()>& enough);
// Waits for all of them.
void drive_all(std::span<const std::unique_ptr<Exchange>> exchanges);
// Sleeps, and serves interrupts at once.
void pause_ms(std::int64_t ms);

std::int64_t now_ms();  // of a clock that never jumps

}  // namespace llm
