// Our own SQLSTATEs: class TC, one table. The README lists them by these names.
#pragma once
#include "pg/server.hpp"

namespace pg::sqlstate {

inline constexpr int kUnknownCube = MAKE_SQLSTATE('T', 'C', '0', '0', '1');
inline constexpr int kUnknownCompany = MAKE_SQLSTATE('T', 'C', '0', '0', '2');
inline constexpr int kUnknownScenario = MAKE_SQLSTATE('T', 'C', '0', '0', '3');
inline constexpr int kAlreadyExists = MAKE_SQLSTATE('T', 'C', '0', '0', '4');
inline constexpr int kInvalidArgument = MAKE_SQLSTATE('T', 'C', '0', '0', '5');
inline constexpr int kNotAllowed = MAKE_SQLSTATE('T', 'C', '0', '0', '6');
inline constexpr int kUnsupported = MAKE_SQLSTATE('T', 'C', '0', '0', '7');

inline constexpr int kUnreadable =
    MAKE_SQLSTATE('T', 'C', '1', '0', '1');  // not JSON, not an array
inline constexpr int kInvalidEvent =
    MAKE_SQLSTATE('T', 'C', '1', '0', '2');  // schema, rules, envelope
inline constexpr int kUnknownEventType = MAKE_SQLSTATE('T', 'C', '1', '0', '3');
inline constexpr int kOutsideHorizon = MAKE_SQLSTATE('T', 'C', '1', '0', '4');
inline constexpr int kInvalidReversal = MAKE_SQLSTATE('T', 'C', '1', '0', '5');
inline constexpr int kAppendOnly = MAKE_SQLSTATE('T', 'C', '1', '0', '6');
inline constexpr int kKeyReused =
    MAKE_SQLSTATE('T', 'C', '1', '0', '7');  // idempotency key, other content
inline constexpr int kEventIdReused = MAKE_SQLSTATE('T', 'C', '1', '0', '8');
inline constexpr int kInvalidSchema = MAKE_SQLSTATE('T', 'C', '1', '0', '9');
inline constexpr int kNotInQuarantine = MAKE_SQLSTATE('T', 'C', '1', '1', '0');

inline constexpr int kOverBudget = MAKE_SQLSTATE('T', 'C', '4', '0', '1');
inline constexpr int kUnknownModel = MAKE_SQLSTATE('T', 'C', '4', '0', '2');
// TC403 comes from llm/fault.hpp: the model, or its server, refuses for good.
inline constexpr int kUnknownPrompt = MAKE_SQLSTATE('T', 'C', '4', '0', '4');
inline constexpr int kInvalidPrompt = MAKE_SQLSTATE('T', 'C', '4', '0', '5');
inline constexpr int kCircuitOpen = MAKE_SQLSTATE('T', 'C', '4', '0', '6');

}  // namespace pg::sqlstate
