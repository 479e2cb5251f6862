#include "simulation/plan.hpp"

#include <algorithm>

#include "simulation/random.hpp"

namespace tc::simulation {
namespace {

constexpr Ratio kPercent = kOne / 100;

// Employees and sale documents a month by Size.
constexpr std::array<int, 4> kEmployees = {6, 30, 140, 800};
constexpr std::array<int, 4> kDocuments = {54, 150, 300, 620};

// By Variant: prices and raises a year, and what cogs of revenue shift to within three years.
constexpr std::array<Ratio, 3> kInflation = {kPercent * 3 / 2, kPercent * 5 / 2, kPercent / 2};
constexpr std::array<Ratio, 3> kRaise = {kPercent * 5 / 2, kPercent * 7 / 2, kPercent};
constexpr std::array<Ratio, 3> kCostShift = {0, -kPercent * 3 / 10, kPercent * 8 / 10};

// Growth and recession differ from the baseline by at least this a year: in three years a gap of
// 5 % of all revenue opens.
constexpr Ratio kLeastGap = kPercent * 38 / 10;

// A boom or a slump lasts three years; then it fades.
Ratio yearly_growth(const Configuration& c, int month) {
  const Ratio base = c.sector->growth[0];
  Ratio gap = c.sector->growth[static_cast<std::size_t>(c.variant)] - base;
  if (c.variant == Variant::Growth) gap = std::max(gap, kLeastGap);
  if (c.variant == Variant::Recession) gap = std::min(gap, -kLeastGap);
  return base + (month < 36 ? gap : month < 60 ? gap / 4 : 0);
}

Cents in_currency(const Configuration& c, Cents eur) { return times(eur, c.eur_rate); }

Cents revenue_per_employee(const Configuration& c) {
  const Cents eur = times(c.sector->revenue_per_employee, c.sector->own_staff_factor);
  return in_currency(c, times(eur, c.country->revenue_level));
}

Cents rounded(Cents amount, Cents step) { return std::max(amount / step, Cents{1}) * step; }

// A salary bill that leaves the margin what it is; but nobody works for less than about half of
// what is usual, or gets twice as much.
Cents opening_payroll(const Configuration& c, const Plan& plan) {
  const Ratio levy = rate_in(c.country->payroll_tax, c.starts);
  const Ratio share = times(c.sector->opex, c.sector->staff_share);
  const Cents affordable = mul_div(plan.run_rate / 12, share, kOne + levy);
  const Cents usual =
      in_currency(c, times(c.sector->salary, c.country->wage_level)) * plan.employees;
  return std::clamp(affordable, usual * 52 / 100, usual * 2);
}

// How much a month's revenue may deviate by chance: little beside the season, so that the season
// shows.
Ratio chance_of(const Sector& sector) {
  std::int64_t deviation = 0;
  for (const std::int64_t weight : sector.season) {
    deviation += weight > 100 ? weight - 100 : 100 - weight;
  }
  return std::max(kPercent * deviation / 12 / 5, kPercent / 10);
}

// The plan as it is written, month by month.
class Planner {
 public:
  Planner(const Configuration& c, Plan& plan)
      : c_(c), plan_(plan), sector_(*c.sector), chance_(chance_of(sector_)), key_(c.key()) {}

  PlannedMonth next() {
    PlannedMonth month;
    month.month = c_.starts + at_;
    grow(month);
    trade(month);
    spend(month);
    ++at_;
    return month;
  }

 private:
  void grow(PlannedMonth& month) {
    const auto variant = static_cast<std::size_t>(c_.variant);
    if (at_ > 0) trend_ = times(trend_, monthly_factor(yearly_growth(c_, at_ - 1)));
    if (at_ > 0 && month_number(month.month) == 1) {
      price_ = times(price_, kOne + kInflation[variant]);
    }
    if (at_ >= 3 && month_number(month.month) == 4) {
      salary_ = times(salary_, kOne + kRaise[variant]);
    }
    month.price_index = price_;
    month.salary_index = salary_;
    const Ratio elasticity = trend_ > kOne ? kOne * 7 / 10 : kOne / 2;
    const Ratio staff = kOne + times(trend_ - kOne, elasticity);
    month.headcount = std::max<int>(1, static_cast<int>(times(plan_.employees, staff)));
  }

  void trade(PlannedMonth& month) {
    const auto season = sector_.season[static_cast<std::size_t>(month_number(month.month) - 1)];
    month.trend = times(plan_.run_rate, trend_) / 12;
    Ratio shape = kOne / 100 * season;
    if (at_ > 0) {
      shape = times(shape, kOne + around_zero(draw(key_, Stream::Month, 1, at_), chance_));
    }
    month.revenue = times(month.trend, shape);
    const Ratio shift = kCostShift[static_cast<std::size_t>(c_.variant)] * std::min(at_, 36) / 36;
    const Ratio luck = around_zero(draw(key_, Stream::Month, 2, at_), kPercent * 6 / 10);
    month.cogs = times(month.revenue, kOne - sector_.gross_margin + shift + luck);
  }

  // Six tenths of opex go on whatever the season.
  void spend(PlannedMonth& month) {
    const Cents steady = times(month.trend, sector_.opex);
    month.opex = (steady * 6 + times(month.revenue, sector_.opex) * 4) / 10;
    const Cents payroll = mul_div(times(plan_.payroll, salary_), month.headcount, plan_.employees);
    const Ratio levy = rate_in(c_.country->payroll_tax, month.month - 1);
    const Cents people = payroll + times(at_ == 0 ? payroll : payroll_before_, levy);
    payroll_before_ = payroll;
    month.other_opex = std::max(month.opex * 8 / 100, month.opex - people);
    month.other_trend = std::max(steady * 8 / 100, steady - people);
    const Ratio mood = kOne / 2 + static_cast<Ratio>(below(draw(key_, Stream::Month, 3, at_),
                                                           static_cast<std::uint64_t>(kOne)));
    month.capex = times(times(month.trend, sector_.capex), mood);
  }

  const Configuration& c_;
  Plan& plan_;
  const Sector& sector_;
  const Ratio chance_;
  const std::uint64_t key_;
  int at_ = 0;
  Ratio trend_ = kOne;
  Ratio price_ = kOne;
  Ratio salary_ = kOne;
  Cents payroll_before_ = 0;
};

}  // namespace

std::uint64_t Configuration::key() const { return fold(seed, hash_text(company)); }

std::uint64_t Configuration::id_key() const {
  const std::string_view stream =
      scenario.empty() ? kVariants[static_cast<std::size_t>(variant)] : std::string_view(scenario);
  return fold(key(), hash_text(stream));
}

Plan::Plan(const Configuration& c) {
  const auto size = static_cast<std::size_t>(c.size);
  const Cents per_employee = revenue_per_employee(c);
  employees = kEmployees[size];
  if (c.state.employees) {
    employees = *c.state.employees;
  } else if (c.state.revenue_run_rate) {
    employees = static_cast<int>(
        std::clamp<Cents>(*c.state.revenue_run_rate / std::max<Cents>(per_employee, 1), 1, 5000));
  }
  run_rate = c.state.revenue_run_rate ? *c.state.revenue_run_rate
                                      : rounded(per_employee * employees, 100'000);
  cash = c.state.cash ? *c.state.cash : rounded(run_rate / 6, 100'000);
  payroll = opening_payroll(c, *this);
  documents = kDocuments[size];
  yearly_capex = times(run_rate, c.sector->capex);
  Planner planner(c, *this);
  for (int i = 0; i <= c.months; ++i) months.push_back(planner.next());
}

}  // namespace tc::simulation
