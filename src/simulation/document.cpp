#include "simulation/document.hpp"

#include "event/json_tree.hpp"

namespace tc::simulation {
namespace {

using event::Json;

// value ÷ 10^decimals
Json number(int128 value, int decimals) {
  while (decimals > 0 && value % 10 == 0) {
    value /= 10;
    --decimals;
  }
  return Json::of(Decimal{value, decimals});
}
Json text(std::string_view value) { return Json::of(value); }

std::string_view stage_of(Size size) {
  constexpr std::array<std::string_view, 4> kStages = {"start-up", "growth", "mature", "mature"};
  return kStages[static_cast<std::size_t>(size)];
}

Json profile_of(const Configuration& c) {
  Json profile = Json::object();
  profile.add("name", text(c.company));
  profile.add("gicsSector", text(c.sector->name));
  profile.add("region", text(c.country->name));
  profile.add("currency", text(c.currency));
  profile.add("companyStage", text(stage_of(c.size)));
  profile.add("scenario", text(kVariants[static_cast<std::size_t>(c.variant)]));
  return profile;
}

Json narrative_of(const Configuration& c) {
  Json narrative = Json::array();
  for (const Beat& beat : c.beats) {
    Json entry = Json::object();
    entry.add("month", text(month_label(beat.month)));
    entry.add("event", text(beat.event));
    entry.add("measure", text(kMeasures[static_cast<std::size_t>(beat.measure)]));
    entry.add("change", number(beat.change, 9));
    if (!beat.region.empty()) entry.add("region", text(beat.region));
    if (!beat.product.empty()) entry.add("product", text(beat.product));
    entry.add("measureFrom", text(beat.measure_from));
    entry.add("changeFrom", text(beat.change_from));
    if (!beat.word.empty()) entry.add("word", text(beat.word));
    narrative.items.push_back(std::move(entry));
  }
  return narrative;
}

Json simulation_of(const Configuration& c) {
  Json regions = Json::array();
  for (const Region& region : c.regions) {
    Json entry = Json::object();
    entry.add("name", text(region.name));
    if (!region.parent.empty()) entry.add("parent", text(region.parent));
    regions.items.push_back(std::move(entry));
  }
  Json simulation = Json::object();
  simulation.add("engine", text("embedded"));
  simulation.add("seed", number(static_cast<int128>(c.seed), 0));
  simulation.add("sector", text(c.sector->code));
  simulation.add("size", text(kSizes[static_cast<std::size_t>(c.size)]));
  simulation.add("variant", text(kVariants[static_cast<std::size_t>(c.variant)]));
  simulation.add("country", text(c.country->code));
  simulation.add("starts", text(month_label(c.starts)));
  simulation.add("months", number(c.months, 0));
  simulation.add("regions", std::move(regions));
  return simulation;
}

}  // namespace

std::string document_of(const Configuration& c, const Plan& plan) {
  Json state = Json::object();
  state.add("revenueRunRate", number(plan.run_rate, 2));
  state.add("employees", number(plan.employees, 0));
  state.add("cash", number(plan.cash, 2));
  Json document = Json::object();
  document.add("companyProfile", profile_of(c));
  document.add("year", number(year_of(c.starts), 0));
  document.add("narrative", narrative_of(c));
  document.add("startingState", std::move(state));
  document.add("simulation", simulation_of(c));
  return to_text(document);
}

}  // namespace tc::simulation
