// Whether companies look as they should: season, weekdays, margins, digits, concentration, people.
// Doubles are fine here: they judge, they do not make.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "simulation_world.hpp"

namespace tc::simulation {
namespace {

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

// Revenue over what a steady growth from the first to the last year would have.
std::vector<double> without_growth(const std::vector<Cents>& revenue) {
  const auto year = [&](std::size_t first) {
    return static_cast<double>(
        std::accumulate(revenue.begin() + static_cast<std::ptrdiff_t>(first),
                        revenue.begin() + static_cast<std::ptrdiff_t>(first + 12), Cents{0}));
  };
  const double monthly_growth = std::pow(year(24) / year(0), 1.0 / 24);
  std::vector<double> shape;
  for (std::size_t i = 0; i < 36; ++i) {
    shape.push_back(static_cast<double>(revenue[i]) / std::pow(monthly_growth, i));
  }
  return shape;
}

double benford_deviation(const std::vector<Cents>& amounts) {
  std::array<double, 10> digits{};
  for (Cents amount : amounts) {
    while (amount >= 10) amount /= 10;
    ++digits[static_cast<std::size_t>(amount)];
  }
  double deviation = 0;
  for (std::size_t d = 1; d <= 9; ++d) {
    deviation += std::abs(digits[d] / static_cast<double>(amounts.size()) -
                          std::log10(1 + 1.0 / static_cast<double>(d)));
  }
  return deviation / 9;
}

double top_fifth(const std::map<std::string, Cents>& members) {
  std::vector<Cents> sums;
  for (const auto& [name, sum] : members) sums.push_back(sum);
  std::sort(sums.rbegin(), sums.rend());
  const auto fifth = static_cast<std::ptrdiff_t>((sums.size() + 4) / 5);
  return static_cast<double>(std::accumulate(sums.begin(), sums.begin() + fifth, Cents{0})) /
         static_cast<double>(std::accumulate(sums.begin(), sums.end(), Cents{0}));
}

TEST(SimulationShape, MonthsFollowTheSeason) {
  for (const Sector& sector : sectors()) {
    const Story& story = tell(request(sector.code, "micro", "growth", "AT"));
    std::vector<double> season;
    for (std::size_t i = 0; i < 36; ++i)
      season.push_back(static_cast<double>(sector.season[i % 12]));
    const auto shape = without_growth(monthly(story, 36, revenue_in));
    EXPECT_GE(correlation(shape, season), 0.9) << sector.name;
    std::rotate(season.begin(), season.begin() + 5, season.end());
    EXPECT_LT(correlation(shape, season), 0.9) << "the check itself";
  }
}

TEST(SimulationShape, WeekendsHaveTheirShare) {
  for (const Request& request : sample()) {
    const Configuration c = resolve(request);
    std::array<double, 7> days{};
    double all = 0;
    for (const Told& told : tell(request)) {
      if (told.type != EventType::Sale) continue;
      const auto date = static_cast<Date>(told.ts / kMicrosecondsPerDay);
      days[static_cast<std::size_t>((date + 5) % 7)] += static_cast<double>(told.number("revenue"));
      all += static_cast<double>(told.number("revenue"));
    }
    const double usual = static_cast<double>(c.sector->weekdays[5] + c.sector->weekdays[6]) / 1000;
    EXPECT_NEAR((days[5] + days[6]) / all, usual, 0.03) << c.sector->name;
  }
}

TEST(SimulationShape, FirstDigitsFollowBenford) {
  for (const Request& request : sample()) {
    std::vector<Cents> amounts;
    for (const Told& told : tell(request)) {
      if (told.type == EventType::Sale) amounts.push_back(told.number("revenue"));
      if (told.type == EventType::Procurement) amounts.push_back(told.number("amount"));
    }
    if (amounts.size() < 1000) continue;
    EXPECT_LT(benford_deviation(amounts), 0.012) << request.company;
    for (std::size_t i = 0; i < amounts.size(); i += 4) amounts[i] = 500'000;
    EXPECT_GT(benford_deviation(amounts), 0.012) << "the check itself";
  }
}

TEST(SimulationShape, AFifthOfTheMembersHasMostOfTheSales) {
  for (const char* size : {"medium", "large"}) {
    for (const char* sector : {"Consumer Discretionary", "Industrials", "Real Estate"}) {
      std::map<std::string, Cents> members;
      const Story& story = tell(request(sector, size, "baseline", "NL", 12));
      for (const Told& told : story) {
        if (told.type != EventType::Sale) continue;
        const bool retail = !told.knows("customer");
        members[told.text(retail ? "product" : "customer")] += told.number("revenue");
      }
      EXPECT_GE(members.size(), 50U) << sector;
      EXPECT_GE(top_fifth(members), 0.55) << sector;
      EXPECT_LE(top_fifth(members), 0.80) << sector;
      for (auto& [name, sum] : members) sum = 1;
      EXPECT_LT(top_fifth(members), 0.55) << "the check itself";
    }
  }
}

TEST(SimulationShape, MarginsPeopleAndProductivityAreTheSectors) {
  for (const Request& request : sample()) {
    const Configuration c = resolve(request);
    const Story& story = tell(request);
    const auto revenue = monthly(story, c.months, revenue_in);
    const auto cogs = monthly(story, c.months, cogs_in);
    auto opex = monthly(story, c.months, [](const Told& told) {
      if (is_opex(told)) return told.number("amount");
      return told.has("taxType", "payroll_tax") ? told.number("taxAmount") : Cents{0};
    });
    const auto payroll = payroll_of(story, c.months);
    const double gross = static_cast<double>(c.sector->gross_margin) / 1e9;
    const double ebitda = gross - static_cast<double>(c.sector->opex) / 1e9;
    int headcount = 0;
    int exits = 0;
    std::size_t at = 0;
    double heads = 0;
    std::map<std::string, bool> staff;
    for (std::size_t month = 0; month < revenue.size(); ++month) {
      opex[month] += payroll[month + 1];
      const auto share = [&](Cents value) {
        return static_cast<double>(value) / static_cast<double>(revenue[month]);
      };
      EXPECT_NEAR(share(revenue[month] - cogs[month]), gross, 0.1);
      EXPECT_NEAR(share(revenue[month] - cogs[month] - opex[month]), ebitda, 0.1)
          << request.company << " " << month;
      for (; at < story.size() && story[at].month <= static_cast<int>(month); ++at) {
        if (story[at].type == EventType::Hire) {
          headcount += staff.emplace(story[at].text("employeeId"), true).second ? 1 : 0;
        }
        if (story[at].type == EventType::Exit) --headcount, ++exits;
      }
      heads += headcount;
    }
    const double average = heads / c.months;
    const double years = c.months / 12.0;
    EXPECT_GE(exits / years / average, 0.06) << request.company;
    EXPECT_LE(exits / years / average, 0.25) << request.company;
    const double productivity =
        static_cast<double>(std::accumulate(revenue.begin(), revenue.end(), Cents{0})) / years /
        average / static_cast<double>(times(c.sector->revenue_per_employee, c.eur_rate));
    EXPECT_GE(productivity, 0.5) << request.company;
    EXPECT_LE(productivity, 2.0) << request.company;
  }
}

}  // namespace
}  // namespace tc::simulation
