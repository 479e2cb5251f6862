// A normalised schema as RapidJSON 1.1.0 understands it, around the places where it goes wrong.
#include <algorithm>
#include <utility>

#include "event/schema.hpp"
#include "event/schema_keywords.hpp"
#include "event/schema_normal.hpp"

namespace tc::event {
namespace {

// {"exclusiveMinimum": 0} as draft 4 writes it; of two limits only the narrower one is left.
void write_as_draft_4(Json& schema, const std::string& exclusive, const std::string& limit,
                      int narrower) {
  const Json* bound = schema.member(exclusive);
  if (bound == nullptr) return;
  const Json value = *bound;
  remove_member(schema, exclusive);
  const Json* other = schema.member(limit);
  if (other != nullptr && compare(other->number, value.number) == narrower) return;
  remove_member(schema, limit);
  schema.add(limit, value);
  schema.add(exclusive, Json::of(true));
}

void export_items(Json& schema) {
  const Json* items = schema.member("items");
  if (items == nullptr || !items->is(Kind::Array) || !items->items.empty()) return;
  const Json* additional = schema.member("additionalItems");
  Json all = additional == nullptr ? anything() : *additional;
  if (all.is(Kind::Boolean)) all = all.boolean ? anything() : nothing();
  remove_member(schema, "items");
  remove_member(schema, "additionalItems");
  schema.add("items", std::move(all));
}

void export_additional(Json& schema) {
  Json* additional = find_member(schema, "additionalProperties");
  if (additional == nullptr || schema.member("patternProperties") == nullptr) return;
  if (additional->is(Kind::Boolean)) {
    // RapidJSON checks the wrong value after a key that only a pattern knows, unless this is a
    // schema.
    if (!additional->boolean) *additional = nothing();
  } else if (!additional->members.empty()) {
    throw SchemaError("",
                      "patternProperties with a schema in additionalProperties is not supported "
                      "inside a property.");
  }
}

bool declares(const Json& schema, const std::string& name) {
  const Json* properties = schema.member("properties");
  return properties != nullptr && properties->member(name) != nullptr;
}

// RapidJSON takes every name in "required" and "dependencies" for one of "properties", which
// matters to additionalProperties. Names that are not go into a schema of their own.
void export_names(Json& schema) {
  const Json* additional = schema.member("additionalProperties");
  if (additional == nullptr || (additional->is(Kind::Boolean) && additional->boolean)) return;
  Json apart = Json::object();
  if (const Json* required = schema.member("required")) {
    const bool are_declared =
        std::all_of(required->items.begin(), required->items.end(),
                    [&](const Json& name) { return declares(schema, name.text); });
    if (!are_declared) apart.add("required", *required);
  }
  if (const Json* dependencies = schema.member("dependencies")) {
    apart.add("dependencies", *dependencies);
  }
  if (apart.members.empty()) return;
  for (const JsonMember& member : apart.members) remove_member(schema, member.key);
  if (schema.member("allOf") == nullptr) schema.add("allOf", Json::array());
  find_member(schema, "allOf")->items.push_back(std::move(apart));
}

}  // namespace

Json schema_for_rapidjson(const Json& normal) {
  Json schema = normal;
  remove_member(schema, "format");
  write_as_draft_4(schema, "exclusiveMinimum", "minimum", 1);
  write_as_draft_4(schema, "exclusiveMaximum", "maximum", -1);
  export_items(schema);
  export_names(schema);
  export_additional(schema);
  for (auto& [name, value] : schema.members) {
    const auto shape = shape_of(name);
    if (!shape) continue;
    switch (*shape) {
      case Shape::Schema:
      case Shape::SchemaOrFlag:
        if (value.is(Kind::Object)) value = schema_for_rapidjson(value);
        break;
      case Shape::Items:
      case Shape::Schemas:
        if (value.is(Kind::Object)) value = schema_for_rapidjson(value);
        for (Json& item : value.items) item = schema_for_rapidjson(item);
        break;
      case Shape::SchemaMap:
      case Shape::PatternMap:
      case Shape::Dependencies:
        for (auto& [key, part] : value.members) {
          if (part.is(Kind::Object)) part = schema_for_rapidjson(part);
        }
        break;
      default:
        break;
    }
  }
  return schema;
}

}  // namespace tc::event
