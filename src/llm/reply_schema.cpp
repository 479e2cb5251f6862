#include "llm/reply_schema.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "event/property_check.hpp"
#include "event/schema.hpp"
#include "event/schema_keywords.hpp"
#include "event/schema_normal.hpp"
#include "event/schema_unit.hpp"

namespace tc::llm {
namespace {

using event::Field;
using event::Reasons;

struct Place {
  std::string pointer;  // of the value
  std::string key;      // as messages name it
};

// A value as the event's checks see it; containers as text, which `storage` keeps.
event::Value value_of(const Json& json, bool with_text, std::string& storage) {
  event::Value value;
  value.kind = json.kind;
  value.boolean = json.boolean;
  if (json.is(Kind::Number)) value.number = json.number;
  if (json.is(Kind::String)) value.text = json.text;
  const bool is_container = json.is(Kind::Array) || json.is(Kind::Object);
  if (json.is(Kind::Number) || (is_container && with_text)) {
    storage = event::to_text(json);
    value.text = storage;
  } else if (is_container) {
    value.text = json.is(Kind::Array) ? "[…]" : "{…}";
  }
  return value;
}

std::optional<std::size_t> take_count(Json& schema, std::string_view name) {
  const auto value = event::take_member(schema, name);
  return value ? std::optional(static_cast<std::size_t>(value->number.digits)) : std::nullopt;
}

}  // namespace

struct ReplySchema::Node {
  explicit Node(Json schema);
  void check(const Json& value, const Place& place, Reasons& reasons) const;

 private:
  struct Property {
    std::string name;
    std::unique_ptr<Node> node;
  };
  void check_object(const Json& value, const Place& place, Reasons& reasons) const;
  void check_array(const Json& value, const Place& place, Reasons& reasons) const;
  const Node* property(std::string_view name) const;

  event::PropertyCheck scalar_;
  std::vector<Property> properties_;
  std::vector<std::string> required_;
  bool is_closed_ = false;
  std::unique_ptr<Node> items_;
  std::optional<std::size_t> min_items_;
  std::optional<std::size_t> max_items_;
  std::optional<event::SchemaUnit> rest_;  // what only RapidJSON's validator knows
};

// REQUIRES a normalised schema.
ReplySchema::Node::Node(Json schema) : scalar_(schema) {
  // A name that only a pattern allows is the validator's business, with all that belongs to it.
  const bool is_open = schema.member("patternProperties") != nullptr;
  const Json* additional = schema.member("additionalProperties");
  const bool is_flag = additional == nullptr || additional->is(Kind::Boolean);
  if (!is_open && is_flag) {
    is_closed_ = additional != nullptr && !additional->boolean;
    event::remove_member(schema, "additionalProperties");
    if (auto properties = event::take_member(schema, "properties")) {
      for (auto& [name, part] : properties->members) {
        properties_.push_back({name, std::make_unique<Node>(std::move(part))});
      }
    }
    if (const auto required = event::take_member(schema, "required")) {
      for (const Json& name : required->items) required_.push_back(name.text);
    }
  }
  if (const Json* items = schema.member("items"); items != nullptr && items->is(Kind::Object)) {
    items_ = std::make_unique<Node>(std::move(*event::take_member(schema, "items")));
    event::remove_member(schema, "additionalItems");  // says nothing beside a single schema
  }
  min_items_ = take_count(schema, "minItems");
  max_items_ = take_count(schema, "maxItems");
  schema.members.erase(
      std::remove_if(schema.members.begin(), schema.members.end(),
                     [](const event::JsonMember& m) { return !event::shape_of(m.key); }),
      schema.members.end());
  if (!schema.members.empty()) rest_.emplace(schema);
}

const ReplySchema::Node* ReplySchema::Node::property(std::string_view name) const {
  for (const Property& candidate : properties_) {
    if (candidate.name == name) return candidate.node.get();
  }
  return nullptr;
}

void ReplySchema::Node::check(const Json& value, const Place& place, Reasons& reasons) const {
  if (reasons.size() >= kMaxReasons) return;
  const std::size_t before = reasons.size();
  std::string storage;
  const Field field{place.key, value_of(value, rest_.has_value(), storage)};
  scalar_.check(field, reasons);
  if (rest_ && reasons.size() == before) rest_->check(field, reasons);
  // They name the field alone; where it stands is known here.
  for (std::size_t i = before; i < reasons.size(); ++i) reasons[i].pointer = place.pointer;
  if (reasons.size() > before) return;
  if (value.is(Kind::Object)) check_object(value, place, reasons);
  if (value.is(Kind::Array)) check_array(value, place, reasons);
}

void ReplySchema::Node::check_object(const Json& value, const Place& place,
                                     Reasons& reasons) const {
  for (const std::string& name : required_) {
    if (value.member(name) == nullptr) {
      reasons.push_back(
          {event::pointer_to(name, place.pointer), "required", name + " is missing."});
    }
  }
  for (const auto& [name, member] : value.members) {
    const Place inner{event::pointer_to(name, place.pointer), name};
    if (const Node* node = property(name)) {
      node->check(member, inner, reasons);
    } else if (is_closed_) {
      reasons.push_back(
          {inner.pointer, "unknown_field", "There must be no field " + excerpt(name, 60) + "."});
    }
    if (reasons.size() >= kMaxReasons) return;
  }
}

void ReplySchema::Node::check_array(const Json& value, const Place& place, Reasons& reasons) const {
  const auto count = value.items.size();
  if (min_items_ && count < *min_items_) {
    reasons.push_back({place.pointer, "minItems",
                       place.key + " must have at least " + std::to_string(*min_items_) +
                           " items, but has " + std::to_string(count) + "."});
  }
  if (max_items_ && count > *max_items_) {
    reasons.push_back({place.pointer, "maxItems",
                       place.key + " must have at most " + std::to_string(*max_items_) +
                           " items, but has " + std::to_string(count) + "."});
  }
  if (!items_) return;
  for (std::size_t i = 0; i < count && reasons.size() < kMaxReasons; ++i) {
    const std::string position = std::to_string(i);
    items_->check(value.items[i],
                  {place.pointer + "/" + position, place.key + "[" + position + "]"}, reasons);
  }
}

ReplySchema::ReplySchema(const Json& schema) {
  Json normal = event::normalise_schema(schema);
  const Json* type = normal.member("type");
  const bool is_object =
      type != nullptr && type->items.size() == 1 && type->items.front().text == "object";
  if (!is_object) {
    throw event::SchemaError("/type", "A reply is an object: type must be \"object\".");
  }
  root_ = std::make_unique<Node>(std::move(normal));
}
ReplySchema::ReplySchema(ReplySchema&&) noexcept = default;
ReplySchema& ReplySchema::operator=(ReplySchema&&) noexcept = default;
ReplySchema::~ReplySchema() = default;

Reasons ReplySchema::check(const Json& reply) const {
  Reasons reasons;
  root_->check(reply, {"", "The reply"}, reasons);
  if (reasons.size() > kMaxReasons) reasons.resize(kMaxReasons);
  return reasons;
}

}  // namespace tc::llm
