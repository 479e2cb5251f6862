// Business rules between the fields of a payload, beyond what a schema can say.
//
// Written in the registry as a JSON array: [{"rule": "product", "field": "revenue", "of":
// ["quantity", "unitPrice"]}] means revenue = quantity × unitPrice to the cent. Fields that are
// absent or not numbers are the schema's business: a rule is silent then.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "event/schema.hpp"
#include "event/value.hpp"

namespace tc::event {

struct ProductRule {
  std::string field;
  std::string factor;
  std::string other_factor;
};

class Rules {
 public:
  static Rules compile(std::string_view json);  // throws SchemaError; "" and "[]" are no rules
  void check(Fields payload, Reasons& reasons) const;

 private:
  std::vector<ProductRule> products_;
};

}  // namespace tc::event
