// append_events() for C++.
#pragma once
#include <string_view>

#include "event/appender_pg.hpp"

namespace event {

// Appends a JSON array of events as append_events() does, with no idempotency key: the caller's
// privileges are checked, then the events; all of them are stored or none. Raises what
// append_events() raises.
AppendResult append_json(const cube::Cube& cube, const AppendOptions& options,
                         std::string_view json);

}  // namespace event
