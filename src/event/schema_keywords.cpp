#include "event/schema_keywords.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tc::event {
namespace {

struct Keyword {
  std::string_view name;
  Shape shape;
};

constexpr auto kKeywords = std::to_array<Keyword>({
    {"type", Shape::Type},
    {"enum", Shape::Values},
    {"const", Shape::Constant},
    {"minLength", Shape::Count},
    {"maxLength", Shape::Count},
    {"minItems", Shape::Count},
    {"maxItems", Shape::Count},
    {"minProperties", Shape::Count},
    {"maxProperties", Shape::Count},
    {"minimum", Shape::Number},
    {"maximum", Shape::Number},
    {"exclusiveMinimum", Shape::Exclusive},
    {"exclusiveMaximum", Shape::Exclusive},
    {"multipleOf", Shape::Positive},
    {"pattern", Shape::Pattern},
    {"uniqueItems", Shape::Flag},
    {"not", Shape::Schema},
    {"additionalProperties", Shape::SchemaOrFlag},
    {"additionalItems", Shape::SchemaOrFlag},
    {"allOf", Shape::Schemas},
    {"anyOf", Shape::Schemas},
    {"oneOf", Shape::Schemas},
    {"properties", Shape::SchemaMap},
    {"patternProperties", Shape::PatternMap},
    {"items", Shape::Items},
    {"dependencies", Shape::Dependencies},
    {"required", Shape::Names},
    {"format", Shape::Format},
    {"if", Shape::Unsupported},
    {"then", Shape::Unsupported},
    {"else", Shape::Unsupported},
    {"contains", Shape::Unsupported},
    {"minContains", Shape::Unsupported},
    {"maxContains", Shape::Unsupported},
    {"propertyNames", Shape::Unsupported},
    {"prefixItems", Shape::Unsupported},
    {"dependentRequired", Shape::Unsupported},
    {"dependentSchemas", Shape::Unsupported},
    {"unevaluatedItems", Shape::Unsupported},
    {"unevaluatedProperties", Shape::Unsupported},
    {"$dynamicRef", Shape::Unsupported},
    {"$recursiveRef", Shape::Unsupported},
});

}  // namespace

std::optional<Shape> shape_of(std::string_view keyword_name) {
  const auto found = std::find_if(kKeywords.begin(), kKeywords.end(), [&](const Keyword& keyword) {
    return keyword.name == keyword_name;
  });
  return found == kKeywords.end() ? std::nullopt : std::optional(found->shape);
}

Json anything() { return Json::object(); }
Json nothing() {
  Json schema = Json::object();
  schema.add("not", anything());
  return schema;
}

Json* find_member(Json& object, std::string_view name) {
  const auto found = std::find_if(object.members.begin(), object.members.end(),
                                  [&](const JsonMember& entry) { return entry.key == name; });
  return found == object.members.end() ? nullptr : &found->value;
}

void remove_member(Json& object, std::string_view name) {
  std::erase_if(object.members, [&](const JsonMember& entry) { return entry.key == name; });
}

std::optional<Json> take_member(Json& object, std::string_view name) {
  Json* found = find_member(object, name);
  if (found == nullptr) return std::nullopt;
  std::optional<Json> value(std::move(*found));
  remove_member(object, name);
  return value;
}

}  // namespace tc::event
