#include "llm/json.hpp"

#include "event/schema.hpp"

namespace tc::llm {

std::size_t count_values(std::string_view text) {
  std::size_t count = 1;
  bool inside = false;
  for (std::size_t i = 0; i < text.size() && count <= kMaxValues; ++i) {
    const char c = text[i];
    if (inside) {
      if (c == '\\') ++i;
      if (c == '"') inside = false;
    } else if (c == '"') {
      inside = true;
    } else if (c == ',' || c == '[' || c == '{') {
      ++count;
    }
  }
  return count;
}

Json parse_bounded(std::string_view text) {
  if (count_values(text) > kMaxValues) {
    throw event::SchemaError(
        "", "The JSON text has more than " + std::to_string(kMaxValues) + " values.");
  }
  return event::parse_json(text);
}

std::optional<Json> parse_envelope(std::string_view text) {
  try {
    Json json = parse_bounded(without_bom(text));
    if (json.is(Kind::Object)) return json;
  } catch (const event::SchemaError&) {
  }
  return std::nullopt;
}

std::string text_of(const Json* json) {
  return json != nullptr && json->is(Kind::String) ? json->text : "";
}

std::optional<std::int64_t> whole_of(const Json* json) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  if (json == nullptr || !json->is(Kind::Number) || json->number.scale != 0) return std::nullopt;
  if (json->number.digits < 0 || json->number.digits > kMost) return std::nullopt;
  return static_cast<std::int64_t>(json->number.digits);
}

const Json* member_at(const Json* json, std::string_view key) {
  return json == nullptr ? nullptr : json->member(key);
}

Json number_json(std::int64_t value) {
  Decimal number;
  number.digits = value;
  return Json::of(number);
}

Json text_array(const std::vector<std::string>& texts) {
  Json array = Json::array();
  for (const std::string& text : texts) array.items.push_back(Json::of(std::string_view(text)));
  return array;
}

std::string_view without_bom(std::string_view text) {
  constexpr std::string_view kBom = "\xef\xbb\xbf";
  return text.substr(0, kBom.size()) == kBom ? text.substr(kBom.size()) : text;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace tc::llm
