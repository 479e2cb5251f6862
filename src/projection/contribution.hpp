// What one event adds to the ledgers. The only place that knows: appending, COPY, rebuilding and
// verifying all call it.
#pragma once
#include <optional>
#include <string_view>

#include "event/value.hpp"
#include "projection/ledger.hpp"

namespace tc::projection {

// The types whose events make facts. Any other type is only counted, in the activity ledger.
enum class EventKind : std::uint8_t {
  Sale,
  Hire,
  Exit,
  Expense,
  Procurement,
  TaxPayment,
  CashMovement,
  Other,
};
EventKind event_kind(std::string_view event_type);

// Where and when an event happened. For a reversal: sign −1, and event_id and event_ts of the event
// it takes back.
struct Occurrence {
  std::uint32_t tenant = 0;
  std::uint32_t company = 0;  // the tenant's company, numbered for the member table
  Timestamp event_ts = 0;
  Uuid event_id;
  int sign = 1;
};

// REQUIRES: the payload has passed its type's schema. A field that is missing all the same counts
// as nothing.
void contribute(std::string_view event_type, event::Fields payload, const Occurrence& occurrence,
                MemberTable& members, Layer& layer);

}  // namespace tc::projection
