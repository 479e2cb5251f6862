// The options of a model's server (CREATE SERVER … OPTIONS), one table: names, kinds, limits.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "llm/api.hpp"
#include "llm/breaker.hpp"
#include "llm/retry.hpp"

namespace tc::llm {

struct ServerOptions {
  Api api = Api::OpenAi;
  std::string model, base_url;
  Structured structured = Structured::Native;
  bool allow_http = false;
  bool require_model = false;  // an answer of another model is a fault
  bool send_temperature = true;
  std::string tier = "balanced";
  Decimal input_price, output_price, cached_price;  // USD for a million tokens
  bool has_cached_price = false;                    // else cached tokens cost as others do
  Limits limits;
  RetryPolicy retry;
  std::int64_t connect_timeout_ms = 10'000;
  std::int64_t first_byte_timeout_ms = 60'000;
  std::int64_t idle_timeout_ms = 30'000;
  std::int64_t max_response_bytes = std::int64_t{16} << 20;
  std::string ca_file;  // "" = the system's
};

// What is wrong with an option, and the names or values there are.
struct OptionError : std::runtime_error {
  explicit OptionError(const std::string& message, std::string what_to_do = "")
      : std::runtime_error(message), hint(std::move(what_to_do)) {}
  std::string hint;
};

using Options = std::vector<std::pair<std::string, std::string>>;

// Throws OptionError for an unknown name, a value out of its limits, a base_url that is not http or
// https, has a user, a query or a fragment in it, or is http to a host that is not loopback without
// allow_http. Of an ALTER SERVER only all options together make sense; the server hands them over
// so.
ServerOptions read_server_options(const Options& options);

struct KeyOptions {
  std::string api_key, api_key_file;
};
KeyOptions read_key_options(const Options& options);  // of a user mapping

// "localhost", 127.0.0.0/8 or ::1 as written in the URL. A name that merely resolves to such an
// address is not.
bool is_loopback_host(std::string_view host);
std::string host_of(std::string_view url);  // lower case, without brackets; "" when there is none

// The address (IPv4 or IPv6 in network order) lies inside a machine or a private network: loopback,
// private, link-local, unique local, multicast, unspecified, carrier-grade NAT, or such an IPv4
// address inside an IPv6 one.
bool is_inside_address(const std::uint8_t* bytes, std::size_t size);
bool is_loopback_address(const std::uint8_t* bytes, std::size_t size);

// What a call cost in USD, exactly: nullopt when the server did not count.
std::optional<Decimal> cost_of(const ServerOptions& options, std::optional<std::int64_t> input,
                               std::optional<std::int64_t> output,
                               std::optional<std::int64_t> cached);

}  // namespace tc::llm
