// A clerk who keeps accounts in transactions of its own.
//
// What was spent on a model must stay on record whatever becomes of the caller's transaction, and a
// budget must be seen by all sessions at once. A transaction cannot write outside itself, so a
// background worker does: one for each database, started when it is first needed and gone after two
// idle seconds (longer, and it would be in the way of DROP DATABASE). It needs no preloaded
// library.
//
// Sessions and the clerk share a segment of dynamic memory with slots for requests; which one, says
// the table llm_recorder. A request is a JSON text that tellingcube.llm_record() understands, its
// answer is what that returns. As there is one clerk, requests are served one after the other:
// budgets need no locks.
#pragma once
#include <string>

namespace llm::recorder {

// Has it recorded and waits for the answer. Throws pg::Error when that fails, also when the worker
// cannot be started.
std::string ask(const std::string& request);

// The same without waiting, for a call that is being given up: nothing may be thrown then. False
// when nobody could be told.
bool tell(const std::string& request) noexcept;

}  // namespace llm::recorder
