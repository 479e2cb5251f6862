// From what people type to a configuration, or one clear refusal.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "simulation_world.hpp"

namespace tc::simulation {
namespace {

// "field: message | hint", or "" when nothing is refused.
std::string refusal_of(const Request& request) {
  try {
    resolve(request);
    return "";
  } catch (const Refusal& refusal) {
    return refusal.field + ": " + refusal.what() + " | " + refusal.hint;
  }
}

Request good() { return request("Consumer Staples", "small"); }

template <typename Change>
std::string refused(Change change) {
  Request request = good();
  change(request);
  return refusal_of(request);
}

TEST(SimulationResolve, TakesWhatPeopleType) {
  EXPECT_EQ(refusal_of(good()), "");
  for (const char* sector : {"30", "consumer staples", "Consumer-Staples"}) {
    Request request = good();
    request.sector = sector;
    EXPECT_EQ(resolve(request).sector->code, "30");
  }
  for (const char* country : {"AT", "at", "Austria", "Österreich"}) {
    Request request = good();
    request.country = country;
    EXPECT_EQ(resolve(request).country->code, "AT") << country;
  }
  Request request = good();
  request.starts = "2024-Q2";
  request.currency = "usd";
  const Configuration c = resolve(request);
  EXPECT_EQ(month_label(c.starts), "2024-04");
  EXPECT_EQ(c.currency, "USD");
  EXPECT_EQ(c.regions.size(), 5U);
}

TEST(SimulationResolve, RefusesWithTheNearestNames) {
  EXPECT_EQ(refused([](Request& r) { r.sector = "Utilitys"; }),
            "sector: there is no sector \"Utilitys\" | Did you mean “Utilities”?");
  EXPECT_EQ(refused([](Request& r) { r.sector = ""; }),
            "sector: a simulation needs a sector | Give the sector's name or its GICS code, as 30 "
            "for Consumer Staples.");
  EXPECT_EQ(refused([](Request& r) { r.size = "hugee"; }),
            "size: there is no size \"hugee\" | Choose one of them.");
  EXPECT_EQ(refused([](Request& r) { r.variant = "recesion"; }),
            "variant: there is no variant \"recesion\" | Did you mean “recession”?");
  EXPECT_EQ(refused([](Request& r) { r.country = "Germny"; }),
            "country: there is no country \"Germny\" to simulate in | Did you mean “Germany”?");
  EXPECT_TRUE(refused([](Request& r) { r.currency = "XYZ"; }).starts_with("currency: "));
  EXPECT_TRUE(refused([](Request& r) { r.company = " "; }).starts_with("company: "));
}

TEST(SimulationResolve, RefusesHorizonsAndRegionsThatCannotBe) {
  const auto begins = [](const std::string& text, const char* with) {
    EXPECT_TRUE(text.starts_with(with)) << text;
  };
  begins(refused([](Request& r) { r.starts = "2024-13"; }), "starts: \"2024-13\" is not a month");
  begins(refused([](Request& r) { r.starts = "1985-01"; }), "starts: the months from 1985-01");
  begins(refused([](Request& r) { r.months = 0; }), "months: cannot simulate 0 months");
  begins(refused([](Request& r) { r.months = 121; }), "months: cannot simulate 121 months");
  begins(refused([](Request& r) { r.regions = "North"; }), "regions: regions is not JSON");
  begins(refused([](Request& r) { r.regions = "[]"; }), "regions: cannot simulate 0 regions");
  begins(refused([](Request& r) { r.regions = R"(["A", "A"])"; }),
         "regions/1: the region \"A\" is given twice");
  begins(refused([](Request& r) { r.regions = R"(["A", ""])"; }), "regions/1: a region must be");
  begins(refused([](Request& r) {
           r.regions = R"([{"name": "A", "parent": "B"}, {"name": "B", "parent": "A"}])";
         }),
         "regions: the region \"A\" is within itself");
  begins(refused([](Request& r) { r.regions = R"([{"name": "A", "paren": "B"}])"; }),
         "regions/0: there is no field of a region \"paren\" | Did you mean “parent”?");
  std::string many = "[\"0\"";
  for (int i = 1; i < 51; ++i) many += ", \"" + std::to_string(i) + "\"";
  begins(refused([&](Request& r) { r.regions = many + "]"; }), "regions: cannot simulate 51");
}

TEST(SimulationResolve, RefusesBeatsThatCannotBe) {
  const auto beat = [](const std::string& json) {
    return refused([&](Request& r) { r.narrative = "[" + json + "]"; });
  };
  const auto begins = [](const std::string& text, const char* with) {
    EXPECT_TRUE(text.starts_with(with)) << text;
  };
  EXPECT_EQ(beat(R"({"month": "2024-06", "event": "Strike"})"), "");
  begins(beat(R"({"event": "Strike"})"), "narrative/0: a beat needs a month");
  begins(beat(R"({"month": "2022-12", "event": "Strike"})"),
         "narrative/0/month: the beat of 2022-12 is outside the horizon");
  begins(beat(R"({"month": "June", "event": "Strike"})"), "narrative/0/month: \"June\" is not");
  begins(beat(R"({"month": "2024-06"})"), "narrative/0: a beat needs an event");
  begins(beat(R"({"month": "2024-06", "event": "Nothing much"})"),
         "narrative/0: nobody can tell what \"Nothing much\" changes");
  EXPECT_EQ(beat(R"({"month": "2024-06", "event": "X", "measure": "revenu", "change": 0.1})"),
            "narrative/0/measure: there is no measure \"revenu\" | Did you mean “revenue”?");
  begins(beat(R"({"month": "2024-06", "event": "X", "measure": "revenue", "change": 15})"),
         "narrative/0: the beat \"X\" changes too much or nothing");
  begins(beat(R"({"month": "2024-06", "event": "X", "measure": "revenue", "change": []})"),
         "narrative/0/change: a change is a share");
  begins(beat(R"({"month": "2024-06", "event": "Strike", "region": "Nrd"})"),
         "narrative/0/region: there is no region \"Nrd\"");
  begins(beat(R"({"month": "2024-06", "event": "Strike", "product": "Yachts"})"),
         "narrative/0/product: there is no product \"Yachts\"");
  begins(beat(R"({"month": "2024-06", "event": "Layoffs", "region": "Nord"})"),
         "narrative/0: a beat on headcount is of the whole company");
  begins(beat(R"({"mont": "2024-06", "month": "2024-06", "event": "Strike"})"),
         "narrative/0/mont: there is no field of a beat \"mont\"");
  begins(refused([](Request& r) { r.narrative = "{}"; }), "narrative: narrative has another form");
}

TEST(SimulationResolve, RefusesStatesThatCannotBe) {
  const auto state = [](const std::string& json) {
    return refused([&](Request& r) { r.starting_state = json; });
  };
  EXPECT_EQ(state(R"({"revenueRunRate": 1000000, "employees": null})"), "");
  EXPECT_TRUE(state(R"({"employees": 0})").starts_with("starting_state/employees: "));
  EXPECT_TRUE(state(R"({"employees": 2.5})").starts_with("starting_state/employees: "));
  EXPECT_TRUE(state(R"({"cash": -1})").starts_with("starting_state/cash: "));
  EXPECT_TRUE(state(R"({"cash": "much"})").starts_with("starting_state/cash: "));
  EXPECT_TRUE(state(R"({"revenue_run_rate": 1e15})").starts_with("starting_state/revenue"));
  EXPECT_TRUE(state(R"({"staff": 3})").starts_with("starting_state/staff: there is no field"));
}

TEST(SimulationResolve, TheStartingStateIsHonoured) {
  for (const char* sector : {"Industrials", "Consumer Staples", "Real Estate"}) {
    Request request = tc::simulation::request(sector, "small");
    request.starting_state = R"({"revenue_run_rate": 4800000, "employees": 23, "cash": 123456.78})";
    const Configuration c = resolve(request);
    const Story& story = tell(request);
    int hired = 0;
    Cents cash = 0;
    Cents dearest = 0;
    for (const Told& told : story) {
      if (told.month < 0 && told.type == EventType::Hire) ++hired;
      if (told.month < 0 && told.type == EventType::CashMovement) cash += told.number("amount");
      if (told.month == 0 && told.type == EventType::Sale) {
        dearest = std::max(dearest, told.number("unitPrice"));
      }
    }
    EXPECT_EQ(hired, 23);
    EXPECT_EQ(cash, 12'345'678);
    // A twelfth, by the season of January, but for a part of one unit.
    const Cents wanted = 40'000'000 * c.sector->season[0] / 100;
    EXPECT_NEAR(static_cast<double>(monthly(story, 36, revenue_in)[0]), static_cast<double>(wanted),
                static_cast<double>(dearest));
  }
}

}  // namespace
}  // namespace tc::simulation
