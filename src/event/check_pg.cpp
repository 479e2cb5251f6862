#include "event/check_pg.hpp"

#include "base/calendar.hpp"
#include "pg/errors.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"

namespace event {
namespace {

using tc::event::Fields;
using tc::event::Reason;
using tc::event::Reasons;

constexpr std::size_t kMostReasonsShown = 8;

int sqlstate_of(const Reason& reason) {
  if (reason.rule == "unknown_event_type") return pg::sqlstate::kUnknownEventType;
  if (reason.rule == "horizon") return pg::sqlstate::kOutsideHorizon;
  if (reason.rule == "reversal") return pg::sqlstate::kInvalidReversal;
  if (reason.rule == "event_id_reused") return pg::sqlstate::kEventIdReused;
  return pg::sqlstate::kInvalidEvent;
}

// The server's messages end without a full stop, its details with one.
std::string without_stop(const std::string& sentence) {
  return sentence.ends_with('.') ? sentence.substr(0, sentence.size() - 1) : sentence;
}

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

const EventType* check_payload(std::string_view type, std::optional<int> version, Fields payload,
                               Reasons& reasons) {
  const EventType* found = find_type(type, version);
  if (found == nullptr) {
    reasons.push_back(unknown_type(type, version));
  } else {
    found->check(payload, reasons);
  }
  return found;
}

void check_horizon(tc::Timestamp event_ts, const projection::Tenant& tenant, Reasons& reasons) {
  const tc::Month month = tc::month_of(event_ts);
  if (month <= tenant.last) return;
  reasons.push_back({"", "horizon",
                     "month " + tc::month_label(month) + " is after the scenario's last month " +
                         tc::month_label(tenant.last) + " (it starts in " +
                         tc::month_label(tenant.starts) + ")"});
}

void fail_invalid(const std::string& who, const std::string& at, const Reasons& reasons,
                  const std::string& hint) {
  std::string detail;
  for (std::size_t i = 0; i < reasons.size() && i < kMostReasonsShown; ++i) {
    if (i > 0) detail += '\n';
    const std::string pointer = at + reasons[i].pointer;
    detail += (pointer.empty() ? "At the event (" : "At \"" + pointer + "\" (") + reasons[i].rule +
              "): " + without_stop(reasons[i].message) + '.';
  }
  if (reasons.size() > kMostReasonsShown) {
    detail += "\n… and " + std::to_string(reasons.size() - kMostReasonsShown) + " more.";
  }
  pg::fail(sqlstate_of(reasons.front()),
           who + " is invalid: " + without_stop(reasons.front().message), detail, hint);
}

std::string to_json(const Reasons& reasons) {
  std::string json = "[";
  for (const Reason& reason : reasons) {
    if (json.size() > 1) json += ',';
    json += "{\"pointer\":" + quoted(reason.pointer) + ",\"rule\":" + quoted(reason.rule) +
            ",\"message\":" + quoted(reason.message) + '}';
  }
  return json + ']';
}

std::optional<Original> find_original(const cube::Cube& cube, const tc::Uuid& company,
                                      const tc::Uuid& event_id, std::optional<tc::Date> month,
                                      const std::optional<tc::Uuid>& by) {
  const std::string from = " FROM " + pg::quote_name(cube.name) + ".events WHERE company_id = $1";
  pg::AsOwner owner(cube.owner);  // to reverse an event one must name it, not be able to read it
  pg::Spi spi;
  pg::Parameters parameters;
  parameters.uuid(company).uuid(event_id);
  if (month) parameters.date(*month);
  const auto rows = spi.run_saved(
      "SELECT scenario_id, event_month, event_type, event_ts, payload::text, "
      "schema_version::bigint,"
      " reverses IS NOT NULL" +
          from + " AND event_id = $2" + (month ? " AND event_month = $3" : ""),
      std::move(parameters));
  if (rows == 0) return std::nullopt;
  Original original;
  original.is_ambiguous = rows > 1;
  original.scenario = spi.uuid(0, 0);
  original.event_month = DatumGetDateADT(spi.value(0, 1));
  original.event_type = spi.text(0, 2);
  original.event_ts = DatumGetTimestamp(spi.value(0, 3));
  original.payload = spi.text(0, 4);
  original.schema_version = static_cast<int>(spi.integer(0, 5));
  original.is_reversal = DatumGetBool(spi.value(0, 6));
  pg::Parameters reversals;
  reversals.uuid(company).date(original.event_month).uuid(event_id).uuid(by);
  original.is_reversed =
      spi.run_saved("SELECT 1" + from +
                        " AND event_month = $2 AND reverses = $3 AND event_id IS DISTINCT FROM $4",
                    std::move(reversals)) > 0;
  return original;
}

}  // namespace event
