#include "pg/boundary.hpp"

namespace pg {
namespace {

std::string text_of(const char* s) { return s != nullptr ? s : ""; }
char* copy_of(const std::string& s) { return s.empty() ? nullptr : pstrdup(s.c_str()); }

Report plain(int sqlstate, const char* message) {
  Report report;
  report.sqlstate = sqlstate;
  report.message = message;
  return report;
}

}  // namespace

void log(const std::string& message, const std::string& detail) {
  call([&] {
    ereport(LOG, (errmsg("tellingcube: %s", message.c_str()), errdetail("%s", detail.c_str())));
  });
}

void warn(const std::string& message) {
  call([&] { ereport(WARNING, (errmsg("%s", message.c_str()))); });
}

void notice(const std::string& message) {
  call([&] { ereport(NOTICE, (errmsg("%s", message.c_str()))); });
}

Report take_error(MemoryContext context) {
  MemoryContextSwitchTo(context);
  ErrorData* e = CopyErrorData();
  FlushErrorState();
  Report report;
  report.sqlstate = e->sqlerrcode;
  report.message = text_of(e->message);
  report.detail = text_of(e->detail);
  report.hint = text_of(e->hint);
  report.context = text_of(e->context);
  report.has_context = true;
  report.schema = text_of(e->schema_name);
  report.table = text_of(e->table_name);
  report.column = text_of(e->column_name);
  report.constraint = text_of(e->constraint_name);
  FreeErrorData(e);
  return report;
}

ErrorData* to_error_data(const Report& report) {
  auto* e = static_cast<ErrorData*>(palloc0(sizeof(ErrorData)));
  e->elevel = ERROR;
  e->sqlerrcode = report.sqlstate;
  e->message = pstrdup(report.message.c_str());
  e->detail = copy_of(report.detail);
  e->hint = copy_of(report.hint);
  e->context = copy_of(report.context);
  e->schema_name = copy_of(report.schema);
  e->table_name = copy_of(report.table);
  e->column_name = copy_of(report.column);
  e->constraint_name = copy_of(report.constraint);
  e->assoc_context = CurrentMemoryContext;
  return e;
}

Report current_failure() {
  try {
    throw;
  } catch (const Error& e) {
    return e.report();
  } catch (const std::bad_alloc&) {
    return plain(ERRCODE_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& e) {
    return plain(ERRCODE_INTERNAL_ERROR, e.what());
  } catch (...) {
    return plain(ERRCODE_INTERNAL_ERROR, "unknown C++ exception");
  }
}

std::optional<Report> attempt(const std::function<void()>& body) {
  MemoryContext context = CurrentMemoryContext;
  ResourceOwner owner = CurrentResourceOwner;
  const auto restore = [&] {
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
  };
  call([] { BeginInternalSubTransaction(nullptr); });
  MemoryContextSwitchTo(context);
  std::optional<Report> failure;
  std::exception_ptr other;
  try {
    body();
    call([] { ReleaseCurrentSubTransaction(); });
    restore();
    return std::nullopt;
  } catch (const Error& e) {
    failure = e.report();
  } catch (...) {
    other = std::current_exception();
  }
  call([] { RollbackAndReleaseCurrentSubTransaction(); });
  restore();
  if (other) std::rethrow_exception(other);
  if (failure->sqlstate == ERRCODE_QUERY_CANCELED) throw Error(*failure);
  return failure;
}

}  // namespace pg
