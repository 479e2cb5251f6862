// The extension's settings (GUCs), read by everybody, defined in one table in settings.cpp.
#pragma once
#include <string>

namespace settings {

std::string default_cube();  // tellingcube.cube
std::string as_of();         // tellingcube.as_of
int fold_threshold();        // tellingcube.fold_threshold; 0 = never fold while committing
int accumulator_rows();      // tellingcube.accumulator_rows

void init();  // from _PG_init

}  // namespace settings
