// What can go wrong with a call, and the one thing to do about it.
//
// Every fault has exactly one outcome, decided here and nowhere else: from libcurl's result, from
// the status line and the error's body, from the envelope, from the content. A fault's `code` is a
// short stable name for logs and tests; its SQLSTATE is what a caller sees when nothing is left to
// try.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/api.hpp"
#include "llm/json.hpp"

namespace tc::llm {

enum class Outcome : std::uint8_t {
  Retry,   // transient: the same request may go again after a backoff
  Wait,    // transient, and the server said (or hinted) when
  Repair,  // a reply came, its content is wrong: tell the model why
  Fail,    // permanent: the same request would fail again
};
std::string_view outcome_name(Outcome outcome);  // "retry", "wait", "repair", "fail"

struct Fault {
  Outcome outcome = Outcome::Fail;
  std::string code;                     // "timeout", "rate_limited", "truncated", …
  std::string message;                  // for a person, one sentence without a full stop
  int status = 0;                       // HTTP status; 0 when none came
  std::optional<std::int64_t> wait_ms;  // the server's word, capped; of Wait alone
  bool opens_circuit = false;  // nobody should try this server for a while (bad key, no credit)
};

// The SQLSTATE of a fault that nothing more is tried about.
std::string_view sqlstate_of(const Fault& fault);

// Response headers in the order they came; names in lower case.
using Headers = std::vector<std::pair<std::string, std::string>>;

// How far a request got when libcurl gave up; what its code alone does not tell.
enum class Broken : std::uint8_t {
  None,
  Timeout,   // one of our deadlines
  TooLarge,  // more bytes than max_response_bytes
  HeadersTooLarge,
  ForbiddenAddress,  // the name resolved to an address that is not allowed
};

// REQUIRES: code is not CURLE_OK, or broken is not None. The meaning of each code is libcurl's.
Fault classify_transport(int curl_code, Broken broken, std::string_view curl_message);

// A status other than 200, with the provider's error body. `now` (Unix seconds) is for dates in
// Retry-After.
Fault classify_status(Api api, int status, std::string_view body, const Headers& headers,
                      std::int64_t now);

// An error inside a reply with status 200, or in a stream: by the provider's type and code.
struct ProviderError {
  std::string type, code, message;
  std::optional<int> status;  // when the code is a number
};
Fault classify_provider_error(const ProviderError& error);

// The error in a provider's body; nullopt when the body is not one.
std::optional<ProviderError> read_error(const Json& body);
std::optional<ProviderError> read_error(std::string_view body);

// A provider's message as it may be shown: one line, printable, at most 300 bytes, without what
// looks like a key. HTML is not shown at all ("" then).
std::string presentable(std::string_view text);
// `text` with every occurrence of `key` (not shorter than 8) replaced by "***".
std::string redact(std::string text, std::string_view key);

}  // namespace tc::llm
