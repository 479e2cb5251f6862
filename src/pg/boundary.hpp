// The boundary between C++ and the server: two ways of failing that must never mix.
//
// The server raises by longjmp, which skips destructors; C++ throws, and an exception that reaches
// the server aborts the backend. So there is one door each way:
//
//   PG_ENTRY(f) / pg::entry(λ)   server → C++. Every SQL function, trigger, callback. Nothing
//   escapes: whatever was thrown is
//                                caught, its block left, its locals destroyed, and only then raised
//                                as a server error.
//   pg::call(λ)                  C++ → server. The lambda must be flat: captures by reference, a
//   plain result, no object with
//                                a destructor inside. A server error becomes pg::Error.
//   pg::attempt(λ)               a subtransaction: the only way to carry on after a server error.
//   Cancels go on. pg::own<T>(context, …)       a C++ object that a memory context destroys.
//   pg::fail(…)                  an error of our own, with SQLSTATE, detail and hint.
//
// pg::call costs a sigsetjmp (a few ns): guard batches, not rows, where it matters.
#pragma once
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "pg/server.hpp"

namespace pg {

// Every ErrorData field worth keeping, by value.
struct Report {
  int sqlstate = ERRCODE_INTERNAL_ERROR;
  std::string message, detail, hint, context, schema, table, column, constraint;
  bool has_context = false;  // the server raised it and has asked everybody around for context
};

// Deliberately not a std::exception: core code that catches those must not swallow a cancel.
class Error {
 public:
  explicit Error(Report report) noexcept : report_(std::move(report)) {}
  const Report& report() const { return report_; }

 private:
  Report report_;
};

[[noreturn]] inline void fail(int sqlstate, std::string message, std::string detail = "",
                              std::string hint = "") {
  Report report;
  report.sqlstate = sqlstate;
  report.message = std::move(message);
  report.detail = std::move(detail);
  report.hint = std::move(hint);
  throw Error(std::move(report));
}

// A line in the server's log, nothing on the client.
void log(const std::string& message, const std::string& detail);
void notice(const std::string& message);
void warn(const std::string& message);

// The error being handled, taken off the server's error stack.
Report take_error(MemoryContext context);

// The server's stack of error handlers, put back as it was.
class HandlerStack {
 public:
  HandlerStack() : handler_(PG_exception_stack), callbacks_(error_context_stack) {}
  ~HandlerStack() { restore(); }
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;
  void restore() const {
    PG_exception_stack = handler_;
    error_context_stack = callbacks_;
  }

 private:
  sigjmp_buf* handler_;
  ErrorContextCallback* callbacks_;
};

template <class F>
auto call(F&& body) -> decltype(body()) {
  using R = decltype(body());
  static_assert(std::is_trivially_destructible_v<std::remove_reference_t<F>>,
                "capture by reference only");
  static_assert(std::is_void_v<R> || std::is_trivially_copyable_v<R>, "return a plain value");
  MemoryContext const saved_context = CurrentMemoryContext;
  // In this frame, which a longjmp does not skip, and for every way out of it.
  const HandlerStack saved;
  sigjmp_buf here;
  if (sigsetjmp(here, 0) == 0) {
    PG_exception_stack = &here;
    return body();
  }
  saved.restore();
  throw Error(take_error(saved_context));
}

// Raises `report` as a server error: flat, runs in the server's world.
ErrorData* to_error_data(const Report& report);
// What is being thrown right now, as a report. REQUIRES: inside a catch block.
Report current_failure();

template <class F>
auto entry(F&& body) noexcept(false) -> decltype(body()) {
  ErrorData* raise = nullptr;
  bool has_context = false;
  try {
    std::optional<Report> failure;
    try {
      return body();
    } catch (...) {
      failure = current_failure();
    }
    raise = call([&] { return to_error_data(*failure); });
    has_context = failure->has_context;
  } catch (...) {
  }
  if (raise == nullptr) elog(ERROR, "out of memory while reporting an error");
  // What is raised a second time must not be told its context a second time. Whoever catches it
  // puts the stack back.
  if (has_context) error_context_stack = nullptr;
  ThrowErrorData(raise);
  pg_unreachable();
}

#define PG_ENTRY(name)                                     \
  extern "C" {                                             \
  PG_FUNCTION_INFO_V1(name);                               \
  }                                                        \
  static Datum name##_body(FunctionCallInfo fcinfo);       \
  extern "C" Datum name(PG_FUNCTION_ARGS) { /* NOLINT */   \
    return pg::entry([&] { return name##_body(fcinfo); }); \
  }                                                        \
  static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)

// Runs body in a subtransaction; its report when it failed and was rolled back, nullopt when it was
// done. Cancels and exceptions that are not errors of the server are passed on, after the rollback.
std::optional<Report> attempt(const std::function<void()>& body);

template <class T, class... A>
T* own(MemoryContext context, A&&... args) {
  static_assert(alignof(T) <= MAXIMUM_ALIGNOF, "the server's memory is aligned for less");
  struct Box {
    MemoryContextCallback callback;
    alignas(T) unsigned char bytes[sizeof(T)];
  };
  Box* box = call([&] { return static_cast<Box*>(MemoryContextAllocZero(context, sizeof(Box))); });
  T* object = new (box->bytes) T(std::forward<A>(args)...);
  box->callback.func = [](void* p) { static_cast<T*>(p)->~T(); };
  box->callback.arg = object;
  MemoryContextRegisterResetCallback(context, &box->callback);
  return object;
}

inline void check_for_interrupts() {
  if (INTERRUPTS_PENDING_CONDITION()) call([] { ProcessInterrupts(); });
}

}  // namespace pg
