// Events as JSON text, as append_events() takes them and as the server would write them.
//
// The payload's keys stand in JSONB's order (shorter first, then by bytes), with its spacing and
// its way of escaping, and numbers have no trailing zeros. So the payload's text is the text of the
// stored row's payload, and a digest of the events can be taken on either side.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.hpp"
#include "base/uuid.hpp"
#include "simulation/fixed.hpp"
#include "simulation/random.hpp"

namespace tc::simulation {

enum class EventType : std::uint8_t {
  Sale,
  Hire,
  Exit,
  Expense,
  Procurement,
  TaxPayment,
  CashMovement
};
std::string_view name_of(EventType type);

struct Event {
  Timestamp ts = 0;
  Uuid id;
  EventType type = EventType::Sale;
  int region = -1;           // index into Configuration::regions; -1: of the company
  std::uint32_t offset = 0;  // of its text in the batch's
  std::uint32_t length = 0;
  std::uint32_t payload = 0;  // where in the batch's text the payload's first key stands
};

struct Batch {
  std::vector<Event> events;  // by (ts, id)
  std::string text;           // of all, one after the other, in no special order

  std::string_view text_of(const Event& event) const {
    return std::string_view(text).substr(event.offset, event.length);
  }
  void clear() {
    events.clear();
    text.clear();
  }
};

// Appends "event_ts TAB event_type TAB payload LF": the SHA-256 of these lines, in the order of
// (event_ts, event_id), is the digest of a scenario. In SQL: to_char(event_ts, 'YYYY-MM-DD
// HH24:MI:SS') || E'\t' || event_type || E'\t' || payload::text || E'\n'.
void append_canonical(const Batch& batch, const Event& event, std::string& out);

std::string json_string(std::string_view text);  // with its quotes

// A uuid of version 7: its time part is event_ts (taken as UTC), the rest a hash.
Uuid event_uuid(Timestamp ts, std::uint64_t high, std::uint64_t low);

class EventWriter {
 public:
  EventWriter(Batch& batch, std::uint64_t id_key);

  // An event of its stream, with the entity, period and number within both that make its id.
  void begin(EventType type, Timestamp ts, int region, Stream stream, std::uint64_t entity,
             std::int64_t period, std::uint64_t ordinal);
  // Fields, in JSONB's order. `json` is a string already quoted and escaped.
  void text(std::string_view key, std::string_view json);
  void name(std::string_view key, std::string_view name);  // quotes and escapes it
  void whole(std::string_view key, std::int64_t value) { number(key, value, 0); }
  void cents(std::string_view key, Cents value) { number(key, value, 2); }
  void ratio(std::string_view key, Ratio value) { number(key, value, 9); }
  void boolean(std::string_view key, bool value);
  void end();

 private:
  void put(std::string_view bytes) {
    bytes.copy(at_, bytes.size());
    at_ += bytes.size();
  }
  void begin_field(std::string_view key, std::size_t value_bytes);
  void number(std::string_view key, std::int64_t value, int decimals);

  // The labels of the days last written: events come month by month.
  struct Day {
    Date date = INT32_MIN;
    std::array<char, 10> label{};
  };

  Batch& batch_;
  std::uint64_t key_;
  std::vector<char> buffer_;  // the event that is being written
  char* at_ = nullptr;
  bool is_first_ = true;
  std::array<Day, 32> days_{};
};

}  // namespace tc::simulation
