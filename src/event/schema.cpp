// A schema is taken apart when it is compiled:
//  - what it says about the type and size of single properties becomes a sorted table of
//    PropertyChecks, which one merge with the sorted payload goes through;
//  - names that must or must not be there are a matter of that merge as well;
//  - anything else becomes SchemaUnits for RapidJSON: one per property, or for the object as a
//  whole.
// Taken apart so, a payload's reasons are all found, though RapidJSON stops at its first, and money
// is compared exactly even where RapidJSON is needed.
#include "event/schema.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "base/rapidjson.hpp"
#include "base/text.hpp"
#include "event/json_tree.hpp"
#include "event/property_check.hpp"
#include "event/schema_keywords.hpp"
#include "event/schema_normal.hpp"
#include "event/schema_unit.hpp"

namespace tc::event {
namespace {

struct Property {
  std::string key;
  PropertyCheck check;
  std::optional<SchemaUnit> unit;
  bool is_declared = false;  // false: only required, not described
  bool is_required = false;
};

// A member of patternProperties.
struct PatternProperty {
  SchemaUnit key;
  SchemaUnit value;
};

Json only(const std::string& keyword, Json value) {
  Json schema = Json::object();
  schema.add(keyword, std::move(value));
  return schema;
}

}  // namespace

struct Schema::Impl {
  explicit Impl(Json schema);

  void check(Fields payload, Reasons& reasons) const;

 private:
  friend class Schema;

  void take_properties(Json& schema);
  void take_required(Json& schema);
  void take_other_names(Json& schema);
  void take_counts(Json& schema);
  void take_units(Json& schema);
  void check_other(const Field& field, Reasons& reasons) const;
  void check_declared(const Property& property, const Field& field, Reasons& reasons) const {
    if (!property.is_declared) [[unlikely]]
      return check_other(field, reasons);
    property.check.check(field, reasons);
    if (property.unit) [[unlikely]]
      property.unit->check(field, reasons);
  }
  void check_counts(Fields payload, Reasons& reasons) const;
  void report_missing(const Property& property, Reasons& reasons) const;

  std::vector<Property> properties_;  // sorted by key_less
  std::vector<std::string> names_;    // of the declared ones
  std::vector<std::string> required_;
  std::vector<PatternProperty> patterns_;
  bool refuses_others_ = false;
  bool checks_others_ = false;
  std::optional<SchemaUnit> others_;
  std::vector<SchemaUnit> units_;  // for the object as a whole
  std::optional<std::size_t> min_properties_;
  std::optional<std::size_t> max_properties_;
  bool is_compiled_ = true;
};

Schema::Impl::Impl(Json schema) {
  if (const auto type = take_member(schema, "type")) {
    const bool has_object = std::any_of(type->items.begin(), type->items.end(),
                                        [](const Json& name) { return name.text == "object"; });
    if (!has_object) throw SchemaError("/type", "An event is an object: type must be \"object\".");
  }
  take_properties(schema);
  take_required(schema);
  std::sort(properties_.begin(), properties_.end(),
            [](const Property& a, const Property& b) { return key_less(a.key, b.key); });
  take_other_names(schema);
  take_counts(schema);
  take_units(schema);
  is_compiled_ = units_.empty() && patterns_.empty() && !others_ &&
                 std::none_of(properties_.begin(), properties_.end(),
                              [](const Property& property) { return property.unit.has_value(); });
}

void Schema::Impl::take_properties(Json& schema) {
  auto properties = take_member(schema, "properties");
  if (!properties) return;
  for (auto& [key, rest] : properties->members) {
    Property property;
    property.key = key;
    property.check = PropertyCheck(rest);
    if (!rest.members.empty()) property.unit.emplace(rest);
    property.is_declared = true;
    properties_.push_back(std::move(property));
    names_.push_back(key);
  }
}

void Schema::Impl::take_required(Json& schema) {
  const auto required = take_member(schema, "required");
  if (!required) return;
  for (const Json& name : required->items) {
    auto property =
        std::find_if(properties_.begin(), properties_.end(),
                     [&](const Property& candidate) { return candidate.key == name.text; });
    if (property == properties_.end()) {
      properties_.emplace_back();
      property = properties_.end() - 1;
      property->key = name.text;
    }
    if (!property->is_required) required_.push_back(name.text);
    property->is_required = true;
  }
}

void Schema::Impl::take_other_names(Json& schema) {
  if (const auto patterns = take_member(schema, "patternProperties")) {
    for (const auto& [pattern, value] : patterns->members) {
      patterns_.push_back(
          {SchemaUnit(only("pattern", Json::of(std::string_view(pattern)))), SchemaUnit(value)});
    }
  }
  const auto additional = take_member(schema, "additionalProperties");
  if (additional && additional->is(Kind::Boolean)) refuses_others_ = !additional->boolean;
  if (additional && !additional->members.empty()) others_.emplace(*additional);
  checks_others_ = refuses_others_ || others_ || !patterns_.empty();
}

void Schema::Impl::take_counts(Json& schema) {
  const auto count = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto value = take_member(schema, name);
    if (!value) return std::nullopt;
    return static_cast<std::size_t>(value->number.digits);
  };
  min_properties_ = count("minProperties");
  max_properties_ = count("maxProperties");
}

