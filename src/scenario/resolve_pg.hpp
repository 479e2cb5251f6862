// Companies and scenarios by what people type: their name (case does not matter when only one fits)
// or their key.
#pragma once
#include <string_view>

#include "base/uuid.hpp"
#include "cube/cube_pg.hpp"

namespace scenario {

// Both read as the calling role, so row-level security decides what can be found or suggested. They
// raise unknown_company and unknown_scenario, with the nearest names as hint.
// A STABLE function sees what its statement sees; a VOLATILE one also what the statement has made.
enum class Sees { Statement, Now };
tc::Uuid find_company(const cube::Cube& cube, std::string_view company, Sees sees = Sees::Now);
tc::Uuid find_scenario(const cube::Cube& cube, const tc::Uuid& company, std::string_view scenario,
                       Sees sees = Sees::Now);

}  // namespace scenario
