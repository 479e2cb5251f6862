// Takes a flat event apart: what every event has (type, time, identity) and the payload that is its
// type's own.
//
// Envelope fields: "eventType"; one of "month", "date", "eventTs"; and, all optional, "eventId",
// "reverses", "schemaVersion", "source", "company", "scenario". Everything else is payload.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/calendar.hpp"
#include "base/uuid.hpp"
#include "event/value.hpp"

namespace tc::event {

struct Envelope {
  std::string_view
      event_type;  // "" when missing (and reported), or for a reversal that leaves it out
  std::optional<Timestamp> event_ts;  // a month alone is its first day, 00:00
  std::optional<Uuid> event_id;
  std::optional<Uuid> reverses;
  std::optional<int> schema_version;
  std::string_view source;  // "" when not said
  std::string_view company;
  std::string_view scenario;
};

// Fills `envelope` and `payload` (sorted by key_less) and adds a reason for each envelope field
// that is missing or wrong: no time, two different times, month 2024-13, an eventId that is not a
// uuid, a schemaVersion that is not a positive integer … With "reverses" given, eventType and time
// may be left out (a reversal takes both from what it reverses).
void take_apart(const std::vector<Field>& flat, Envelope& envelope, std::vector<Field>& payload,
                Reasons& reasons);

}  // namespace tc::event
