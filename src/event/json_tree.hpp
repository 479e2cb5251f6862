// A JSON text as a tree, for what is read once and then kept compiled: schemas and rules.
//
// Not for events: those are read by Reader, without a tree. Numbers stay exact decimals.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "event/value.hpp"

namespace tc::event {

struct JsonMember;

struct Json {
  Kind kind = Kind::Null;
  bool boolean = false;
  Decimal number;
  std::string text;                 // of a string
  std::vector<Json> items;          // of an array
  std::vector<JsonMember> members;  // of an object, in the order written

  bool is(Kind wanted) const { return kind == wanted; }
  const Json* member(std::string_view key) const;  // nullptr when absent, or not an object

  static Json of(bool value);
  static Json of(const Decimal& value);
  static Json of(std::string_view value);
  static Json array();
  static Json object();
  void add(std::string key, Json value);
};

struct JsonMember {
  std::string key;
  Json value;
};

// Throws SchemaError: not JSON, a duplicate key, U+0000, nested deeper than 64, more than 38
// digits.
Json parse_json(std::string_view text);
std::string to_text(const Json& json);

}  // namespace tc::event
