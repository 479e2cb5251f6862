#include "llm/schema_adapt.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "event/schema_keywords.hpp"
#include "event/schema_normal.hpp"

namespace tc::llm {
namespace {

struct Unknown {
  std::string_view keyword;
  bool openai, anthropic, ollama;  // true: leave it out
};
// Keywords that only describe sizes, by who refuses or ignores them.
constexpr std::array<Unknown, 14> kUnknown = {{
    {"format", true, true, true},  // the formats are our own
    {"pattern", true, true, true},
    {"minLength", true, true, false},
    {"maxLength", true, true, false},
    {"uniqueItems", true, true, true},
    {"minProperties", true, true, true},
    {"maxProperties", true, true, true},
    {"multipleOf", false, true, true},
    {"minimum", false, true, true},
    {"maximum", false, true, true},
    {"exclusiveMinimum", false, true, true},
    {"exclusiveMaximum", false, true, true},
    {"minItems", false, true, false},
    {"maxItems", false, true, false},
}};

bool is_unknown(Api api, std::string_view keyword) {
  for (const Unknown& row : kUnknown) {
    if (row.keyword != keyword) continue;
    if (api == Api::OpenAi) return row.openai;
    return api == Api::Anthropic ? row.anthropic : row.ollama;
  }
  return false;
}

bool lists(const Json* array, std::string_view name) {
  return array != nullptr && std::any_of(array->items.begin(), array->items.end(),
                                         [&](const Json& item) { return item.text == name; });
}

bool may_be_null(const Json& schema) {
  const Json* type = schema.member("type");
  if (type != nullptr && !lists(type, "null")) return false;
  const Json* values = schema.member("enum");
  return values == nullptr || std::any_of(values->items.begin(), values->items.end(),
                                          [](const Json& value) { return value.is(Kind::Null); });
}

void allow_null(Json& schema) {
  if (Json* type = event::find_member(schema, "type")) {
    if (!lists(type, "null")) type->items.push_back(Json::of(std::string_view("null")));
  }
  if (Json* values = event::find_member(schema, "enum")) {
    if (!may_be_null(schema)) values->items.emplace_back();
  }
}

class Adapter {
 public:
  explicit Adapter(Api api) : api_(api) {}
  bool is_strict() const { return strict_; }

  Json adapt(Json schema) {
    Json result = Json::object();
    drop_contradiction(schema);
    for (auto& [name, value] : schema.members) {
      if (name == "type" && value.items.size() == 1) {
        result.add(name, value.items.front());
      } else if (!is_unknown(api_, name) && !is_of_object(name)) {
        result.add(name, adapt_parts(name, std::move(value)));
      }
    }
    if (describes_object(schema)) add_object(schema, result);
    return result;
  }

 private:
  // Grammar converters were seen to die of these.
  static void drop_contradiction(Json& schema) {
    const Json* least = schema.member("minItems");
    const Json* most = schema.member("maxItems");
    if (least == nullptr || most == nullptr || compare(least->number, most->number) <= 0) return;
    event::remove_member(schema, "minItems");
    event::remove_member(schema, "maxItems");
  }
  static bool is_of_object(std::string_view name) {
    return name == "properties" || name == "required" || name == "additionalProperties" ||
           name == "patternProperties" || name == "dependencies" || name == "propertyNames";
  }
  static bool describes_object(const Json& schema) {
    const Json* type = schema.member("type");
    return type == nullptr ? schema.member("properties") != nullptr : lists(type, "object");
  }

  Json adapt_parts(const std::string& keyword, Json value) {
    const auto shape = event::shape_of(keyword);
    if (!shape) return value;
    if (*shape == event::Shape::Schema || *shape == event::Shape::SchemaOrFlag ||
        *shape == event::Shape::Items) {
      if (value.is(Kind::Object)) return adapt(std::move(value));
    }
    if (*shape == event::Shape::Schemas || *shape == event::Shape::Items) {
      for (Json& part : value.items) part = adapt(std::move(part));
    }
    return value;
  }

  void add_object(const Json& schema, Json& result) {
    const Json* additional = schema.member("additionalProperties");
    const bool is_closed =
        additional == nullptr || (additional->is(Kind::Boolean) && !additional->boolean);
    if (!is_closed || schema.member("patternProperties") != nullptr ||
        schema.member("dependencies") != nullptr) {
      strict_ = false;
    }
    Json properties = Json::object();
    Json required = Json::array();
    const Json* wanted = schema.member("required");
    if (const Json* declared = schema.member("properties")) {
      for (const auto& [name, value] : declared->members) {
        Json part = value;
        const bool is_required = lists(wanted, name);
        if (!is_required) allow_null(part);
        properties.add(name, adapt(std::move(part)));
        required.items.push_back(Json::of(std::string_view(name)));
      }
    }
    result.add("properties", std::move(properties));
    result.add("required", std::move(required));
    result.add("additionalProperties", Json::of(!is_closed));
  }

  Api api_;
  bool strict_ = true;
};

// Of a normalised schema.
void drop_nulls(const Json& schema, Json& reply) {
  if (reply.is(Kind::Array)) {
    const Json* items = schema.member("items");
    if (items == nullptr || !items->is(Kind::Object)) return;
    for (Json& item : reply.items) drop_nulls(*items, item);
    return;
  }
  const Json* properties = schema.member("properties");
  if (!reply.is(Kind::Object) || properties == nullptr) return;
  const Json* required = schema.member("required");
  const auto was_added = [&](const event::JsonMember& member) {
    const Json* declared = properties->member(member.key);
    return declared != nullptr && member.value.is(Kind::Null) && !lists(required, member.key) &&
           !may_be_null(*declared);
  };
  reply.members.erase(std::remove_if(reply.members.begin(), reply.members.end(), was_added),
                      reply.members.end());
  for (auto& [name, value] : reply.members) {
    if (const Json* declared = properties->member(name)) drop_nulls(*declared, value);
  }
}

}  // namespace

AdaptedSchema adapt_schema(Api api, const Json& schema) {
  Adapter adapter(api);
  AdaptedSchema result;
  result.schema = adapter.adapt(event::normalise_schema(schema));
  result.strict = adapter.is_strict();
  return result;
}

void drop_added_nulls(const Json& schema, Json& reply) {
  drop_nulls(event::normalise_schema(schema), reply);
}

}  // namespace tc::llm
