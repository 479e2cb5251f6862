// Beats: what their words mean, what they hit, and that they hit nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "simulation/beat_text.hpp"
#include "simulation_world.hpp"

namespace tc::simulation {
namespace {

constexpr int kMonths = 18;
constexpr int kHit = 7;  // 2023-08

Request with(const std::string& narrative, const std::string& sector = "Industrials",
             const std::string& size = "small") {
  Request request = tc::simulation::request(sector, size, "baseline", "DE", kMonths);
  request.narrative = narrative;
  return request;
}

std::string beat_json(const std::string& fields) {
  return R"([{"month": "2023-08", "event": "What happened", )" + fields + "}]";
}

// The share by which a month's sum differs.
double change_of(const Story& before, const Story& after, int month, Cents (*value)(const Told&)) {
  const auto at = static_cast<std::size_t>(month);
  return static_cast<double>(monthly(after, kMonths, value)[at]) /
             static_cast<double>(monthly(before, kMonths, value)[at]) -
         1;
}

Cents quantity_in(const Told& told) {
  return told.type == EventType::Sale ? told.number("quantity") : 0;
}
Cents capex_in(const Told& told) {
  return told.type == EventType::Expense && told.is_capex() ? told.number("amount") : 0;
}

void expect_near(double found, double stated) {
  EXPECT_NEAR(found, stated, std::abs(stated) * 0.2);
}

// Types of events that differ outside the month of the beat.
std::set<std::string> changed_elsewhere(const Story& before, const Story& after) {
  std::multiset<std::string> lines;
  const auto line = [](const Told& told) { return to_string(told.id) + told.canonical; };
  for (const Told& told : before) {
    if (told.month != kHit) lines.insert(line(told));
  }
  std::set<std::string> types;
  for (const Told& told : after) {
    if (told.month == kHit) continue;
    const auto found = lines.find(line(told));
    if (found == lines.end()) {
      types.insert(std::string(name_of(told.type)));
    } else {
      lines.erase(found);
    }
  }
  for (const std::string& rest : lines) {
    types.insert(rest.substr(36 + 20, rest.find('\t', 36 + 20) - 36 - 20));
  }
  return types;
}

// Taxes on what was sold, the VAT on it, and a loan and its interest follow. Nothing else may.
void expect_isolated(const Story& before, const Story& after) {
  for (const std::string& type : changed_elsewhere(before, after)) {
    EXPECT_TRUE(type == "tax_payment" || type == "cash_movement") << type;
  }
}

TEST(SimulationBeats, HitTheirMeasureInTheirMonth) {
  const Story& plain = tell(with(""));
  const Story& sales = tell(with(beat_json(R"("measure": "revenue", "change": 0.15)")));
  expect_near(change_of(plain, sales, kHit, revenue_in), 0.15);
  expect_near(change_of(plain, sales, kHit, cogs_in), 0.15);
  expect_isolated(plain, sales);

  const Story& price = tell(with(beat_json(R"("measure": "price", "change": -0.08)")));
  expect_near(change_of(plain, price, kHit, revenue_in), -0.08);
  EXPECT_EQ(change_of(plain, price, kHit, quantity_in), 0);
  EXPECT_EQ(change_of(plain, price, kHit, cogs_in), 0);
  expect_isolated(plain, price);

  const Story& cost = tell(with(beat_json(R"("measure": "cogs", "change": 0.1)")));
  EXPECT_EQ(change_of(plain, cost, kHit, revenue_in), 0);
  expect_near(change_of(plain, cost, kHit, cogs_in), 0.1);
  expect_isolated(plain, cost);
}

TEST(SimulationBeats, OpexAndCapexGetADocumentOfTheirOwn) {
  const Story& plain = tell(with(""));
  const auto opex = [](const Story& story) {
    const auto levies = monthly(story, kMonths, [](const Told& told) {
      return told.has("taxType", "payroll_tax") ? told.number("taxAmount") : Cents{0};
    });
    const auto expenses = monthly(
        story, kMonths, [](const Told& t) { return is_opex(t) ? t.number("amount") : Cents{0}; });
    return static_cast<double>(levies[kHit] + expenses[kHit] +
                               payroll_of(story, kMonths)[kHit + 1]);
  };
  for (const double change : {0.2, -0.1}) {
    const std::string stated = std::to_string(change).substr(0, change < 0 ? 4 : 3);
    const Story& told = tell(with(beat_json(R"("measure": "opex", "change": )" + stated)));
    expect_near(opex(told) / opex(plain) - 1, change);
    expect_isolated(plain, told);
    // What was there is there, to the byte.
    std::set<std::string> lines;
    for (const Told& t : told) lines.insert(t.canonical);
    for (const Told& t : plain) {
      if (is_opex(t)) {
        EXPECT_EQ(lines.count(t.canonical), 1U);
      }
    }
  }
  const Story& invested = tell(with(beat_json(R"("measure": "capex", "change": 0.5)")));
  expect_near(change_of(plain, invested, kHit, capex_in), 0.5);
  // It is depreciated from the next month on, by rows of its own.
  const auto rows = [](const Story& story, int month) {
    return std::count_if(story.begin(), story.end(), [&](const Told& told) {
      return told.month == month && is_expense(told, "depreciation");
    });
  };
  EXPECT_EQ(rows(invested, kHit), rows(plain, kHit));
  EXPECT_EQ(rows(invested, kHit + 1), rows(plain, kHit + 1) + 1);
}

int headcount(const Story& story, int month) {
  std::set<std::string> staff;
  for (const Told& told : story) {
    if (told.month > month) break;
    if (told.type == EventType::Hire) staff.insert(told.text("employeeId"));
    if (told.type == EventType::Exit) staff.erase(told.text("employeeId"));
  }
  return static_cast<int>(staff.size());
}

TEST(SimulationBeats, HeadcountMovesByPeople) {
  const Story& plain = tell(with(""));
  const int usual = headcount(plain, kHit);
  const Story& hired = tell(with(beat_json(R"("measure": "headcount", "change": 0.2)")));
  EXPECT_EQ(headcount(hired, kHit), usual + usual / 5);
  EXPECT_EQ(headcount(hired, kHit - 1), headcount(plain, kHit - 1));
  expect_isolated(plain, hired);
  const Story& laid_off = tell(with(beat_json(R"("measure": "headcount", "change": -0.1)")));
  EXPECT_EQ(headcount(laid_off, kHit), usual - usual / 10);
  // As many as ever leave afterwards, so those laid off stay missing.
  for (int month = kHit; month < kMonths; ++month) {
    EXPECT_EQ(headcount(laid_off, month), headcount(plain, month) - usual / 10) << month;
  }
  Request longer = with(beat_json(R"("measure": "headcount", "change": -0.4)"), "25", "medium");
  const std::string shorter_lines = lines_of(tell(longer));
  longer.months = 60;
  EXPECT_TRUE(lines_of(tell(longer)).starts_with(shorter_lines));
}

TEST(SimulationBeats, KeepToTheirRegionAndProduct) {
  const Story& plain = tell(with(""));
  const auto touched = [&](const std::string& fields) {
    const Story& told = tell(with(beat_json(R"("change": 0.3, "measure": "revenue", )" + fields)));
    std::set<std::string> names;
    std::multiset<std::string> lines;
    for (const Told& t : plain) lines.insert(t.canonical);
    for (const Told& t : told) {
      if (t.type == EventType::Sale && lines.count(t.canonical) == 0) {
        names.insert(t.text("region") + "/" + t.text("product"));
      }
    }
    return names;
  };
  for (const std::string& name : touched(R"("region": "Süd")")) {
    EXPECT_TRUE(name.starts_with("Süd/")) << name;
  }
  EXPECT_GT(touched(R"("region": "Süd")").size(), 3U);
  EXPECT_GT(touched(R"("region": "Germany")").size(), touched(R"("region": "Süd")").size());
  for (const std::string& name : touched(R"("product": "Bearing Kit")")) {
    EXPECT_TRUE(name.ends_with("/Bearing Kit")) << name;
  }
  EXPECT_FALSE(touched(R"("product": "spare parts")").empty());
}

TEST(SimulationBeats, LeaveEachOtherAlone) {
  const std::string one = R"({"month": "2023-08", "event": "Strike"})";
  const std::string two = R"({"month": "2024-02", "event": "Launch", "region": "Nord"})";
  const Story& first = tell(with("[" + one + "]"));
  const Story& both = tell(with("[" + one + ", " + two + "]"));
  const auto sales = [](const Story& story, int month) {
    std::string lines;
    for (const Told& t : story) {
      if (t.month == month && t.type == EventType::Sale) lines += t.canonical;
    }
    return lines;
  };
  EXPECT_EQ(sales(first, kHit), sales(both, kHit));
  EXPECT_NE(sales(first, 13), sales(both, 13));
}

TEST(SimulationBeats, TheChecksNoticeWhatTheyShould) {
  const Story& plain = tell(with(""));
  Story broken = plain;
  const auto sale = std::find_if(broken.begin(), broken.end(), [](const Told& told) {
    return told.type == EventType::Sale && told.month == 3;
  });
  sale->canonical += "x";
  EXPECT_EQ(changed_elsewhere(plain, broken), std::set<std::string>{"sale"});
  const Story& other = tell(with(beat_json(R"("measure": "revenue", "change": 0.4)")));
  EXPECT_GT(std::abs(change_of(plain, other, kHit, revenue_in) - 0.15), 0.03);
}

struct Understood {
  const char* event;
  Measure measure;
  double change;
  const char* change_from;
};

TEST(SimulationBeats, AreUnderstood) {
  for (const Understood& wanted : std::vector<Understood>{
           {"Strike at the main plant", Measure::Revenue, -0.15, "lexicon"},
           {"Warnstreik", Measure::Revenue, 0, ""},
           {"Streik im Werk", Measure::Revenue, -0.15, "lexicon"},
           {"Sales up 15 % after the launch", Measure::Revenue, 0.15, "text"},
           {"Demand fell by 8 percent", Measure::Quantity, -0.08, "text"},
           {"Price increase of 4.5%", Measure::Price, 0.045, "text"},
           {"Raw material costs +12 %", Measure::Cogs, 0.12, "text"},
           {"Umsatz −7 %", Measure::Revenue, -0.07, "text"},
           {"Operating expenses cut by 10 %", Measure::Opex, -0.1, "text"},
           {"New factory in the east", Measure::Capex, 0.5, "lexicon"},
           {"PREISERHÖHUNG", Measure::Price, 0.05, "lexicon"},
           {"Layoffs", Measure::Headcount, -0.1, "lexicon"},
           {"Cyberattack costs us 20 % of the month", Measure::Revenue, -0.2, "text"},
           {"A quiet month", Measure::Revenue, 0, ""}}) {
    Beat beat;
    beat.event = wanted.event;
    const bool understood = understand(beat, std::nullopt, std::nullopt);
    EXPECT_EQ(understood, wanted.change != 0) << wanted.event;
    if (!understood) continue;
    EXPECT_EQ(beat.measure, wanted.measure) << wanted.event;
    EXPECT_EQ(beat.change, static_cast<Ratio>(wanted.change * 1e9 + (wanted.change < 0 ? -.5 : .5)))
        << wanted.event;
    EXPECT_EQ(beat.change_from, wanted.change_from) << wanted.event;
  }
}

}  // namespace
}  // namespace tc::simulation
