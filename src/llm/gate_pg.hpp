// Who may call a model now: its circuit breaker and its rate limiter, for all sessions at once when
// the library is preloaded, otherwise for this one.
#pragma once
#include <cstdint>

#include "llm/breaker.hpp"
#include "pg/boundary.hpp"

namespace llm::gate {

void init();  // from _PG_init

enum class Verdict { Go, Wait, Open };
struct Ticket {
  Verdict verdict;
  std::int64_t wait_ms;  // of Wait and Open
};

// Go takes a place that leave() gives back; it is also given back when the process ends.
Ticket enter(Oid server, const tc::llm::Limits& limits, std::int64_t tokens);

enum class Result { Answered, Failed, Refused, NoVerdict };
// Refused opens the circuit at once. `used` tokens correct the estimate of enter(); `pause_ms` > 0:
// the server asked everybody to wait.
void leave(Oid server, const tc::llm::Limits& limits, std::int64_t tokens, std::int64_t used,
           Result result, std::int64_t pause_ms);

}  // namespace llm::gate
