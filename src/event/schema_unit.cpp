#include "event/schema_unit.hpp"

#include <cstdlib>
#include <limits>
#include <optional>

#include "event/json_input.hpp"
#include "event/schema.hpp"
#include "event/schema_normal.hpp"

#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

namespace tc::event {
namespace {

using Validator = rapidjson::SchemaValidator;

rapidjson::SizeType length_of(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

rapidjson::Document parse_document(const Json& json) {
  rapidjson::Document document;
  const std::string text = to_text(json);
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag>(text.data(),
                                                                                      text.size());
  return document;
}

// Feeds values to a validator. RapidJSON knows whole numbers of 64 bits and doubles; the same
// choice is made for numbers in a schema, so that equal numbers are equal.
class Feeder {
 public:
  explicit Feeder(Validator& validator) : validator_(validator) {}

  bool has_unusable_number() const { return has_unusable_number_; }

  bool feed(const Value& value) {
    switch (value.kind) {
      case Kind::Null:
        return Null();
      case Kind::Boolean:
        return Bool(value.boolean);
      case Kind::Number:
        return number(value.number);
      case Kind::String:
        return String(value.text.data(), length_of(value.text), true);
      case Kind::Array:
      case Kind::Object:
        break;
    }
    Input input(value.text);
    JsonReader reader;
    const rapidjson::ParseResult result = reader.Parse<kJsonFlags>(input, *this);
    if (result.Code() == rapidjson::kParseErrorNumberTooBig) has_unusable_number_ = true;
    return !result.IsError();
  }

  bool feed(Fields object) {
    if (!StartObject()) return false;
    for (const Field& field : object) {
      if (!Key(field.key.data(), length_of(field.key), true) || !feed(field.value)) return false;
    }
    return EndObject(static_cast<rapidjson::SizeType>(object.size()));
  }

  bool Null() { return validator_.Null(); }
  bool Bool(bool value) { return validator_.Bool(value); }
  // Numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    return number(parse_decimal({text, length}));
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return validator_.String(terminated({text, length}), length, true);
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    return validator_.Key(terminated({text, length}), length, true);
  }
  bool StartObject() { return validator_.StartObject(); }
  bool EndObject(rapidjson::SizeType count) { return validator_.EndObject(count); }
  bool StartArray() { return validator_.StartArray(); }
  bool EndArray(rapidjson::SizeType count) { return validator_.EndArray(count); }

 private:
  // Patterns are matched up to a NUL, which slices of an event do not have.
  const char* terminated(std::string_view text) {
    text_ = text;
    return text_.c_str();
  }

  bool number(const std::optional<Decimal>& value) {
    if (!value) {
      has_unusable_number_ = true;
      return false;
    }
    const int128 digits = value->digits;
    if (value->scale == 0 && digits >= 0 && digits <= std::numeric_limits<std::uint64_t>::max()) {
      return validator_.Uint64(static_cast<std::uint64_t>(digits));
    }
    if (value->scale == 0 && digits < 0 && digits > std::numeric_limits<std::int64_t>::min()) {
      return validator_.Int64(static_cast<std::int64_t>(digits));
    }
    return validator_.Double(std::strtod(to_string(*value).c_str(), nullptr));
  }

  Validator& validator_;
  bool has_unusable_number_ = false;
  std::string text_;
};

std::string pointer_text(const Validator& validator) {
  rapidjson::StringBuffer buffer;
  validator.GetInvalidDocumentPointer().Stringify(buffer);
  return {buffer.GetString(), buffer.GetSize()};
}

// RapidJSON names the keyword; two of them have names of our own.
std::string rule_of(const Validator& validator) {
  const char* keyword = validator.GetInvalidSchemaKeyword();
  const std::string rule = keyword == nullptr ? "schema" : keyword;
  return rule == "additionalProperties" ? "unknown_field" : rule;
}

}  // namespace

struct SchemaUnit::Impl {
  explicit Impl(const Json& normal) : document(parse_document(schema_for_rapidjson(normal))) {}

  // The reason why what `feed` feeds does not fit; nullopt when it does.
  template <typename Feed>
  std::optional<Reason> reason(std::string_view place, const std::string& found, Feed feed) const {
    Validator validator(document);
    Feeder feeder(validator);
    const bool fits = feed(feeder) && validator.IsValid();
    if (feeder.has_unusable_number()) {
      return Reason{std::string(place), "number", "A number here has more than 38 digits."};
    }
    if (fits) return std::nullopt;
    const std::string pointer = std::string(place) + pointer_text(validator);
    const std::string rule = rule_of(validator);
    const std::string subject = pointer.empty() ? "The event" : pointer.substr(1);
    return Reason{pointer, rule,
                  subject + " does not fit the schema's \"" + rule + "\"" +
                      (found.empty() ? "" : ", found in " + found) + "."};
  }

  rapidjson::SchemaDocument document;
};

SchemaUnit::SchemaUnit(const Json& normal) {
  try {
    impl_ = std::make_unique<Impl>(normal);
  } catch (const RapidJsonAssertion& assertion) {
    throw SchemaError("", std::string("The schema cannot be compiled: ") + assertion.what());
  }
}
SchemaUnit::SchemaUnit(SchemaUnit&&) noexcept = default;
SchemaUnit& SchemaUnit::operator=(SchemaUnit&&) noexcept = default;
SchemaUnit::~SchemaUnit() = default;

bool SchemaUnit::fits(const Value& value) const {
  return !impl_->reason("", "", [&](Feeder& feeder) { return feeder.feed(value); });
}

void SchemaUnit::check(const Field& field, Reasons& reasons) const {
  auto reason = impl_->reason(pointer_to(field.key), describe(field.value),
                              [&](Feeder& feeder) { return feeder.feed(field.value); });
  if (reason) reasons.push_back(std::move(*reason));
}

void SchemaUnit::check(Fields object, Reasons& reasons) const {
  auto reason = impl_->reason("", "", [&](Feeder& feeder) { return feeder.feed(object); });
  if (reason) reasons.push_back(std::move(*reason));
}

}  // namespace tc::event
