#include "event/rules.hpp"

#include <utility>

#include "event/json_tree.hpp"

namespace tc::event {
namespace {

// The number of a field; nullptr when it is absent or not a number that can be calculated with.
const Decimal* number_of(Fields payload, std::string_view key) {
  const Value* value = find(payload, key);
  return value != nullptr && value->kind == Kind::Number && value->number ? &*value->number
                                                                          : nullptr;
}

const std::string& text_of(const Json& rule, const char* key, const std::string& where) {
  const Json* text = rule.member(key);
  if (text == nullptr || !text->is(Kind::String) || text->text.empty()) {
    throw SchemaError(where + "/" + key, std::string(key) + " must name a field.");
  }
  return text->text;
}

ProductRule compile_product(const Json& rule, const std::string& where) {
  const std::string& field = text_of(rule, "field", where);
  const Json* factors = rule.member("of");
  if (factors == nullptr || factors->items.size() != 2 || !factors->items[0].is(Kind::String) ||
      !factors->items[1].is(Kind::String)) {
    throw SchemaError(where + "/of", "of must be an array of the names of two fields.");
  }
  return {field, factors->items[0].text, factors->items[1].text};
}

}  // namespace

Rules Rules::compile(std::string_view json) {
  Rules rules;
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) return rules;
  const Json list = parse_json(json);
  if (!list.is(Kind::Array)) throw SchemaError("", "Rules are an array of objects.");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::string where = "/" + std::to_string(i);
    const Json& rule = list.items[i];
    if (!rule.is(Kind::Object)) throw SchemaError(where, "A rule is an object.");
    for (const auto& [key, value] : rule.members) {
      if (key != "rule" && key != "field" && key != "of") {
        throw SchemaError(pointer_to(key, where),
                          "A rule has the keys rule, field and of, but not \"" + key + "\".");
      }
    }
    const std::string& kind = text_of(rule, "rule", where);
    if (kind != "product") {
      throw SchemaError(where + "/rule",
                        "There is no rule \"" + kind + "\"; the one there is: product.");
    }
    rules.products_.push_back(compile_product(rule, where));
  }
  return rules;
}

void Rules::check(Fields payload, Reasons& reasons) const {
  for (const ProductRule& rule : products_) {
    const Decimal* found = number_of(payload, rule.field);
    const Decimal* factor = number_of(payload, rule.factor);
    const Decimal* other = number_of(payload, rule.other_factor);
    if (found == nullptr || factor == nullptr || other == nullptr) continue;
    const auto product = multiply(*factor, *other);
    if (product && agree_to_the_cent(*found, *product)) continue;
    reasons.push_back({pointer_to(rule.field), "product",
                       rule.field + " must be " + rule.factor + " × " + rule.other_factor + " = " +
                           (product ? to_string(*product) : "a number of more than 38 digits") +
                           " to the cent, but is " + to_string(*found) + "."});
  }
}

}  // namespace tc::event
