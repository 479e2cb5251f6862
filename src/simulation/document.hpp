// A scenario's document: what was asked for and what came of it, as JSON.
#pragma once
#include <string>

#include "simulation/plan.hpp"

namespace tc::simulation {

// {"companyProfile": {name, gicsSector, region, currency, companyStage, scenario}, "year": first
// year, "narrative": [{month, event, measure, change, region?, product?, measureFrom, changeFrom,
// word?}], "startingState": {revenueRunRate, employees, cash}, "simulation": {engine, seed, sector,
// size, variant, country, starts, months, regions: [{name, parent?}], …}}. Amounts in the
// company's currency; change is a share (0.15).
std::string document_of(const Configuration& configuration, const Plan& plan);

}  // namespace tc::simulation
