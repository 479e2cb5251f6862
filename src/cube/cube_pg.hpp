// A cube as the backend knows it: its schema, its owner and the tables that the extension writes
// directly.
#pragma once
#include <array>
#include <string>

#include "pg/boundary.hpp"
#include "projection/ledger.hpp"

namespace cube {

struct Cube {
  Oid schema = InvalidOid;
  std::string name;
  Oid owner = InvalidOid;  // of the events table
  Oid events = InvalidOid;
  Oid dim_company = InvalidOid;
  Oid dim_scenario = InvalidOid;
  std::array<Oid, tc::projection::kLedgers> pending{};  // by Ledger
  Oid staff_pending = InvalidOid;
  std::array<Oid, tc::projection::kMemberKinds> dimension{};  // by MemberKind; EventType has none
};

// The cube in that schema; raises unknown_cube when its tables are not all there. By value: what
// the cache holds may go whenever another session changes a table.
Cube find(Oid schema);

// The cube of that name; nullptr-like name "" is the default cube (tellingcube.cube). Raises
// unknown_cube with the nearest names.
Cube find(const std::string& name);

// What argument i of a SQL function, a cube's name, says; "" when it is NULL, for the default cube.
std::string name_argument(FunctionCallInfo fcinfo, int i);
// The cube that it names.
inline Cube argument(FunctionCallInfo fcinfo, int i) { return find(name_argument(fcinfo, i)); }

// The cube of that name even if it lost its triggers or views; raises unknown_cube when it has no
// event store.
Cube find_damaged(const std::string& name);

// Whether the current role owns the cube or belongs to the role that does.
bool is_owner(const Cube& cube);
// Raises not_allowed unless the current role owns the cube or belongs to the role that does.
// `action`: "fold the facts of".
void require_owner(const Cube& cube, const char* action);

// Whether that cube is still there; it may have been dropped since somebody wrote to it.
bool exists(Oid schema);

// What that name stands for right now, other sessions' commits included.
enum class Named { Nothing, Schema, Cube };
Named what_is(const std::string& name);

// Registers the callbacks that keep the cache true. From _PG_init.
void init();

}  // namespace cube
