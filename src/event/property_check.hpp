// What a schema says about one property whose value is a scalar, compiled for exact comparison.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "event/json_tree.hpp"
#include "event/value.hpp"

namespace tc::event {

class PropertyCheck {
 public:
  PropertyCheck() = default;
  // Takes the keywords it knows out of the normalised `schema`; the rest is left there.
  explicit PropertyCheck(Json& schema);

  // Adds every reason why the value of `field` does not fit.
  void check(const Field& field, Reasons& reasons) const {
    const bool has_type = ((types_ >> static_cast<unsigned>(field.value.kind)) & 1U) != 0;
    if (!has_type || has_choices_) [[unlikely]] {
      check_type_and_choice(field, has_type, reasons);
    } else if (field.value.kind == Kind::Number) {
      check_number(field, reasons);
    } else if (field.value.kind == Kind::String && checks_text_) {
      check_text(field, reasons);
    }
  }

 private:
  enum class Format : std::uint8_t { None, Amount, Rate, Month, Date };

  void take_type(const Json& type);
  bool take_enum(const Json& values);
  void check_type_and_choice(const Field& field, bool has_type, Reasons& reasons) const;
  void check_number(const Field& field, Reasons& reasons) const;
  void check_text(const Field& field, Reasons& reasons) const;
  bool is_choice(const Value& value) const;
  std::string type_names() const;
  std::string choice_names() const;

  // One bit per Kind. A schema's "integer" is a number with `wants_integer_`.
  unsigned types_ = ~0U;
  bool wants_integer_ = false;
  bool checks_text_ = false;
  bool has_limits_ = false;
  Format format_ = Format::None;
  bool has_choices_ = false;
  std::vector<Json> choices_;
  std::optional<Decimal> minimum_;
  std::optional<Decimal> maximum_;
  std::optional<Decimal> exclusive_minimum_;
  std::optional<Decimal> exclusive_maximum_;
  std::optional<Decimal> multiple_of_;
  std::optional<std::size_t> min_length_;
  std::optional<std::size_t> max_length_;
};

}  // namespace tc::event
