// The extension's settings (GUCs), read by everybody, defined in one table in settings.cpp.
#pragma once
#include <string>

namespace settings {

std::string default_cube();  // tellingcube.cube
std::string as_of();         // tellingcube.as_of
std::string model();         // tellingcube.model: a route, "a, b"
// tellingcube.model_<purpose>; "" when it is empty or there is no such setting.
std::string model_for(const std::string& purpose);
std::string local_hosts();  // tellingcube.local_hosts: "a, b"
int llm_cache_seconds();    // tellingcube.llm_cache_seconds; 0 = no cache
int fold_threshold();       // tellingcube.fold_threshold; 0 = never fold while committing
int accumulator_rows();     // tellingcube.accumulator_rows

void init();  // from _PG_init

}  // namespace settings
