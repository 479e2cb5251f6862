// The schema of an event type's payload: JSON Schema, compiled once, then checked with one merge of
// two sorted key lists.
//
// What a schema says about its properties as scalars (type, enum, const, minimum, maximum,
// exclusiveMinimum, exclusiveMaximum, multipleOf, minLength, maxLength, format) and about names
// (required, additionalProperties: false) is compiled here and compared exactly, in decimals.
// Any other keyword (pattern, oneOf, properties of properties, …) hands the value at hand, or the
// payload, to RapidJSON's SchemaValidator: one reason each, and numbers inside nested values are
// compared as doubles.
//
// Formats of our own, for the payload's properties: "amount" (at most 4 decimals, within
// numeric(20,4)), "rate" (at most 8 decimals, below 10^12), "month" (YYYY-MM), "date"
// (YYYY-MM-DD). Other formats, and formats inside nested values, say nothing.
//
// Drafts 4 to 2020-12 are understood as far as RapidJSON can enforce them; a keyword that it cannot
// (if, contains, …), a reference out of the schema or to itself, or a pattern outside the common
// language is an error rather than ignored.
#pragma once
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/value.hpp"

namespace tc::event {

inline constexpr std::size_t kMaxSchemaBytes = std::size_t{256} * 1024;

// The schema itself is wrong: not JSON, not an object schema, a keyword with a senseless value, a
// schema that RapidJSON cannot compile. `pointer` says where in the schema.
struct SchemaError : std::runtime_error {
  SchemaError(std::string where, const std::string& message)
      : std::runtime_error(message), pointer(std::move(where)) {}
  std::string pointer;
};

class Schema {
 public:
  static Schema compile(std::string_view json);  // throws SchemaError
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  // Adds every reason why `payload` does not fit; adds nothing when it does. Never throws but
  // bad_alloc.
  void check(Fields payload, Reasons& reasons) const;
  bool is_compiled() const;  // false: RapidJSON's validator is used
  // Names of the properties that every payload must have; for the registry's checks of new
  // versions.
  const std::vector<std::string>& required() const;

 private:
  struct Impl;
  explicit Schema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tc::event
