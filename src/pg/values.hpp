// Values between the server and the core: uuids, text, amounts, dates.
#pragma once
#include <cstring>
#include <string>
#include <string_view>

#include "base/calendar.hpp"
#include "base/decimal.hpp"
#include "base/uuid.hpp"
#include "pg/boundary.hpp"

namespace pg {

inline tc::Uuid to_uuid(Datum datum) {
  tc::Uuid uuid;
  std::memcpy(uuid.bytes.data(), DatumGetUUIDP(datum)->data, UUID_LEN);
  return uuid;
}
// Points into `uuid`, which must outlive the datum.
inline Datum uuid_datum(const tc::Uuid& uuid) { return PointerGetDatum(uuid.bytes.data()); }

// A copy in the current memory context.
Datum new_uuid_datum(const tc::Uuid& uuid);

// The bytes of a detoasted text; valid as long as the datum is.
inline std::string_view text_view(Datum datum) {
  const text* t = DatumGetTextPP(datum);
  return {VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)};
}
inline Datum text_datum(std::string_view s) {
  return PointerGetDatum(cstring_to_text_with_len(s.data(), static_cast<int>(s.size())));
}
inline std::string string_of(const char* s) { return s != nullptr ? s : ""; }

// numeric with exactly four decimals; palloc'd. Flat.
Datum amount_datum(tc::Amount amount);
// REQUIRES a finite numeric with at most four decimals and 34 digits before them, as our own tables
// hold.
tc::Amount to_amount(Datum numeric);
// nullopt: NaN, infinite, or more than 38 digits. Reads the number's digits where they lie.
std::optional<tc::Decimal> to_decimal(Numeric numeric);

// A new time-ordered uuid (version 7): milliseconds, then a counter within the backend's
// millisecond, then random bits.
tc::Uuid uuid_v7();

}  // namespace pg