void Schema::Impl::take_units(Json& schema) {
  // Each part of allOf on its own, so that each can give its reason.
  if (const auto all = take_member(schema, "allOf")) {
    for (const Json& part : all->items) units_.emplace_back(part);
  }
  for (const auto& [keyword, value] : schema.members) {
    // What is about arrays, strings and numbers says nothing about an event.
    if (keyword == "anyOf" || keyword == "oneOf" || keyword == "not" || keyword == "enum" ||
        keyword == "dependencies") {
      units_.emplace_back(only(keyword, value));
    }
  }
}

[[gnu::cold, gnu::noinline]] void Schema::Impl::report_missing(const Property& property,
                                                               Reasons& reasons) const {
  reasons.push_back(
      {pointer_to(property.key), "required", property.key + " is required but missing."});
}

// A field that "properties" does not describe.
void Schema::Impl::check_other(const Field& field, Reasons& reasons) const {
  if (!checks_others_) return;
  // Patterns concern described fields too; see check().
  Value key;
  key.kind = Kind::String;
  key.text = field.key;
  const bool is_known = std::any_of(patterns_.begin(), patterns_.end(),
                                    [&](const PatternProperty& p) { return p.key.fits(key); });
  if (is_known) return;
  if (others_) others_->check(field, reasons);
  if (!refuses_others_) return;
  std::string message = "\"" + excerpt(field.key, 60) + "\" is not a field of this event type";
  message += field.value.kind == Kind::Object ? "." : ", found " + describe(field.value) + ".";
  const std::string question = did_you_mean(field.key, names_);
  if (!question.empty()) message += " " + question;
  reasons.push_back({pointer_to(field.key), "unknown_field", std::move(message)});
}

void Schema::Impl::check_counts(Fields payload, Reasons& reasons) const {
  const std::string found = ", but has " + std::to_string(payload.size()) + ".";
  if (min_properties_ && payload.size() < *min_properties_) {
    reasons.push_back({"", "minProperties",
                       "The event must have at least " + std::to_string(*min_properties_) +
                           " fields of its own" + found});
  }
  if (max_properties_ && payload.size() > *max_properties_) {
    reasons.push_back({"", "maxProperties",
                       "The event must have at most " + std::to_string(*max_properties_) +
                           " fields of its own" + found});
  }
}

void Schema::Impl::check(Fields payload, Reasons& reasons) const {
  auto property = properties_.begin();
  const auto end = properties_.end();
  // Moves to the field's property. Nearly always that is the next one.
  const auto reach = [&](std::string_view key) {
    for (; property != end; ++property) {
      if (same_key(property->key, key)) [[likely]]
        return true;
      if (!key_less(property->key, key)) return false;
      if (property->is_required) [[unlikely]]
        report_missing(*property, reasons);
    }
    return false;
  };
  for (const Field& field : payload) {
    if (reach(field.key)) [[likely]] {
      check_declared(*property, field, reasons);
      ++property;
    } else if (checks_others_) {
      check_other(field, reasons);
    }
  }
  for (; property != end; ++property) {
    if (property->is_required) [[unlikely]]
      report_missing(*property, reasons);
  }
  if (min_properties_ || max_properties_) check_counts(payload, reasons);
  for (const PatternProperty& pattern : patterns_) {
    for (const Field& field : payload) {
      Value key;
      key.kind = Kind::String;
      key.text = field.key;
      if (pattern.key.fits(key)) pattern.value.check(field, reasons);
    }
  }
  for (const SchemaUnit& unit : units_) unit.check(payload, reasons);
}

Schema::Schema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Schema Schema::compile(std::string_view json) {
  if (json.size() > kMaxSchemaBytes) {
    throw SchemaError("", "A schema has at most " + std::to_string(kMaxSchemaBytes) + " bytes.");
  }
  const Json schema = parse_json(json);
  if (!schema.is(Kind::Object)) throw SchemaError("", "A schema must be a JSON object.");
  return Schema(std::make_unique<Impl>(normalise_schema(schema)));
}

void Schema::check(Fields payload, Reasons& reasons) const {
  try {
    impl_->check(payload, reasons);
  } catch (const RapidJsonAssertion& assertion) {
    reasons.push_back(
        {"", "schema", std::string("The event could not be checked: ") + assertion.what() + "."});
  }
}

bool Schema::is_compiled() const { return impl_->is_compiled_; }

const std::vector<std::string>& Schema::required() const { return impl_->required_; }

}  // namespace tc::event
