#include "llm/fault.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.hpp"
#include "llm/retry.hpp"

namespace tc::llm {
namespace {

constexpr std::size_t kShownBytes = 300;

struct TransportRow {
  int code;  // CURLE_…; written as numbers because the core does not need libcurl
  Outcome outcome;
  std::string_view name;
  std::string_view message;
};

constexpr std::array<TransportRow, 20> kTransport = {{
    {1, Outcome::Fail, "not_http",
     "what answers there does not speak HTTP, or the address is not one"},
    {3, Outcome::Fail, "bad_url", "the URL is malformed"},
    {6, Outcome::Retry, "unresolved", "the host name does not resolve"},
    {7, Outcome::Retry, "refused", "the connection was refused"},
    {8, Outcome::Fail, "not_http", "what answers there does not speak HTTP"},
    {16, Outcome::Retry, "http2", "the HTTP/2 connection broke"},
    {18, Outcome::Retry, "truncated", "the connection closed before the end of the response"},
    {23, Outcome::Fail, "too_large", "the response is larger than max_response_bytes"},
    {27, Outcome::Fail, "headers_too_large", "the response's headers are too large"},
    {28, Outcome::Retry, "timeout", "the server did not answer in time"},
    {35, Outcome::Fail, "tls", "TLS could not be agreed on"},
    {52, Outcome::Retry, "empty_reply", "the connection closed without a response"},
    {55, Outcome::Retry, "reset", "the connection broke while sending"},
    {56, Outcome::Retry, "reset", "the connection broke while receiving"},
    {60, Outcome::Fail, "certificate", "the server's certificate is not trusted"},
    {61, Outcome::Retry, "bad_encoding", "the response's content encoding cannot be read"},
    {63, Outcome::Fail, "too_large", "the response is larger than max_response_bytes"},
    {77, Outcome::Fail, "ca_file", "the file of trusted certificates cannot be read"},
    {83, Outcome::Fail, "certificate", "the server's certificate is not trusted"},
    {92, Outcome::Retry, "http2", "the HTTP/2 stream broke"},
}};

struct BrokenRow {
  Broken broken;
  Outcome outcome;
  std::string_view name;
  std::string_view message;
};
constexpr std::array<BrokenRow, 4> kBroken = {{
    {Broken::Timeout, Outcome::Retry, "timeout", "the server did not answer in time"},
    {Broken::TooLarge, Outcome::Fail, "too_large",
     "the response is larger than max_response_bytes"},
    {Broken::HeadersTooLarge, Outcome::Fail, "headers_too_large",
     "the response's headers are too large"},
    {Broken::ForbiddenAddress, Outcome::Fail, "forbidden_address",
     "the host resolves to an address inside the network, which is not allowed"},
}};

struct StatusRow {
  int first, last;
  Outcome outcome;
  std::string_view name;
  std::string_view message;
  bool opens_circuit;
};
// The first row that fits counts.
constexpr std::array<StatusRow, 17> kStatuses = {{
    {204, 204, Outcome::Retry, "empty_reply", "the response is empty", false},
    {200, 299, Outcome::Retry, "odd_status", "the response has an unexpected status", false},
    {300, 399, Outcome::Fail, "redirect", "the server redirects, which is never followed", false},
    {400, 400, Outcome::Fail, "bad_request", "the model's server refused the request", false},
    {401, 401, Outcome::Fail, "bad_key", "the model's server does not accept the API key", true},
    {402, 402, Outcome::Fail, "no_credit", "the account has no credit left", true},
    {403, 403, Outcome::Fail, "forbidden", "the model's server forbids this to the API key", true},
    {404, 404, Outcome::Fail, "not_found", "the model or the path does not exist there", false},
    {408, 409, Outcome::Retry, "busy", "the server asks to try again", false},
    {413, 413, Outcome::Fail, "request_too_large", "the request is too large for the server",
     false},
    {422, 422, Outcome::Fail, "unprocessable", "the model's server cannot process the request",
     false},
    {425, 425, Outcome::Retry, "busy", "the server asks to try again", false},
    {429, 429, Outcome::Wait, "rate_limited", "the rate limit is reached", false},
    {529, 529, Outcome::Retry, "overloaded", "the server is overloaded", false},
    {500, 599, Outcome::Retry, "server_error", "the model's server failed", false},
    {400, 499, Outcome::Fail, "bad_request", "the model's server refused the request", false},
    {0, 999, Outcome::Fail, "odd_status", "the response has an unexpected status", false},
}};

struct ErrorRow {
  std::string_view word;  // of the provider's code or type, or within it
  Outcome outcome;
  std::string_view name;
  std::string_view message;
  bool opens_circuit;
};
// What providers call their errors; more telling than the status, which some get wrong.
constexpr std::array<ErrorRow, 16> kErrors = {{
    {"insufficient_quota", Outcome::Fail, "no_credit", "the account has no credit left", true},
    {"billing_error", Outcome::Fail, "no_credit", "the account has no credit left", true},
    {"context_length_exceeded", Outcome::Fail, "context_length",
     "the prompt is longer than the model's context", false},
    {"exceed_context_size", Outcome::Fail, "context_length",
     "the prompt is longer than the model's context", false},
    {"request_too_large", Outcome::Fail, "request_too_large",
     "the request is too large for the server", false},
    {"invalid_api_key", Outcome::Fail, "bad_key", "the model's server does not accept the API key",
     true},
    {"authentication_error", Outcome::Fail, "bad_key",
     "the model's server does not accept the API key", true},
    {"permission_error", Outcome::Fail, "forbidden",
     "the model's server forbids this to the API key", true},
    {"model_not_found", Outcome::Fail, "not_found", "the model does not exist there", false},
    {"not_found_error", Outcome::Fail, "not_found", "the model does not exist there", false},
    {"rate_limit", Outcome::Wait, "rate_limited", "the rate limit is reached", false},
    {"overloaded", Outcome::Retry, "overloaded", "the server is overloaded", false},
    {"timeout", Outcome::Retry, "timeout", "the model's server ran out of time", false},
    {"content_filter", Outcome::Fail, "content_filter", "the provider's filter stopped the answer",
     false},
    {"invalid_request", Outcome::Fail, "bad_request", "the model's server refused the request",
     false},
    {"unsupported", Outcome::Fail, "bad_request", "the model's server refused the request", false},
}};

template <class Row>
Fault fault_of(const Row& row) {
  Fault fault;
  fault.outcome = row.outcome;
  fault.code = row.name;
  fault.message = row.message;
  return fault;
}

const ErrorRow* row_of(const ProviderError& error) {
  for (const ErrorRow& row : kErrors) {
    if (error.code.find(row.word) != std::string::npos ||
        error.type.find(row.word) != std::string::npos) {
      return &row;
    }
  }
  return nullptr;
}

const StatusRow& row_of(int status) {
  return *std::find_if(kStatuses.begin(), kStatuses.end() - 1, [&](const StatusRow& row) {
    return row.first <= status && status <= row.last;
  });
}

// llama.cpp answers a malformed request with a 500; trying it again would be in vain.
bool blames_the_request(const ProviderError& error) {
  const auto has = [&](std::string_view word) {
    return error.message.find(word) != std::string::npos ||
           error.type.find(word) != std::string::npos;
  };
  return has("invalid_request") || has("parse_error") || has("parse error") ||
         has("[json.exception") || has("Failed to parse") || has("malformed");
}

void add_detail(Fault& fault, const std::string& detail) {
  if (!detail.empty()) fault.message += ": " + detail;
}

bool looks_like_html(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && text[start] == '<';
}

struct StateRow {
  std::string_view name;
  std::string_view sqlstate;
};
// By the fault's name; others go by their outcome.
constexpr std::array<StateRow, 14> kStates = {{{"bad_key", "28000"},
                                               {"forbidden", "28000"},
                                               {"redirect", "42501"},
                                               {"forbidden_address", "42501"},
                                               {"certificate", "08001"},
                                               {"tls", "08001"},
                                               {"ca_file", "08001"},
                                               {"too_large", "54000"},
                                               {"headers_too_large", "54000"},
                                               {"request_too_large", "54000"},
                                               {"context_length", "54000"},
                                               {"length", "54000"},
                                               {"no_credit", "53000"},
                                               {"schema", "22023"}}};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  constexpr std::array<std::string_view, 4> kNames = {"retry", "wait", "repair", "fail"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string_view sqlstate_of(const Fault& fault) {
  for (const StateRow& row : kStates) {
    if (fault.code == row.name) return row.sqlstate;
  }
  switch (fault.outcome) {
    case Outcome::Retry:
      return "08006";
    case Outcome::Wait:
      return "53400";
    case Outcome::Repair:
      return "22P02";
    case Outcome::Fail:
      break;
  }
  return "TC403";
}

Fault classify_transport(int curl_code, Broken broken, std::string_view curl_message) {
  for (const BrokenRow& row : kBroken) {
    if (row.broken == broken) return fault_of(row);
  }
  for (const TransportRow& row : kTransport) {
    if (row.code != curl_code) continue;
    Fault fault = fault_of(row);
    add_detail(fault, presentable(curl_message));
    return fault;
  }
  Fault fault;
  fault.outcome = Outcome::Retry;
  fault.code = "transport";
  fault.message = "the connection failed";
  add_detail(fault, presentable(curl_message));
  return fault;
}

Fault classify_status(Api, int status, std::string_view body, const Headers& headers,
                      std::int64_t now) {
  const auto error = read_error(body);
  const StatusRow& row = row_of(status);
  Fault fault = fault_of(row);
  fault.opens_circuit = row.opens_circuit;
  if (error) {
    if (const ErrorRow* named = row_of(*error); named != nullptr && status >= 400) {
      // A word of the provider's may make it final, or say more; but a 5xx stays transient unless
      // it blames the request.
      if (status < 500 || named->outcome != Outcome::Fail || blames_the_request(*error)) {
        fault = fault_of(*named);
        fault.opens_circuit = named->opens_circuit;
      }
    } else if (status >= 500 && blames_the_request(*error)) {
      fault = fault_of(row_of(400));
    }
    add_detail(fault, presentable(error->message));
  }
  fault.status = status;
  const RetryAdvice advice = read_advice(headers, status, now);
  if (advice.should_retry && fault.code != "no_credit") {
    const bool is_transient = fault.outcome == Outcome::Retry || fault.outcome == Outcome::Wait;
    if (!*advice.should_retry) fault.outcome = Outcome::Fail;
    if (*advice.should_retry && !is_transient) fault.outcome = Outcome::Retry;
  }
  if (fault.outcome == Outcome::Retry && advice.wait_ms) fault.outcome = Outcome::Wait;
  if (fault.outcome == Outcome::Wait) fault.wait_ms = advice.wait_ms;
  return fault;
}

Fault classify_provider_error(const ProviderError& error) {
  Fault fault;
  if (const ErrorRow* row = row_of(error)) {
    fault = fault_of(*row);
    fault.opens_circuit = row->opens_circuit;
  } else if (error.status && *error.status >= 400) {
    const StatusRow& status = row_of(*error.status);
    fault = fault_of(status);
    fault.opens_circuit = status.opens_circuit;
  } else {
    fault = fault_of(row_of(500));
    fault.code = "provider_error";
    if (blames_the_request(error)) fault = fault_of(row_of(400));
  }
  add_detail(fault, presentable(error.message));
  return fault;
}

std::optional<ProviderError> read_error(std::string_view body) {
  const auto json = parse_envelope(body);
  return json ? read_error(*json) : std::nullopt;
}

std::optional<ProviderError> read_error(const Json& body) {
  const Json* error = body.member("error");
  if (error == nullptr || error->is(Kind::Null)) return std::nullopt;
  ProviderError result;
  if (error->is(Kind::String)) {
    result.message = error->text;
    return result;
  }
  result.type = text_of(error->member("type"));
  result.message = text_of(error->member("message"));
  if (const Json* code = error->member("code")) {
    result.code = text_of(code);
    if (const auto number = whole_of(code)) result.status = static_cast<int>(*number);
  }
  return result;
}

std::string presentable(std::string_view text) {
  if (looks_like_html(text) || !is_valid_utf8(text)) return "";
  std::string line;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (!is_control) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  // Providers quote part of the key that they refuse ("Incorrect API key provided: sk-…").
  for (const std::string_view prefix : {"sk-", "Bearer ", "gsk_", "xai-"}) {
    std::size_t at = 0;
    while ((at = line.find(prefix, at)) != std::string::npos) {
      const std::size_t from = at + prefix.size();
      std::size_t to = from;
      while (to < line.size() && (std::isalnum(static_cast<unsigned char>(line[to])) != 0 ||
                                  std::string_view("-_*").find(line[to]) != std::string::npos)) {
        ++to;
      }
      line.replace(from, to - from, "***");
      at = from + 3;
    }
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return excerpt(line, kShownBytes);
}

std::string redact(std::string text, std::string_view key) {
  constexpr std::size_t kLeast = 8;
  if (key.size() < kLeast) return text;
  std::size_t at = 0;
  while ((at = text.find(key, at)) != std::string::npos) {
    text.replace(at, key.size(), "***");
    at += 3;
  }
  return text;
}

}  // namespace tc::llm
