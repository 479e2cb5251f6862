// Baseline, growth and recession are the same company: the same documents, other figures.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "simulation_world.hpp"

namespace tc::simulation {
namespace {

constexpr int kMonths = 36;

struct Trio {
  const Story& baseline;
  const Story& growth;
  const Story& recession;
};

Trio tell_all(const std::string& sector, const std::string& size, const std::string& country) {
  return {tell(request(sector, size, "baseline", country)),
          tell(request(sector, size, "growth", country)),
          tell(request(sector, size, "recession", country))};
}

Cents total(const std::vector<Cents>& sums) {
  return std::accumulate(sums.begin(), sums.end(), Cents{0});
}

// The first month in which the larger is not larger, or -1.
int first_not_above(const std::vector<Cents>& larger, const std::vector<Cents>& smaller) {
  for (std::size_t i = 1; i < larger.size(); ++i) {
    if (larger[i] < smaller[i]) return static_cast<int>(i);
  }
  return -1;
}

TEST(SimulationVariants, GrowthIsAboveBaselineAboveRecession) {
  for (const Sector& sector : sectors()) {
    const Trio told = tell_all(sector.code, "micro", "DE");
    const auto growth = monthly(told.growth, kMonths, revenue_in);
    const auto baseline = monthly(told.baseline, kMonths, revenue_in);
    const auto recession = monthly(told.recession, kMonths, revenue_in);
    EXPECT_EQ(first_not_above(growth, baseline), -1) << sector.name;
    EXPECT_EQ(first_not_above(baseline, recession), -1) << sector.name;
    EXPECT_NE(first_not_above(recession, baseline), -1) << "the check itself";
    EXPECT_GE(total(growth) * 100, total(baseline) * 105) << sector.name;
    EXPECT_GE(total(baseline) * 100, total(recession) * 105) << sector.name;
  }
}

// One sale in two variants, found by what a document is whatever its amounts.
struct Pair {
  const Told* before;
  const Told* after;
};

std::vector<Pair> paired(const Story& before, const Story& after) {
  const auto key = [](const Told& told) {
    return std::to_string(told.ts) + told.text("product") + told.text("region") +
           told.text("channel") + (told.knows("customer") ? told.text("customer") : "");
  };
  std::multimap<std::string, const Told*> others;
  for (const Told& told : after) {
    if (told.type == EventType::Sale) others.emplace(key(told), &told);
  }
  std::vector<Pair> pairs;
  for (const Told& told : before) {
    if (told.type != EventType::Sale) continue;
    const auto found = others.find(key(told));
    if (found == others.end()) return {};
    pairs.push_back({&told, found->second});
    others.erase(found);
  }
  return others.empty() ? pairs : std::vector<Pair>{};
}

TEST(SimulationVariants, TellTheSameDocuments) {
  const Trio told = tell_all("Information Technology", "small", "NL");
  const auto sales = [](const Story& story) {
    return static_cast<std::size_t>(std::count_if(
        story.begin(), story.end(), [](const Told& t) { return t.type == EventType::Sale; }));
  };
  EXPECT_EQ(paired(told.baseline, told.growth).size(), sales(told.baseline));
  EXPECT_EQ(paired(told.baseline, told.recession).size(), sales(told.baseline));
  Story without = told.growth;
  std::erase_if(without, [&](const Told& t) { return &t == &without.back(); });
  const auto sale = std::find_if(without.begin(), without.end(),
                                 [](const Told& t) { return t.type == EventType::Sale; });
  without.erase(sale);
  EXPECT_TRUE(paired(told.baseline, without).empty()) << "the check itself";
}

// Gross profit after less before, in hundredths of a cent, as volume, mix, price and cost.
//
// Volume: all documents grow alike, at their old profit per unit. Mix: each grows as it does, less
// that. Price: new quantities at the change of price. Cost: new quantities at the change of cost.
struct Bridge {
  int128 volume = 0, mix = 0, price = 0, cost = 0;
};

Bridge bridge_of(const std::vector<Pair>& pairs) {
  Bridge bridge;
  int128 quantity = 0;
  int128 new_quantity = 0;
  int128 profit = 0;
  for (const Pair& pair : pairs) {
    quantity += pair.before->number("quantity");
    new_quantity += pair.after->number("quantity");
    profit += pair.before->number("revenue") - pair.before->number("cogs");
  }
  bridge.volume = profit * 100 * (new_quantity - quantity) / quantity;
  int128 by_documents = 0;  // volume and mix
  for (const Pair& pair : pairs) {
    const int128 q0 = pair.before->number("quantity");
    const int128 q1 = pair.after->number("quantity");
    const int128 p0 = pair.before->number("unitPrice");
    const int128 p1 = pair.after->number("unitPrice");
    const int128 old_cost = pair.before->number("cogs") * 100 * q1 / q0;  // of the new quantity
    by_documents += (q1 - q0) * p0 - (old_cost - pair.before->number("cogs") * 100);
    bridge.price += q1 * (p1 - p0);
    bridge.cost += old_cost - pair.after->number("cogs") * 100;
  }
  bridge.mix = by_documents - bridge.volume;
  return bridge;
}

TEST(SimulationVariants, DifferencesDecomposeIntoVolumeMixPriceAndCost) {
  const Trio told = tell_all("Industrials", "small", "DE");
  const auto profit = [](const Story& story) {
    return total(monthly(story, kMonths, [](const Told& t) { return revenue_in(t) - cogs_in(t); }));
  };
  for (const Story* after : {&told.growth, &told.recession}) {
    const std::vector<Pair> pairs = paired(told.baseline, *after);
    const Bridge bridge = bridge_of(pairs);
    // quantity × price is exactly revenue, so nothing is left over.
    for (const Pair& pair : pairs) {
      ASSERT_EQ(
          static_cast<int128>(pair.after->number("quantity")) * pair.after->number("unitPrice"),
          static_cast<int128>(pair.after->number("revenue")) * 100);
    }
    const int128 sum = bridge.volume + bridge.mix + bridge.price + bridge.cost;
    EXPECT_TRUE(sum == static_cast<int128>(profit(*after) - profit(told.baseline)) * 100);
    EXPECT_TRUE(bridge.volume != 0 && bridge.mix != 0 && bridge.price != 0 && bridge.cost != 0);
    const bool grows = after == &told.growth;
    EXPECT_EQ(bridge.volume > 0, grows);
    EXPECT_EQ(bridge.price > 0, grows);
    EXPECT_EQ(bridge.cost < 0, grows);  // units cost more when they are sold for more
  }
}

}  // namespace
}  // namespace tc::simulation
