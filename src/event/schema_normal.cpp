#include "event/schema_normal.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "event/pattern.hpp"
#include "event/reader.hpp"
#include "event/schema.hpp"
#include "event/schema_keywords.hpp"

namespace tc::event {
namespace {

// RapidJSON looks schemas up one by one, so their number is what compiling costs, squared.
constexpr int kMaxSchemas = 2000;
constexpr std::size_t kMaxEnumValues = 20'000;

constexpr std::array<std::string_view, 7> kTypes = {"null",  "boolean", "integer", "number",
                                                    "array", "object",  "string"};
constexpr std::array<std::string_view, 4> kFormats = {"amount", "rate", "month", "date"};

// RapidJSON would clear an array of no names at no address.
Json unless_empty(Json&& map) { return map.members.empty() ? Json() : std::move(map); }

class Normaliser {
 public:
  explicit Normaliser(const Json& root) : root_(root) {}

  Json schema(const Json& source, const std::string& where) {
    if (++depth_ > kMaxDepth) refuse(where, "The schema is nested too deep.");
    Json result = schema_at(source, where);
    --depth_;
    return result;
  }

 private:
  Json schema_at(const Json& source, const std::string& where);
  [[noreturn]] static void refuse(const std::string& where, const std::string& what) {
    throw SchemaError(where, what);
  }

  Json keyword(Shape shape, const std::string& name, const Json& value, const std::string& where);
  Json reference(const Json& target, const std::string& where);
  const Json& resolve(const std::string& pointer, const std::string& where) const;
  Json type(const Json& value, const std::string& where) const;
  Json values(Shape shape, const Json& value, const std::string& where);
  Json schemas(const Json& value, const std::string& where);
  Json schema_map(const Json& value, const std::string& where, bool keys_are_patterns);
  Json items(const Json& value, const std::string& where);
  Json dependencies(const Json& value, const std::string& where);
  static Json names(const Json& value, const std::string& where);
  static Json count(const Json& value, const std::string& where);
  static void check_scalar(const Json& value, const std::string& where);
  static void settle_exclusive(Json& schema, const std::string& exclusive, const std::string& limit,
                               const std::string& where);
  static void settle_enum(Json& schema);

