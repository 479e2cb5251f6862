#include "pg/spi.hpp"

#include <unordered_map>

namespace pg {

Parameters& Parameters::add(Oid type, Datum value) {
  types.push_back(type);
  values.push_back(value);
  nulls.push_back(' ');
  return *this;
}

Parameters& Parameters::null(Oid type) {
  add(type, 0);
  nulls.back() = 'n';
  return *this;
}

Parameters& Parameters::text(std::string_view value) {
  return add(TEXTOID, call([&] { return text_datum(value); }));
}

Parameters& Parameters::bytes(std::string_view value) {
  return add(BYTEAOID, call([&] { return text_datum(value); }));  // bytea is laid out as text
}

Spi::Spi() {
  if (call([] { return SPI_connect(); }) != SPI_OK_CONNECT) {
    fail(ERRCODE_INTERNAL_ERROR, "SPI_connect failed");
  }
}

// After an error, the subtransaction or transaction that ends has closed the connection already;
// SPI_finish says so.
Spi::~Spi() {
  try {
    call([] { SPI_finish(); });
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): nothing is left to close
  }
}

namespace {

void check(int code, const std::string& sql) {
  if (code < 0) {
    fail(ERRCODE_INTERNAL_ERROR, std::string("SPI failed: ") + SPI_result_code_string(code), sql);
  }
}

}  // namespace

std::uint64_t Spi::run(const std::string& sql, Parameters parameters, bool read_only) {
  const int count = static_cast<int>(parameters.types.size());
  const int code = call([&] {
    return SPI_execute_with_args(sql.c_str(), count, parameters.types.data(),
                                 parameters.values.data(), parameters.nulls.data(), read_only, 0);
  });
  check(code, sql);
  table_ = SPI_tuptable;
  rows_ = SPI_processed;
  return rows_;
}

std::uint64_t Spi::run_saved(const std::string& sql, Parameters parameters, bool read_only) {
  static std::unordered_map<std::string, SPIPlanPtr> plans;
  SPIPlanPtr& plan = plans[sql];
  const int code = call([&] {
    if (plan == nullptr) {
      SPIPlanPtr made = SPI_prepare_cursor(sql.c_str(), static_cast<int>(parameters.types.size()),
                                           parameters.types.data(), CURSOR_OPT_GENERIC_PLAN);
      if (made == nullptr) return SPI_result;
      SPI_keepplan(made);
      plan = made;
    }
    return SPI_execute_plan(plan, parameters.values.data(), parameters.nulls.data(), read_only, 0);
  });
  check(code, sql);
  table_ = SPI_tuptable;
  rows_ = SPI_processed;
  return rows_;
}

std::uint64_t Spi::run_at(Snapshot snapshot, const std::string& sql, Parameters parameters,
                          bool read_only) {
  const int count = static_cast<int>(parameters.types.size());
  const int code = call([&] {
    SPIPlanPtr plan = SPI_prepare(sql.c_str(), count, parameters.types.data());
    if (plan == nullptr) return SPI_result;
    return SPI_execute_snapshot(plan, parameters.values.data(), parameters.nulls.data(), snapshot,
                                InvalidSnapshot, read_only, true, 0);
  });
  check(code, sql);
  table_ = SPI_tuptable;
  rows_ = SPI_processed;
  return rows_;
}

bool Spi::is_null(std::uint64_t row, int column) const {
  bool null = false;
  call([&] { SPI_getbinval(table_->vals[row], table_->tupdesc, column + 1, &null); });
  return null;
}

Datum Spi::value(std::uint64_t row, int column) const {
  bool null = false;
  return call([&] { return SPI_getbinval(table_->vals[row], table_->tupdesc, column + 1, &null); });
}

std::string Spi::text(std::uint64_t row, int column) const {
  return string_of(
      call([&] { return SPI_getvalue(table_->vals[row], table_->tupdesc, column + 1); }));
}

std::string quote_name(std::string_view name) {
  const std::string copy(name);
  return call([&] { return quote_identifier(copy.c_str()); });
}

std::string quote_text(std::string_view text) {
  const std::string copy(text);
  return call([&] { return quote_literal_cstr(copy.c_str()); });
}

AsOwner::AsOwner(Oid owner, const char* path) {
  GetUserIdAndSecContext(&saved_user_, &saved_context_);
  guc_level_ = call([] { return NewGUCNestLevel(); });
  SetUserIdAndSecContext(owner, saved_context_ | SECURITY_LOCAL_USERID_CHANGE |
                                    (owner == saved_user_ ? 0 : SECURITY_RESTRICTED_OPERATION));
  try {
    call([&] {
      set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                        false);
    });
  } catch (...) {
    SetUserIdAndSecContext(saved_user_, saved_context_);
    throw;
  }
}

// After a server error the transaction's abort restores user and settings too; doing it here as
// well keeps callers that carry on (pg::attempt) right.
AsOwner::~AsOwner() {
  try {
    call([&] { AtEOXact_GUC(false, guc_level_); });
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): the abort will do it
  }
  SetUserIdAndSecContext(saved_user_, saved_context_);
}

}  // namespace pg
