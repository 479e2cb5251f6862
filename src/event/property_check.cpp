#include "event/property_check.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/calendar.hpp"
#include "base/text.hpp"
#include "event/schema_keywords.hpp"

namespace tc::event {
namespace {

constexpr int kAmountWholeDigits = 16;
constexpr int kRateWholeDigits = 12;
constexpr int kRateDecimals = 8;
constexpr std::size_t kShownChoices = 12;

constexpr unsigned bit(Kind kind) { return 1U << static_cast<unsigned>(kind); }

struct TypeName {
  std::string_view name;
  Kind kind;
  std::string_view shown;
};

constexpr std::array<TypeName, 6> kTypeNames = {{{"null", Kind::Null, "null"},
                                                 {"boolean", Kind::Boolean, "true or false"},
                                                 {"number", Kind::Number, "a number"},
                                                 {"string", Kind::String, "a string"},
                                                 {"array", Kind::Array, "an array"},
                                                 {"object", Kind::Object, "an object"}}};

std::optional<Decimal> take_number(Json& schema, std::string_view name) {
  const auto value = take_member(schema, name);
  return value ? std::optional(value->number) : std::nullopt;
}

std::optional<std::size_t> take_count(Json& schema, std::string_view name) {
  const auto value = take_member(schema, name);
  return value ? std::optional(static_cast<std::size_t>(value->number.digits)) : std::nullopt;
}

[[gnu::cold, gnu::noinline]] void refuse(const Field& field, const char* rule,
                                         const std::string& expected, Reasons& reasons) {
  std::string message(field.key);
  message.append(" must be ").append(expected).append(", but is ").append(describe(field.value));
  message += '.';
  reasons.push_back({pointer_to(field.key), rule, std::move(message)});
}

bool equals(const Json& choice, const Value& value) {
  if (choice.kind != value.kind) return false;
  switch (choice.kind) {
    case Kind::Boolean:
      return choice.boolean == value.boolean;
    case Kind::Number:
      return value.number && choice.number == *value.number;
    case Kind::String:
      return choice.text == value.text;
    case Kind::Null:
    case Kind::Array:
    case Kind::Object:
      break;
  }
  return true;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string characters(const char* bound, std::size_t count) {
  return std::string(bound) + std::to_string(count) + (count == 1 ? " character" : " characters") +
         " long";
}

}  // namespace

PropertyCheck::PropertyCheck(Json& schema) {
  if (const auto type = take_member(schema, "type")) take_type(*type);
  if (const Json* values = schema.member("enum"); values != nullptr && take_enum(*values)) {
    take_member(schema, "enum");
  }
  minimum_ = take_number(schema, "minimum");
  maximum_ = take_number(schema, "maximum");
  exclusive_minimum_ = take_number(schema, "exclusiveMinimum");
  exclusive_maximum_ = take_number(schema, "exclusiveMaximum");
  multiple_of_ = take_number(schema, "multipleOf");
  min_length_ = take_count(schema, "minLength");
  max_length_ = take_count(schema, "maxLength");
  if (const auto format = take_member(schema, "format")) {
    constexpr std::array<std::pair<std::string_view, Format>, 4> kFormats = {
        {{"amount", Format::Amount},
         {"rate", Format::Rate},
         {"month", Format::Month},
         {"date", Format::Date}}};
    for (const auto& [name, value] : kFormats) {
      if (format->text == name) format_ = value;
    }
  }
  has_limits_ = minimum_ || maximum_ || exclusive_minimum_ || exclusive_maximum_ || multiple_of_;
  checks_text_ = min_length_ || max_length_ || format_ == Format::Month || format_ == Format::Date;
}

void PropertyCheck::take_type(const Json& type) {
  types_ = 0;
  bool has_number = false;
  for (const Json& name : type.items) {
    if (name.text == "integer") wants_integer_ = true;
    if (name.text == "number") has_number = true;
    for (const TypeName& entry : kTypeNames) {
      if (name.text == entry.name) types_ |= bit(entry.kind);
    }
  }
  if (wants_integer_) types_ |= bit(Kind::Number);
  if (has_number) wants_integer_ = false;
}

// False: there is a value that is not a scalar.
bool PropertyCheck::take_enum(const Json& values) {
  const bool are_scalars = std::none_of(
      values.items.begin(), values.items.end(),
      [](const Json& value) { return value.is(Kind::Array) || value.is(Kind::Object); });
  if (!are_scalars) return false;
  has_choices_ = true;
  choices_ = values.items;
  return true;
}

bool PropertyCheck::is_choice(const Value& value) const {
  return std::any_of(choices_.begin(), choices_.end(),
                     [&](const Json& choice) { return equals(choice, value); });
}

std::string PropertyCheck::type_names() const {
  std::vector<std::string> names;
  for (const TypeName& entry : kTypeNames) {
    if ((types_ & bit(entry.kind)) == 0) continue;
    names.emplace_back(entry.kind == Kind::Number && wants_integer_ ? "a whole number"
                                                                    : entry.shown);
  }
  return joined(names);
}

std::string PropertyCheck::choice_names() const {
  std::vector<std::string> names;
  for (const Json& choice : choices_) {
    if (names.size() == kShownChoices) {
      names.emplace_back("…");
      break;
    }
    names.push_back(to_text(choice));
  }
  return joined(names);
}

void PropertyCheck::check_type_and_choice(const Field& field, bool has_type,
                                          Reasons& reasons) const {
  const Value& value = field.value;
  if (!has_type) {
    refuse(field, "type", type_names(), reasons);
    return;
  }
  if (has_choices_ && !is_choice(value)) {
    refuse(field, "enum", choice_names(), reasons);
    if (value.kind == Kind::String) {
      std::vector<std::string> texts;
      for (const Json& choice : choices_) texts.push_back(choice.text);
      const std::string question = did_you_mean(value.text, texts);
      if (!question.empty()) reasons.back().message += " " + question;
    }
    return;
  }
  if (value.kind == Kind::Number) check_number(field, reasons);
  if (value.kind == Kind::String) check_text(field, reasons);
}

void PropertyCheck::check_number(const Field& field, Reasons& reasons) const {
  if (!field.value.number) {
    refuse(field, "number", "a number of at most 38 digits", reasons);
    return;
  }
  const Decimal& number = *field.value.number;
  if (wants_integer_ && number.scale > 0) refuse(field, "type", type_names(), reasons);
  if (format_ == Format::Amount && !fits_numeric(number, kAmountWholeDigits, kAmountScale)) {
    refuse(field, "format",
           "an amount with at most 4 decimals and 16 digits before the decimal point", reasons);
  }
  if (format_ == Format::Rate && !fits_numeric(number, kRateWholeDigits, kRateDecimals)) {
    refuse(field, "format", "a rate with at most 8 decimals and 12 digits before the decimal point",
           reasons);
  }
  if (!has_limits_) return;
  if (minimum_ && compare(number, *minimum_) < 0) {
    refuse(field, "minimum", "at least " + to_string(*minimum_), reasons);
  }
  if (maximum_ && compare(number, *maximum_) > 0) {
    refuse(field, "maximum", "at most " + to_string(*maximum_), reasons);
  }
  if (exclusive_minimum_ && compare(number, *exclusive_minimum_) <= 0) {
    refuse(field, "exclusiveMinimum", "more than " + to_string(*exclusive_minimum_), reasons);
  }
  if (exclusive_maximum_ && compare(number, *exclusive_maximum_) >= 0) {
    refuse(field, "exclusiveMaximum", "less than " + to_string(*exclusive_maximum_), reasons);
  }
  if (multiple_of_ && !is_multiple(number, *multiple_of_)) {
    refuse(field, "multipleOf", "a multiple of " + to_string(*multiple_of_), reasons);
  }
}

void PropertyCheck::check_text(const Field& field, Reasons& reasons) const {
  const std::string_view text = field.value.text;
  if (min_length_ || max_length_) {
    // Characters are at most the bytes and at least a quarter of them; mostly that decides.
    const bool may_be_short = min_length_ && text.size() < *min_length_ * 4;
    const bool may_be_long = max_length_ && text.size() > *max_length_;
    const std::size_t length = may_be_short || may_be_long ? count_characters(text) : 0;
    if (may_be_short && length < *min_length_) {
      refuse(field, "minLength", characters("at least ", *min_length_), reasons);
    }
    if (may_be_long && length > *max_length_) {
      refuse(field, "maxLength", characters("at most ", *max_length_), reasons);
    }
  }
  if (format_ == Format::Month && !parse_month(text)) {
    refuse(field, "format", "a month like 2024-03", reasons);
  }
  if (format_ == Format::Date && !parse_date(text)) {
    refuse(field, "format", "an existing day like 2024-03-15", reasons);
  }
}

}  // namespace tc::event
