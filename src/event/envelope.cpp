#include "event/envelope.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace tc::event {
namespace {

// Every envelope field, in the order of `kNames`.
enum class Name : std::size_t {
  Date,
  Month,
  Source,
  Company,
  EventId,
  EventTs,
  Reverses,
  Scenario,
  EventType,
  SchemaVersion,
  None
};

constexpr std::array<std::string_view, 10> kNames = {
    "date",    "month",    "source",   "company",   "eventId",
    "eventTs", "reverses", "scenario", "eventType", "schemaVersion"};

Name name_of(std::string_view key) {
  if (key.size() < 4 || key.size() > 13) return Name::None;
  const auto found = std::find(kNames.begin(), kNames.end(), key);
  return static_cast<Name>(found - kNames.begin());
}

Date day_of(Timestamp timestamp) {
  const Timestamp days = timestamp / kMicrosecondsPerDay;
  return static_cast<Date>(timestamp % kMicrosecondsPerDay < 0 ? days - 1 : days);
}

class Taker {
 public:
  Taker(Envelope& envelope, Reasons& reasons) : envelope_(envelope), reasons_(reasons) {}

  // False: not an envelope field.
  bool take(const Field& field) {
    const Name name = name_of(field.key);
    if (name == Name::None) return false;
    // "eventId": null is how many models write that there is none.
    if (field.value.kind != Kind::Null) take(name, field);
    return true;
  }

  void finish() {
    choose_time();
    if (envelope_.reverses || is_wrong_reversal_) return;
    if (!has_type_) {
      reasons_.push_back({"/eventType", "required", "eventType is required but missing."});
    }
    if (!has_time_) {
      reasons_.push_back({"", "required", "The event has no time: give month, date or eventTs."});
    }
  }

 private:
  void take(Name name, const Field& field) {
    switch (name) {
      case Name::EventType:
        has_type_ = true;
        take_text(field, envelope_.event_type);
        break;
      case Name::Source:
        take_text(field, envelope_.source);
        break;
      case Name::Company:
        take_text(field, envelope_.company);
        break;
      case Name::Scenario:
        take_text(field, envelope_.scenario);
        break;
      case Name::EventId:
        take_parsed(field, envelope_.event_id, parse_uuid, "a uuid");
        break;
      case Name::Reverses:
        is_wrong_reversal_ = !take_parsed(field, envelope_.reverses, parse_uuid, "a uuid");
        break;
      case Name::Month:
        take_time(field, month_, parse_month, "a month like 2024-03");
        break;
      case Name::Date:
        take_time(field, date_, parse_date, "an existing day like 2024-03-15");
        break;
      case Name::EventTs:
        take_time(field, timestamp_, parse_timestamp, "a time like 2024-03-15T09:30:00");
        break;
      case Name::SchemaVersion:
        take_version(field);
        break;
      case Name::None:
        break;
    }
  }

  void refuse(const Field& field, const char* rule, const std::string& expected) {
    reasons_.push_back({pointer_to(field.key), rule,
                        std::string(field.key) + " must be " + expected + ", but is " +
                            describe(field.value) + "."});
  }

  void take_text(const Field& field, std::string_view& text) {
    if (field.value.kind != Kind::String) {
      refuse(field, "type", "a string");
    } else if (field.value.text.empty()) {
      refuse(field, "minLength", "a string that is not empty");
    } else {
      text = field.value.text;
    }
  }

  template <typename T>
  bool take_parsed(const Field& field, std::optional<T>& target,
                   std::optional<T> (*parse)(std::string_view), const char* expected) {
    if (field.value.kind == Kind::String) target = parse(field.value.text);
    if (target) return true;
    refuse(field, field.value.kind == Kind::String ? "format" : "type", expected);
    return false;
  }

  template <typename T>
  void take_time(const Field& field, std::optional<T>& target,
                 std::optional<T> (*parse)(std::string_view), const char* expected) {
    has_time_ = true;
    take_parsed(field, target, parse, expected);
  }

  void take_version(const Field& field) {
    const auto& number = field.value.number;
    if (field.value.kind == Kind::Number && number && number->scale == 0 && number->digits > 0 &&
        number->digits <= std::numeric_limits<int>::max()) {
      envelope_.schema_version = static_cast<int>(number->digits);
    } else {
      refuse(field, field.value.kind == Kind::Number ? "minimum" : "type",
             "a positive whole number");
    }
  }

  // The most exact of the times given counts; the others must lie around it.
  void choose_time() {
    if (timestamp_) {
      envelope_.event_ts = timestamp_;
    } else if (date_) {
      envelope_.event_ts = Timestamp{*date_} * kMicrosecondsPerDay;
    } else if (month_) {
      envelope_.event_ts = Timestamp{first_day(*month_)} * kMicrosecondsPerDay;
    }
    if (!envelope_.event_ts) return;
    if (date_ && *date_ != day_of(*envelope_.event_ts)) conflict("date", date_label(*date_));
    if (month_ && *month_ != month_of(*envelope_.event_ts)) {
      conflict("month", month_label(*month_));
    }
  }

  void conflict(const std::string& key, const std::string& found) {
    reasons_.push_back({"/" + key, "conflict",
                        key + " is " + found + ", but " + (timestamp_ ? "eventTs" : "date") +
                            " lies in another " + key + "."});
  }

  Envelope& envelope_;
  Reasons& reasons_;
  bool has_type_ = false;
  bool has_time_ = false;
  bool is_wrong_reversal_ = false;  // already reported; what it leaves out need not be
  std::optional<Month> month_;
  std::optional<Date> date_;
  std::optional<Timestamp> timestamp_;
};

}  // namespace

void take_apart(const std::vector<Field>& flat, Envelope& envelope, std::vector<Field>& payload,
                Reasons& reasons) {
  envelope = Envelope();
  payload.clear();
  Taker taker(envelope, reasons);
  for (const Field& field : flat) {
    if (!taker.take(field)) payload.push_back(field);
  }
  taker.finish();
  std::sort(payload.begin(), payload.end(),
            [](const Field& a, const Field& b) { return key_less(a.key, b.key); });
}

}  // namespace tc::event
