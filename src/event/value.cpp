#include "event/value.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tc::event {
namespace {

constexpr std::size_t kShownBytes = 60;
constexpr std::size_t kFewFields = 16;  // fewer are sooner looked through than searched

}  // namespace

const Value* find(Fields fields, std::string_view key) {
  if (fields.size() <= kFewFields) {
    for (const Field& field : fields) {
      if (same_key(field.key, key)) return &field.value;
    }
    return nullptr;
  }
  const auto found = std::lower_bound(
      fields.begin(), fields.end(), key,
      [](const Field& field, std::string_view wanted) { return key_less(field.key, wanted); });
  return found != fields.end() && found->key == key ? &found->value : nullptr;
}

std::string pointer_to(std::string_view key, std::string_view parent) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string describe(const Value& value) {
  switch (value.kind) {
    case Kind::Null:
      return "null";
    case Kind::Boolean:
      return value.boolean ? "true" : "false";
    case Kind::Number:
      return excerpt(value.text.empty() && value.number ? to_string(*value.number) : value.text,
                     kShownBytes);
    case Kind::String:
      return '"' + excerpt(value.text, kShownBytes) + '"';
    case Kind::Array:
    case Kind::Object:
      break;
  }
  return excerpt(value.text, kShownBytes);
}

}  // namespace tc::event