  const Json& root_;
  std::vector<const Json*> open_references_;
  int depth_ = 0;
  int schema_count_ = 0;
  std::size_t enum_values_ = 0;
};

Json Normaliser::schema_at(const Json& source, const std::string& where) {
  if (++schema_count_ > kMaxSchemas) {
    refuse(where, "The schema has more than " + std::to_string(kMaxSchemas) + " parts.");
  }
  if (source.is(Kind::Boolean)) return source.boolean ? anything() : nothing();
  if (!source.is(Kind::Object)) refuse(where, "A schema must be an object.");
  Json result = Json::object();
  const Json* target = nullptr;
  for (const auto& [name, value] : source.members) {
    if (name == "$ref") {
      target = &value;
    } else if (const auto shape = shape_of(name)) {
      Json normal = keyword(*shape, name, value, pointer_to(name, where));
      if (!normal.is(Kind::Null)) result.add(name, std::move(normal));
    }
  }
  settle_exclusive(result, "exclusiveMinimum", "minimum", where);
  settle_exclusive(result, "exclusiveMaximum", "maximum", where);
  settle_enum(result);
  if (target == nullptr) return result;
  Json referred = reference(*target, where + "/$ref");
  if (result.members.empty()) return referred;
  Json both = Json::object();
  both.add("allOf", Json::array());
  both.members.back().value.items = {std::move(referred), std::move(result)};
  return both;
}

// Null: the keyword has no effect.
Json Normaliser::keyword(Shape shape, const std::string& name, const Json& value,
                         const std::string& where) {
  switch (shape) {
    case Shape::Type:
      return type(value, where);
    case Shape::Values:
    case Shape::Constant:
      return values(shape, value, where);
    case Shape::Count:
      return count(value, where);
    case Shape::Exclusive:
      if (value.is(Kind::Boolean)) return value;
      [[fallthrough]];
    case Shape::Number:
      if (!value.is(Kind::Number)) refuse(where, name + " must be a number.");
      return value;
    case Shape::Positive:
      if (!value.is(Kind::Number) || value.number.digits <= 0) {
        refuse(where, name + " must be a number above zero.");
      }
      return value;
    case Shape::Pattern: {
      if (!value.is(Kind::String)) refuse(where, name + " must be a string.");
      const Pattern pattern = translate_pattern(value.text, where);
      return pattern.matches_anything ? Json() : Json::of(std::string_view(pattern.text));
    }
    case Shape::Flag:
      if (!value.is(Kind::Boolean)) refuse(where, name + " must be true or false.");
      return value;
    case Shape::SchemaOrFlag:
      return value.is(Kind::Boolean) ? value : schema(value, where);
    case Shape::Schema:
      return schema(value, where);
    case Shape::Schemas:
      return schemas(value, where);
    case Shape::SchemaMap:
      return schema_map(value, where, false);
    case Shape::PatternMap:
      return unless_empty(schema_map(value, where, true));
    case Shape::Items:
      return items(value, where);
    case Shape::Dependencies:
      return unless_empty(dependencies(value, where));
    case Shape::Names:
      return names(value, where);
    case Shape::Format: {
      if (!value.is(Kind::String)) refuse(where, "format must be a string.");
      const bool is_own = std::find(kFormats.begin(), kFormats.end(), value.text) != kFormats.end();
      return is_own ? value : Json();
    }
    case Shape::Unsupported:
      break;
  }
  refuse(where, "The keyword " + name + " is not supported.");
}

Json Normaliser::reference(const Json& target, const std::string& where) {
  if (!target.is(Kind::String)) refuse(where, "$ref must be a string.");
  if (!target.text.empty() && target.text != "#" && !target.text.starts_with("#/")) {
    refuse(where, "$ref must lead to a place in this schema, like #/definitions/name.");
  }
  const std::string pointer = target.text.empty() ? "" : target.text.substr(1);
  const Json& referred = resolve(pointer, where);
  if (std::find(open_references_.begin(), open_references_.end(), &referred) !=
          open_references_.end() ||
      &referred == &root_) {
    refuse(where, "A schema that refers to itself is not supported.");
  }
  open_references_.push_back(&referred);
  Json result = schema(referred, pointer);
  open_references_.pop_back();
  return result;
}

const Json& Normaliser::resolve(const std::string& pointer, const std::string& where) const {
  const Json* at = &root_;
  std::string_view rest = pointer;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view token = rest.substr(0, rest.find('/'));
    rest.remove_prefix(token.size());
    const auto matches = [&](std::string_view key) {
      return std::string_view(pointer_to(key)).substr(1) == token;
    };
    const Json* next = nullptr;
    for (const auto& [key, value] : at->members) {
      if (matches(key)) next = &value;
    }
    for (std::size_t i = 0; i < at->items.size(); ++i) {
      if (matches(std::to_string(i))) next = &at->items[i];
    }
    if (next == nullptr) refuse(where, "$ref leads to \"#" + pointer + "\", which is not there.");
    at = next;
  }
  return *at;
}

Json Normaliser::type(const Json& value, const std::string& where) const {
  Json list = Json::array();
  if (value.is(Kind::Array)) {
    list = value;
  } else {
    list.items.push_back(value);
  }
  if (list.items.empty()) refuse(where, "type must name at least one type.");
  for (const Json& name : list.items) {
    if (!name.is(Kind::String) ||
        std::find(kTypes.begin(), kTypes.end(), name.text) == kTypes.end()) {
      refuse(where, "type must be one of null, boolean, integer, number, string, array, object.");
    }
  }
  return list;
}

Json Normaliser::values(Shape shape, const Json& value, const std::string& where) {
  Json list = Json::array();
  if (shape == Shape::Constant) {
    list.items.push_back(value);
  } else {
    if (!value.is(Kind::Array) || value.items.empty()) {
      refuse(where, "enum must be an array with at least one value.");
    }
    list = value;
  }
  for (const Json& item : list.items) check_scalar(item, where);
  enum_values_ += list.items.size();
  if (enum_values_ > kMaxEnumValues) {
    refuse(where, "The schema lists more than " + std::to_string(kMaxEnumValues) + " values.");
  }
  return list;
}

// RapidJSON takes objects anywhere in a schema for schemas, also those that are values.
void Normaliser::check_scalar(const Json& value, const std::string& where) {
  if (value.is(Kind::Object))
    refuse(where, "An object as a value of enum or const is not supported.");
  for (const Json& item : value.items) check_scalar(item, where);
}

Json Normaliser::schemas(const Json& value, const std::string& where) {
  if (!value.is(Kind::Array) || value.items.empty()) {
    refuse(where, "There must be an array with at least one schema.");
  }
  Json list = Json::array();
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    list.items.push_back(schema(value.items[i], where + "/" + std::to_string(i)));
  }
  return list;
}

