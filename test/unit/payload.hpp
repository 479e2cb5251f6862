// What the tests of schemas, rules and envelopes share: an event from its text, reasons as text.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "event/reader.hpp"

namespace tc::event {

// The fields of one JSON object, sorted, with the text they lie in.
class Payload {
 public:
  explicit Payload(std::string_view object)
      : text_("[" + std::string(object) + "]"), reader_(text_) {
    reader_.next(event_);
    std::sort(event_.fields.begin(), event_.fields.end(),
              [](const Field& a, const Field& b) { return key_less(a.key, b.key); });
  }
  operator Fields() const { return event_.fields; }
  const std::vector<Field>& fields() const { return event_.fields; }

 private:
  std::string text_;
  Reader reader_;
  FlatEvent event_;
};

// "rule/pointer rule/pointer …"
inline std::string shown(const Reasons& reasons) {
  std::string text;
  for (const Reason& reason : reasons) {
    if (!text.empty()) text += ' ';
    text += reason.rule + reason.pointer;
  }
  return text;
}

}  // namespace tc::event
