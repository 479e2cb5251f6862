#include "llm/extract.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/text.hpp"
#include "event/schema.hpp"

namespace tc::llm {
namespace {

constexpr std::string_view kFence = "```";

// The next line, from `at`, that begins with a fence (spaces before it do not count).
std::size_t find_fence(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const std::size_t start = text.find_first_not_of(" \t", at);
    if (start == std::string_view::npos) return start;
    if (text.substr(start, kFence.size()) == kFence) return start;
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return end;
    at = end + 1;
  }
  return std::string_view::npos;
}

struct Part {
  std::string_view before, inside, after;
};

// From the first fence to the last one: with more than two, fences would be inside, which is not
// JSON.
std::optional<Part> fenced(std::string_view text) {
  const std::size_t open = find_fence(text, 0);
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t line_end = text.find('\n', open);
  if (line_end == std::string_view::npos) return std::nullopt;
  std::size_t close = std::string_view::npos;
  for (std::size_t at = find_fence(text, line_end + 1); at != std::string_view::npos;) {
    close = at;
    const std::size_t end = text.find('\n', at);
    at = end == std::string_view::npos ? end : find_fence(text, end + 1);
  }
  if (close == std::string_view::npos) return std::nullopt;
  return Part{text.substr(0, open), text.substr(line_end + 1, close - line_end - 1),
              text.substr(close + kFence.size())};
}

// The object at the first brace, to the brace that closes it.
std::optional<Part> in_prose(std::string_view text) {
  const std::size_t open = text.find('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = open; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return Part{text.substr(0, open), text.substr(open, i - open + 1), text.substr(i + 1)};
    }
  }
  return Part{text.substr(0, open), text.substr(open), {}};
}

std::variant<Json, NoJson> parse_object(std::string_view text) {
  try {
    Json json = parse_bounded(text);
    if (!json.is(Kind::Object)) return NoJson{"The JSON is not an object."};
    return json;
  } catch (const event::SchemaError& error) {
    return NoJson{error.what()};
  }
}

bool has_brace(std::string_view text) { return text.find('{') != std::string_view::npos; }

}  // namespace

std::variant<Json, NoJson> extract_json(std::string_view text) {
  text = trimmed(without_bom(trimmed(text)));
  if (text.empty()) return NoJson{"The reply is empty."};
  if (!is_valid_utf8(text)) return NoJson{"The reply is not valid UTF-8."};
  if (text.front() == '{' || text.front() == '[') return parse_object(text);
  auto part = fenced(text);
  if (!part) part = in_prose(text);
  if (!part) return NoJson{"There is no JSON object in the reply."};
  if (has_brace(part->before) || has_brace(part->after)) {
    return NoJson{"There is more than one JSON object in the reply."};
  }
  return parse_object(trimmed(part->inside));
}

bool looks_like_refusal(std::string_view text) {
  constexpr std::array<std::string_view, 12> kBeginnings = {
      "i'm sorry",  "i am sorry",  "sorry, ",         "i can't",          "i cannot", "i can not",
      "i'm unable", "i am unable", "i'm not able to", "i am not able to", "i won't",  "as an ai"};
  constexpr std::size_t kEnough = 40;
  constexpr std::string_view kCurly = "\xe2\x80\x99";  // ’
  std::string start;
  for (std::size_t i = 0; i < text.size() && start.size() < kEnough; ++i) {
    if (text.substr(i, kCurly.size()) == kCurly) {
      start += '\'';
      i += kCurly.size() - 1;
    } else if (!start.empty() || std::isspace(static_cast<unsigned char>(text[i])) == 0) {
      start += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    }
  }
  return !has_brace(text) &&
         std::any_of(kBeginnings.begin(), kBeginnings.end(), [&](std::string_view beginning) {
           return std::string_view(start).substr(0, beginning.size()) == beginning;
         });
}

}  // namespace tc::llm
