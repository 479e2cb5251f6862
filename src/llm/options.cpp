#include "llm/options.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/text.hpp"
#include "llm/request.hpp"

namespace tc::llm {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

// One option: how its text becomes a member. `say` describes the values for the hint.
struct Option {
  std::string_view name;
  std::string_view say;
  bool (*set)(ServerOptions&, std::string_view);
};

bool set_flag(bool& flag, std::string_view text) {
  const bool yes = text == "true" || text == "on" || text == "yes" || text == "1";
  const bool no = text == "false" || text == "off" || text == "no" || text == "0";
  if (yes || no) flag = yes;
  return yes || no;
}

bool set_whole(std::int64_t& value, std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t read = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (read < least || read > most) return false;
  value = read;
  return true;
}

// Seconds with decimals, kept as milliseconds.
bool set_seconds(std::int64_t& value_ms, std::string_view text) {
  const auto seconds = parse_decimal(text);
  const auto ms = seconds ? multiply(*seconds, {1000, 0}) : std::nullopt;
  if (!ms || ms->scale != 0 || ms->digits < 1 || ms->digits > kHourMs) return false;
  value_ms = static_cast<std::int64_t>(ms->digits);
  return true;
}

bool set_price(Decimal& price, std::string_view text) {
  const auto value = parse_decimal(text);
  if (!value || value->digits < 0 || !fits_numeric(*value, 8, 8)) return false;
  price = *value;
  return true;
}

constexpr std::string_view kFlag = "true or false";
constexpr std::string_view kSeconds = "seconds, from 0.001 to 3600";
constexpr std::string_view kPrice = "USD for a million tokens, such as 3.00";
constexpr std::string_view kPerMinute = "a whole number from 0 (no limit) to 1000000000";

const std::array<Option, 22> kOptions = {{
    {"api", "openai (also any compatible server), anthropic or ollama",
     [](ServerOptions& o, std::string_view text) {
       const auto api = parse_api(text);
       if (api) o.api = *api;
       return api.has_value();
     }},
    {"model", "the name by which the server knows the model",
     [](ServerOptions& o, std::string_view text) {
       o.model = text;
       return !text.empty() && text.size() <= 200;
     }},
    {"base_url", "an address such as https://api.openai.com",
     [](ServerOptions& o, std::string_view text) {
       o.base_url = text;
       return !text.empty() && text.size() <= 1000;
     }},
    {"structured", "native, tool or none",
     [](ServerOptions& o, std::string_view text) {
       const auto structured = parse_structured(text);
       if (structured) o.structured = *structured;
       return structured.has_value();
     }},
    {"tier", "fast, balanced or advanced",
     [](ServerOptions& o, std::string_view text) {
       o.tier = text;
       return text == "fast" || text == "balanced" || text == "advanced";
     }},
    {"allow_http", kFlag,
     [](ServerOptions& o, std::string_view text) { return set_flag(o.allow_http, text); }},
    {"require_model", kFlag,
     [](ServerOptions& o, std::string_view text) { return set_flag(o.require_model, text); }},
    {"send_temperature", kFlag,
     [](ServerOptions& o, std::string_view text) { return set_flag(o.send_temperature, text); }},
    {"input_price", kPrice,
     [](ServerOptions& o, std::string_view text) { return set_price(o.input_price, text); }},
    {"output_price", kPrice,
     [](ServerOptions& o, std::string_view text) { return set_price(o.output_price, text); }},
    {"cached_price", kPrice,
     [](ServerOptions& o, std::string_view text) {
       o.has_cached_price = true;
       return set_price(o.cached_price, text);
     }},
    {"requests_per_minute", kPerMinute,
     [](ServerOptions& o, std::string_view text) {
       return set_whole(o.limits.requests_per_minute, text, 0, 1'000'000'000);
     }},
    {"tokens_per_minute", kPerMinute,
     [](ServerOptions& o, std::string_view text) {
       return set_whole(o.limits.tokens_per_minute, text, 0, 1'000'000'000);
     }},
    {"concurrency", "a whole number from 0 (no limit) to 10000",
     [](ServerOptions& o, std::string_view text) {
       return set_whole(o.limits.concurrency, text, 0, 10'000);
     }},
    {"max_tries", "a whole number from 1 to 20",
     [](ServerOptions& o, std::string_view text) {
       std::int64_t tries = 0;
       if (!set_whole(tries, text, 1, 20)) return false;
       o.retry.max_tries = static_cast<int>(tries);
       return true;
     }},
    {"backoff", kSeconds,
     [](ServerOptions& o, std::string_view text) {
       return set_seconds(o.retry.first_backoff_ms, text);
     }},
    {"timeout", kSeconds,
     [](ServerOptions& o, std::string_view text) { return set_seconds(o.retry.total_ms, text); }},
    {"connect_timeout", kSeconds,
     [](ServerOptions& o, std::string_view text) {
       return set_seconds(o.connect_timeout_ms, text);
     }},
    {"first_byte_timeout", kSeconds,
     [](ServerOptions& o, std::string_view text) {
       return set_seconds(o.first_byte_timeout_ms, text);
     }},
    {"idle_timeout", kSeconds,
     [](ServerOptions& o, std::string_view text) { return set_seconds(o.idle_timeout_ms, text); }},
    {"max_response_bytes", "a whole number from 1000 to 268435456",
     [](ServerOptions& o, std::string_view text) {
       return set_whole(o.max_response_bytes, text, 1000, std::int64_t{256} << 20);
     }},
    {"ca_file", "the path of a file with trusted certificates",
     [](ServerOptions& o, std::string_view text) {
       o.ca_file = text;
       return !text.empty() && text.front() == '/';
     }},
}};

std::string option_names() {
  std::string text = "Valid options: ";
  for (const Option& option : kOptions) {
    if (&option != &kOptions.front()) text += ", ";
    text += option.name;
  }
  return text + ".";
}

std::string_view default_url(Api api) {
  switch (api) {
    case Api::OpenAi:
      return "https://api.openai.com";
    case Api::Anthropic:
      return "https://api.anthropic.com";
    case Api::Ollama:
      break;
  }
  return "http://127.0.0.1:11434";
}

void check_url(const ServerOptions& options) {
  const std::string_view url = options.base_url;
  const bool is_https = url.substr(0, 8) == "https://";
  if (!is_https && url.substr(0, 7) != "http://") {
    throw OptionError("base_url must begin with https://",
                      "Only http and https are spoken, and http to this machine alone.");
  }
  const auto is_odd = [](char c) { return c <= ' ' || c >= 0x7f || c == '\\' || c == '"'; };
  if (url.find_first_of("@?#") != std::string_view::npos ||
      std::any_of(url.begin(), url.end(), is_odd)) {
    throw OptionError("base_url must not contain a user, a query, a fragment or odd characters",
                      "A key belongs into the user mapping: CREATE USER MAPPING … OPTIONS (api_key "
                      "'…').");
  }
  const std::string host = host_of(url);
  if (host.empty()) throw OptionError("base_url names no host");
  if (!is_https && !options.allow_http && !is_loopback_host(host)) {
    throw OptionError("base_url must begin with https://, as its host is not this machine",
                      "Without encryption everybody on the way reads the key. If that is meant, "
                      "add allow_http 'true'.");
  }
}

bool has_prefix(const std::uint8_t* bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes);
}

bool is_inside_v4(const std::uint8_t* b) {
  return b[0] == 0 || b[0] == 10 || b[0] == 127 || b[0] >= 224 || (b[0] == 169 && b[1] == 254) ||
         (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
         (b[0] == 100 && (b[1] & 0xc0) == 64) || (b[0] == 198 && (b[1] & 0xfe) == 18) ||
         (b[0] == 192 && b[1] == 0 && b[2] == 0);
}

// The IPv4 address that an IPv6 one stands for (mapped, NAT64, 6to4); nullptr when none.
const std::uint8_t* embedded_v4(const std::uint8_t* b) {
  if (has_prefix(b, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return b + 12;
  if (has_prefix(b, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return b + 12;
  if (has_prefix(b, {0x20, 0x02})) return b + 2;
  return nullptr;
}

}  // namespace

ServerOptions read_server_options(const Options& options) {
  ServerOptions result;
  for (const auto& [name, value] : options) {
    const auto option =
        std::find_if(kOptions.begin(), kOptions.end(),
                     [key = std::string_view(name)](const Option& o) { return o.name == key; });
    if (option == kOptions.end()) {
      std::vector<std::string> names;
      names.reserve(kOptions.size());
      for (const Option& known : kOptions) names.emplace_back(known.name);
      const std::string guess = did_you_mean(name, names);
      const bool is_key = name == "api_key" || name == "api_key_file";
      throw OptionError("a model's server has no option \"" + excerpt(name, 60) + "\"",
                        is_key ? "A key belongs into a user mapping: CREATE USER MAPPING FOR … "
                                 "SERVER … OPTIONS (api_key '…')."
                               : guess + (guess.empty() ? "" : " ") + option_names());
    }
    if (!option->set(result, value)) {
      throw OptionError("the option \"" + name + "\" cannot be \"" + excerpt(value, 60) + "\"",
                        "It is " + std::string(option->say) + ".");
    }
  }
  if (result.base_url.empty()) result.base_url = default_url(result.api);
  check_url(result);
  return result;
}

KeyOptions read_key_options(const Options& options) {
  KeyOptions result;
  for (const auto& [name, value] : options) {
    // Values are not shown here: they are keys.
    if (name == "api_key") {
      result.api_key = value;
      if (value.empty() || value.size() > 4000 || !is_sound_key(value)) {
        throw OptionError("api_key must be printable ASCII without spaces");
      }
    } else if (name == "api_key_file") {
      result.api_key_file = value;
      if (value.empty() || value.front() != '/') {
        throw OptionError("api_key_file must be an absolute path");
      }
    } else {
      throw OptionError("a user mapping for a model has no option \"" + excerpt(name, 60) + "\"",
                        "Valid options: api_key, api_key_file.");
    }
  }
  if (!result.api_key.empty() && !result.api_key_file.empty()) {
    throw OptionError("api_key and api_key_file exclude each other");
  }
  return result;
}

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  std::string_view rest = url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (!rest.empty() && rest.front() == '[') {
    rest = rest.substr(1, rest.find(']') == std::string_view::npos ? 0 : rest.find(']') - 1);
  } else {
    rest = rest.substr(0, rest.find(':'));
  }
  std::string host(rest);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return host;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  // 127.x.y.z written out; 127.1 and the like, which resolvers also take, are not needed.
  if (host.substr(0, 4) != "127.") return false;
  return std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_inside_address(const std::uint8_t* bytes, std::size_t size) {
  if (size == 4) return is_inside_v4(bytes);
  if (size != 16) return true;
  if (const std::uint8_t* v4 = embedded_v4(bytes)) return is_inside_v4(v4);
  const bool is_low = has_prefix(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  return is_low || bytes[0] == 0xff || (bytes[0] & 0xfe) == 0xfc ||
         (bytes[0] == 0xfe && (bytes[1] & 0x80) == 0x80);
}

bool is_loopback_address(const std::uint8_t* bytes, std::size_t size) {
  if (size == 4) return bytes[0] == 127;
  if (size != 16) return false;
  if (has_prefix(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return bytes[12] == 127;
  return has_prefix(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

std::optional<Decimal> cost_of(const ServerOptions& options, std::optional<std::int64_t> input,
                               std::optional<std::int64_t> output,
                               std::optional<std::int64_t> cached) {
  if (!input && !output) return std::nullopt;
  const std::int64_t hits = std::min(cached.value_or(0), input.value_or(0));
  const Decimal cached_price =
      options.has_cached_price ? options.cached_price : options.input_price;
  const std::array<std::pair<Decimal, std::int64_t>, 3> parts = {
      {{options.input_price, input.value_or(0) - hits},
       {cached_price, hits},
       {options.output_price, output.value_or(0)}}};
  // Prices have at most 8 decimals: all is added at that scale, then moved by the million.
  constexpr int kScale = 8;
  int128 units = 0;
  for (const auto& [price, tokens] : parts) {
    int128 scaled = price.digits;
    for (int i = price.scale; i < kScale; ++i) scaled *= 10;
    units += scaled * tokens;
  }
  Decimal cost{units, kScale + 6};
  while (cost.scale > 0 && cost.digits % 10 == 0) {
    cost.digits /= 10;
    --cost.scale;
  }
  return cost;
}

}  // namespace tc::llm
