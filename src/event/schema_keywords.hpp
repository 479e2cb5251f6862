// The keywords of JSON Schema by what their values look like; the one list of them.
#pragma once
#include <optional>
#include <string_view>

#include "event/json_tree.hpp"

namespace tc::event {

enum class Shape {
  Type,
  Values,
  Constant,
  Count,
  Number,
  Exclusive,
  Positive,
  Pattern,
  Flag,
  Schema,
  SchemaOrFlag,
  Schemas,
  SchemaMap,
  PatternMap,
  Items,
  Dependencies,
  Names,
  Format,
  Unsupported,
};

// nullopt: a word that says nothing about whether a value fits.
std::optional<Shape> shape_of(std::string_view keyword);

Json anything();  // {}
Json nothing();   // {"not": {}}

Json* find_member(Json& object, std::string_view name);  // nullptr when absent
void remove_member(Json& object, std::string_view name);
std::optional<Json> take_member(Json& object, std::string_view name);

}  // namespace tc::event
