// Text all the way to checked events: reader, envelope, schema and rules of the seven event types.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "event/envelope.hpp"
#include "event/reader.hpp"
#include "event/rules.hpp"
#include "event/schema.hpp"

namespace {

using namespace tc::event;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Type {
  std::string_view name;
  Schema schema;
  Rules rules;
};

Type type(std::string_view name, const std::string& properties, const std::string& required,
          std::string_view rules = "") {
  return {name,
          Schema::compile("{\"type\": \"object\", \"properties\": {" + properties +
                          "}, \"required\": [" + required + "], \"additionalProperties\": false}"),
          Rules::compile(rules)};
}

const std::vector<Type>& types() {
  static const std::vector<Type> all = [] {
    const std::string name = R"({"type": "string", "minLength": 1, "maxLength": 200})";
    const std::string amount = R"({"type": "number", "format": "amount"})";
    const std::string positive = R"({"type": "number", "minimum": 0, "format": "amount"})";
    std::vector<Type> list;
    list.push_back(
        type("sale",
             R"("product": )" + name + R"(, "region": )" + name + R"(, "quantity": )" + positive +
                 R"(, "unitPrice": )" + positive + R"(, "revenue": )" + amount + R"(, "cogs": )" +
                 positive + R"(, "channel": )" + name + R"(, "customer": )" + name,
             R"("product", "region", "quantity", "unitPrice", "revenue", "cogs")",
             R"([{"rule": "product", "field": "revenue", "of": ["quantity", "unitPrice"]}])"));
    list.push_back(type("hr_hire",
                        R"("employeeId": )" + name + R"(, "department": )" + name +
                            R"(, "role": )" + name + R"(, "monthlySalary": )" + positive +
                            R"(, "fte": {"type": "number", "exclusiveMinimum": 0, "maximum": 2})",
                        R"("employeeId", "department", "role", "monthlySalary")"));
    list.push_back(type(
        "hr_exit",
        R"("employeeId": )" + name + R"(, "department": )" + name + R"(, "exitReason": )" + name,
        R"("employeeId")"));
    list.push_back(type("expense",
                        R"("costCenter": )" + name + R"(, "account": )" + name + R"(, "amount": )" +
                            amount + R"(, "isCapex": {"type": "boolean"})",
                        R"("costCenter", "account", "amount", "isCapex")"));
    list.push_back(
        type("procurement",
             R"("supplier": )" + name + R"(, "category": )" + name + R"(, "amount": )" + amount,
             R"("supplier", "category", "amount")"));
    list.push_back(type("tax_payment",
                        R"("taxType": )" + name + R"(, "baseAmount": )" + amount +
                            R"(, "taxRate": {"type": "number", "format": "rate"}, "taxAmount": )" +
                            amount,
                        R"("taxType", "baseAmount", "taxRate", "taxAmount")",
                        R"([{"rule": "product", "field": "taxAmount",
                             "of": ["baseAmount", "taxRate"]}])"));
    list.push_back(type("cash_movement",
                        R"("category": )" + name + R"(, "amount": )" + positive +
                            R"(, "direction": {"enum": ["in", "out"]})",
                        R"("category", "amount", "direction")"));
    return list;
  }();
  return all;
}

bool same(const Value& a, const Value& b) {
  return a.kind == b.kind && a.boolean == b.boolean && a.number == b.number && a.text == b.text;
}

// Reading an event's own text again gives the same fields.
void read_again(const FlatEvent& event) {
  const std::string text = "[" + std::string(event.raw) + "]";
  Reader reader(text);
  FlatEvent again;
  require(reader.next(again));
  require(again.raw == event.raw);
  require(again.problems.size() == event.problems.size());
  require(again.fields.size() == event.fields.size());
  for (std::size_t i = 0; i < event.fields.size(); ++i) {
    require(again.fields[i].key == event.fields[i].key);
    require(same(again.fields[i].value, event.fields[i].value));
  }
  FlatEvent none;
  require(!reader.next(none));
}

void check_strings(const FlatEvent& event) {
  for (const Field& field : event.fields) {
    require(tc::is_valid_utf8(field.key) && tc::is_valid_utf8(field.value.text));
    require(field.key.find('\0') == std::string_view::npos);
    require(field.value.text.find('\0') == std::string_view::npos);
    for (const Field& other : event.fields) require(&other == &field || other.key != field.key);
  }
}

void check_payload(const FlatEvent& event) {
  Envelope envelope;
  std::vector<Field> payload;
  Reasons reasons;
  take_apart(event.fields, envelope, payload, reasons);
  require(std::is_sorted(payload.begin(), payload.end(),
                         [](const Field& a, const Field& b) { return key_less(a.key, b.key); }));
  require(envelope.reverses || envelope.event_ts || !reasons.empty());
  for (const Type& each : types()) {
    if (envelope.event_type != each.name && !envelope.event_type.empty()) continue;
    each.schema.check(payload, reasons);
    each.rules.check(payload, reasons);
  }
  for (const Reason& reason : reasons) {
    require(!reason.rule.empty() && tc::is_valid_utf8(reason.message));
    require(tc::is_valid_utf8(reason.pointer));
    require(reason.pointer.empty() || reason.pointer.front() == '/');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    Reader reader(text);
    FlatEvent event;
    std::size_t ordinal = 0;
    while (reader.next(event)) {
      require(event.ordinal == ++ordinal);
      require(event.raw.data() >= text.data() &&
              event.raw.data() + event.raw.size() <= text.data() + text.size());
      check_strings(event);
      read_again(event);
      check_payload(event);
    }
  } catch (const ReadError& error) {
    require(error.offset <= text.size());
  }
  return 0;
}
