// A part of a schema that only RapidJSON's SchemaValidator can check.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "event/json_tree.hpp"
#include "event/value.hpp"

namespace tc::event {

class SchemaUnit {
 public:
  // `normal` is normalised. Throws SchemaError when RapidJSON cannot compile it.
  explicit SchemaUnit(const Json& normal);
  SchemaUnit(SchemaUnit&&) noexcept;
  SchemaUnit& operator=(SchemaUnit&&) noexcept;
  ~SchemaUnit();

  bool fits(const Value& value) const;
  // Add the first reason why the field's value, or the object, does not fit.
  void check(const Field& field, Reasons& reasons) const;
  void check(Fields object, Reasons& reasons) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tc::event
