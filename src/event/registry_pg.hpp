// The event types, compiled: tellingcube.event_type as one backend keeps it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/rules.hpp"
#include "event/schema.hpp"
#include "pg/boundary.hpp"

namespace event {

struct EventType {
  std::string name;
  int version = 1;
  tc::event::Schema schema;
  tc::event::Rules rules;

  void check(tc::event::Fields payload, tc::event::Reasons& reasons) const {
    schema.check(payload, reasons);
    if (reasons.empty()) rules.check(payload, reasons);
  }
};

// The type of that name and version (nullopt: the newest); nullptr when there is none. Valid until
// the next call.
const EventType* find_type(std::string_view name, std::optional<int> version);
// A reason that says why there is no such type or version, with the nearest names.
tc::event::Reason unknown_type(std::string_view name, std::optional<int> version);

void init();  // from _PG_init

}  // namespace event
