// Folding: pending rows are added to the stored ones. Housekeeping only: facts read the same before
// and after.
#pragma once
#include "cube/cube_pg.hpp"

namespace projection {

// While a transaction commits: folds if enough is pending, nobody else is folding, and this
// transaction's isolation level allows to touch shared rows. Never makes the commit fail.
void fold_if_due(const cube::Cube& cube);

}  // namespace projection
