#include "simulation/documents.hpp"

namespace tc::simulation {
namespace {

// Made by tools/embed while building.
#include <simulation/embedded.inc>

}  // namespace

std::string_view sectors_json() { return kSectorsJson; }
std::string_view countries_json() { return kCountriesJson; }
std::string_view beats_json() { return kBeatsJson; }

}  // namespace tc::simulation
