// Checking events against everything they must obey, and saying what is wrong with them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "event/envelope.hpp"
#include "event/registry_pg.hpp"
#include "projection/session_pg.hpp"

namespace event {

// Type, schema and business rules. nullptr (and a reason) when the type is unknown.
const EventType* check_payload(std::string_view type, std::optional<int> version,
                               tc::event::Fields payload, tc::event::Reasons& reasons);
// The event's month within the scenario's horizon; earlier months are its opening state.
void check_horizon(tc::Timestamp event_ts, const projection::Tenant& tenant,
                   tc::event::Reasons& reasons);

// Rows that the events tables' trigger has checked and projected in this session. Who stores by
// INSERT compares: a trigger can be kept from running.
std::uint64_t rows_projected();

// Raises the error for an invalid event. `who` names it ("event 3 (of 10)"), `at` is the JSON
// Pointer before the reasons' own.
[[noreturn]] void fail_invalid(const std::string& who, const std::string& at,
                               const tc::event::Reasons& reasons, const std::string& hint);
// The reasons as a JSON array: [{"pointer": …, "rule": …, "message": …}].
std::string to_json(const tc::event::Reasons& reasons);

// What a reversal takes back, as it is stored.
struct Original {
  tc::Uuid scenario;
  tc::Date event_month = 0;
  std::string event_type;
  tc::Timestamp event_ts = 0;
  std::string payload;  // JSON text
  int schema_version = 1;
  bool is_reversal = false;
  bool is_reversed = false;  // by another event than `by`
  bool is_ambiguous =
      false;  // the same id was given to events of several months, and no month is said
};
std::optional<Original> find_original(const cube::Cube& cube, const tc::Uuid& company,
                                      const tc::Uuid& event_id, std::optional<tc::Date> month,
                                      const std::optional<tc::Uuid>& by);

}  // namespace event
