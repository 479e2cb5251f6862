// The server's SPI as a connection that closes itself, with bound parameters and values copied out.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/boundary.hpp"
#include "pg/values.hpp"

namespace pg {

// Parameters $1, $2, … of one statement. Views given must outlive the statement's execution.
class Parameters {
 public:
  Parameters& uuid(const tc::Uuid& value) { return add(UUIDOID, uuid_datum(value)); }
  Parameters& uuid(const std::optional<tc::Uuid>& value) {
    return value ? uuid(*value) : null(UUIDOID);
  }
  Parameters& text(std::string_view value);
  Parameters& text_or_null(std::string_view value) {
    return value.empty() ? null(TEXTOID) : text(value);
  }
  Parameters& bytes(std::string_view value);
  Parameters& integer(std::int64_t value) { return add(INT8OID, Int64GetDatum(value)); }
  Parameters& oid(Oid value) { return add(OIDOID, ObjectIdGetDatum(value)); }
  Parameters& date(tc::Date value) { return add(DATEOID, DateADTGetDatum(value)); }
  Parameters& timestamp(tc::Timestamp value) { return add(TIMESTAMPOID, TimestampGetDatum(value)); }
  Parameters& null(Oid type);
  Parameters& add(Oid type, Datum value);

  std::vector<Oid> types;
  std::vector<Datum> values;
  std::vector<char> nulls;
};

class Spi {
 public:
  Spi();
  ~Spi();
  Spi(const Spi&) = delete;
  Spi& operator=(const Spi&) = delete;

  // Runs one statement and returns the number of rows. `read_only` uses the snapshot of the calling
  // query.
  std::uint64_t run(const std::string& sql, Parameters parameters = {}, bool read_only = false);
  // The same by a plan made once and kept for the session, for statements that run often. SQL texts
  // must be few.
  std::uint64_t run_saved(const std::string& sql, Parameters parameters = {},
                          bool read_only = false);
  // The same with a snapshot of the caller's choice, also for statements that write.
  std::uint64_t run_at(Snapshot snapshot, const std::string& sql, Parameters parameters = {},
                       bool read_only = false);

  // Of the last statement's rows; columns count from 0.
  std::uint64_t rows() const { return rows_; }
  bool is_null(std::uint64_t row, int column) const;
  Datum value(std::uint64_t row, int column) const;       // valid until the connection closes
  std::string text(std::uint64_t row, int column) const;  // as printed; "" for NULL
  tc::Uuid uuid(std::uint64_t row, int column) const { return to_uuid(value(row, column)); }
  std::int64_t integer(std::uint64_t row, int column) const {
    return DatumGetInt64(value(row, column));
  }

 private:
  SPITupleTable* table_ = nullptr;
  std::uint64_t rows_ = 0;
};

// "name" or "\"odd name\"".
std::string quote_name(std::string_view name);
// 'text' or 'it''s'.
std::string quote_text(std::string_view text);

// While it lives, the code runs as `owner` in a security-restricted way and with search_path =
// pg_catalog, pg_temp (or `path`), as the server does for its own maintenance commands. For work on
// a cube's tables that its owner would do, on behalf of a role that may only append events.
class AsOwner {
 public:
  explicit AsOwner(Oid owner, const char* path = "pg_catalog, pg_temp");
  ~AsOwner();
  AsOwner(const AsOwner&) = delete;
  AsOwner& operator=(const AsOwner&) = delete;

 private:
  Oid saved_user_;
  int saved_context_;
  int guc_level_;
};

}  // namespace pg