Json Normaliser::schema_map(const Json& value, const std::string& where, bool keys_are_patterns) {
  if (!value.is(Kind::Object)) refuse(where, "There must be an object of schemas.");
  Json map = Json::object();
  for (const auto& [key, source] : value.members) {
    std::string name = key;
    if (keys_are_patterns) {
      const Pattern pattern = translate_pattern(key, pointer_to(key, where));
      name = pattern.matches_anything ? "." : pattern.text;
      if (pattern.matches_anything) {
        refuse(pointer_to(key, where),
               "This pattern matches every name; use additionalProperties.");
      }
    }
    map.add(std::move(name), schema(source, pointer_to(key, where)));
  }
  return map;
}

Json Normaliser::items(const Json& value, const std::string& where) {
  if (!value.is(Kind::Array)) return schema(value, where);
  Json list = Json::array();
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    list.items.push_back(schema(value.items[i], where + "/" + std::to_string(i)));
  }
  return list;
}

Json Normaliser::dependencies(const Json& value, const std::string& where) {
  if (!value.is(Kind::Object)) refuse(where, "dependencies must be an object.");
  Json map = Json::object();
  for (const auto& [key, source] : value.members) {
    const std::string place = pointer_to(key, where);
    map.add(key, source.is(Kind::Array) ? names(source, place) : schema(source, place));
  }
  return map;
}

Json Normaliser::names(const Json& value, const std::string& where) {
  const bool are_strings =
      value.is(Kind::Array) && std::all_of(value.items.begin(), value.items.end(),
                                           [](const Json& item) { return item.is(Kind::String); });
  if (!are_strings) refuse(where, "There must be an array of names.");
  if (value.items.size() > static_cast<std::size_t>(kMaxSchemas)) refuse(where, "Too many names.");
  return value;
}

Json Normaliser::count(const Json& value, const std::string& where) {
  if (!value.is(Kind::Number) || value.number.scale != 0 || value.number.digits < 0 ||
      value.number.digits > std::numeric_limits<int>::max()) {
    refuse(where, "There must be a whole number, zero or more.");
  }
  return value;
}

// Draft 4 writes {"minimum": 0, "exclusiveMinimum": true} for {"exclusiveMinimum": 0}.
void Normaliser::settle_exclusive(Json& schema, const std::string& exclusive,
                                  const std::string& limit, const std::string& where) {
  Json* flag = find_member(schema, exclusive);
  if (flag == nullptr || !flag->is(Kind::Boolean)) return;
  if (!flag->boolean) {
    remove_member(schema, exclusive);
    return;
  }
  const Json* value = schema.member(limit);
  if (value == nullptr) refuse(where, exclusive + ": true needs a " + limit + ".");
  *flag = Json(*value);
  remove_member(schema, limit);
}

void Normaliser::settle_enum(Json& schema) {
  Json* constant = find_member(schema, "const");
  if (constant == nullptr) return;
  Json list = std::move(*constant);
  remove_member(schema, "const");
  if (schema.member("enum") == nullptr) {
    schema.add("enum", std::move(list));
    return;
  }
  if (schema.member("allOf") == nullptr) schema.add("allOf", Json::array());
  Json other = Json::object();
  other.add("enum", std::move(list));
  find_member(schema, "allOf")->items.push_back(std::move(other));
}

}  // namespace

Json normalise_schema(const Json& schema) { return Normaliser(schema).schema(schema, ""); }

}  // namespace tc::event
