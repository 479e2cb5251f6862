#include "simulation/spending.hpp"

#include <algorithm>

#include "simulation/random.hpp"

namespace tc::simulation {
namespace {

// By Size: documents a month of each account, of investment, of purchases; suppliers of a category.
constexpr std::array<int, 4> kExpenses = {1, 2, 3, 5};
constexpr std::array<int, 4> kInvestments = {1, 2, 3, 5};
constexpr std::array<int, 4> kPurchases = {6, 12, 20, 32};
constexpr std::array<int, 4> kSuppliers = {2, 3, 5, 8};

constexpr std::uint64_t kOfBeats = 1000;  // ordinals

// Where an investment belongs.
constexpr std::string_view kInvestmentCenter = "Facilities";

}  // namespace

Spending::Spending(const Configuration& configuration, const Plan& plan, const People& people,
                   const std::vector<Cents>& levies)
    : c_(configuration), plan_(plan), key_(configuration.key()) {
  for (const CostAccount& cost : c_.sector->costs) shares_ += cost.share;
  const auto months = static_cast<std::size_t>(c_.months);
  expenses_.resize(months);
  investments_.resize(months);
  depreciation_.resize(months);
  for (int month = 0; month < c_.months; ++month) {
    spend(month, people.payroll(month) + levies[static_cast<std::size_t>(month)]);
    invest(month);
  }
  for (int month = 0; month < c_.months; ++month) depreciate(month);
  const int count =
      kSuppliers[static_cast<std::size_t>(c_.size)] * static_cast<int>(c_.sector->purchases.size());
  for (int i = 0; i < count; ++i) suppliers_.push_back(company_name(*c_.country, key_, 1, i));
}

// How large a document is beside others of its series, spread evenly over one order of magnitude.
std::int64_t Spending::size_of(Stream stream, std::uint64_t series, std::int64_t number) const {
  const std::uint64_t start = draw(key_, stream, series, 0, 2);
  return log_size(spread(start, static_cast<std::uint64_t>(number), 0) / 2);
}

Date Spending::some_day(int month, std::uint64_t chance) const {
  const Month when = c_.starts + month;
  const Date date =
      first_day(when) + 2 +
      static_cast<Date>(below(chance, static_cast<std::uint64_t>(days_in_month(when) - 2)));
  return working_day_before(*c_.country, date);
}

// Set when the calendar year (or the simulation) begins, and left alone for the rest of it; but
// never all there is to spend.
Cents Spending::fixed_cost(int month, const CostAccount& account) const {
  const PlannedMonth& now = plan_.months[static_cast<std::size_t>(month)];
  const int set = std::max(0, month - month_number(now.month) + 1);
  const Cents usual = plan_.months[static_cast<std::size_t>(set)].other_trend;
  return mul_div(std::min(usual, now.other_opex * 3 / 2), account.share, shares_);
}

void Spending::spend(int month, Cents people) {
  const PlannedMonth& plan = plan_.months[static_cast<std::size_t>(month)];
  std::vector<ExpenseDocument>& list = expenses_[static_cast<std::size_t>(month)];
  const int count = kExpenses[static_cast<std::size_t>(c_.size)];
  Cents left = plan.other_opex;
  std::vector<std::int64_t> weights;
  std::uint64_t cost_number = 0;
  for (const CostAccount& cost : c_.sector->costs) {
    ++cost_number;
    for (int i = 0; i < (cost.fixed ? 1 : count); ++i) {
      ExpenseDocument document{0, cost.cost_center, cost.account, 0, false, list.size()};
      const std::uint64_t chance = draw(key_, Stream::Expense, document.ordinal, month, 1);
      if (cost.fixed) {
        document.date = working_day_before(*c_.country, first_day(plan.month) + 4);
        document.amount = fixed_cost(month, cost);
        left -= document.amount;
        weights.push_back(0);
      } else {
        document.date = some_day(month, chance);
        weights.push_back(cost.share * size_of(Stream::Expense, cost_number, month * count + i) /
                          count);
      }
      list.push_back(document);
    }
  }
  Shares shares(left, tc::simulation::sum_of(weights));
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (weights[i] > 0) list[i].amount = shares.next(weights[i]);
  }
  const Cents usual = people + sum_of(list);
  for (std::size_t b = 0; b < c_.beats.size(); ++b) {
    const Beat& beat = c_.beats[b];
    if (beat.measure != Measure::Opex || beat.month != plan.month) continue;
    list.push_back({working_day_before(*c_.country, first_day(plan.month) + 19), "Administration",
                    "miscellaneous", times(usual, beat.change), false, kOfBeats + b});
  }
  std::erase_if(list, [](const ExpenseDocument& document) { return document.amount == 0; });
}

void Spending::invest(int month) {
  const PlannedMonth& plan = plan_.months[static_cast<std::size_t>(month)];
  std::vector<ExpenseDocument>& list = investments_[static_cast<std::size_t>(month)];
  const std::vector<std::string>& kinds = c_.sector->investments;
  std::vector<std::int64_t> weights;
  for (int i = 0; i < kInvestments[static_cast<std::size_t>(c_.size)]; ++i) {
    const std::uint64_t chance = draw(key_, Stream::Capex, static_cast<std::uint64_t>(i), month);
    const std::string& kind = kinds[below(scramble(chance), kinds.size())];
    list.push_back({some_day(month, chance), kInvestmentCenter, kind, 0, true, list.size()});
    weights.push_back(log_size(scramble(chance + 1)));
  }
  Shares shares(plan.capex, tc::simulation::sum_of(weights));
  for (std::size_t i = 0; i < list.size(); ++i) list[i].amount = shares.next(weights[i]);
  for (std::size_t b = 0; b < c_.beats.size(); ++b) {
    const Beat& beat = c_.beats[b];
    if (beat.measure != Measure::Capex || beat.month != plan.month) continue;
    list.push_back({working_day_before(*c_.country, first_day(plan.month) + 14), kInvestmentCenter,
                    kinds.front(), times(plan.capex, beat.change), true, kOfBeats + b});
  }
  std::erase_if(list, [](const ExpenseDocument& document) { return document.amount == 0; });
}

// One row for what was there before, one for each kind of what came since (in small companies one
// for all), and one for each beat.
void Spending::depreciate(int month) {
  std::vector<ExpenseDocument>& list = depreciation_[static_cast<std::size_t>(month)];
  const Month when = c_.starts + month;
  const Date date = first_day(when) + days_in_month(when) - 1;
  const auto add = [&](std::string_view center, Cents amount, std::uint64_t ordinal) {
    if (amount != 0) list.push_back({date, center, "depreciation", amount, false, ordinal});
  };
  const Cents owned = times(plan_.run_rate / 12, c_.sector->depreciation);
  add("Administration", owned * std::max(0, kLife - month) / kLife, 0);
  const std::vector<std::string>& kinds = c_.sector->investments;
  std::vector<Cents> invested(kinds.size());
  std::vector<Cents> by_beats(c_.beats.size());
  for (int m = std::max(0, month - kLife); m < month; ++m) {
    for (const ExpenseDocument& document : investments(m)) {
      if (document.ordinal >= kOfBeats) {
        by_beats[document.ordinal - kOfBeats] += document.amount;
        continue;
      }
      const auto kind = std::find(kinds.begin(), kinds.end(), document.account);
      invested[static_cast<std::size_t>(kind - kinds.begin())] += document.amount;
    }
  }
  if (c_.size <= Size::Small) invested = {tc::simulation::sum_of(invested)};
  for (std::size_t k = 0; k < invested.size(); ++k) {
    add(kInvestmentCenter, invested[k] / kLife, k + 1);
  }
  for (std::size_t b = 0; b < by_beats.size(); ++b) {
    add(kInvestmentCenter, by_beats[b] / kLife, kOfBeats + b);
  }
}

Cents Spending::purchases_of(int month, const SalesTotals& sales) const {
  const Cents next = plan_.months[static_cast<std::size_t>(month) + 1].cogs;
  return std::max(next / 10, next + sales.cogs - sales.planned_cogs);
}

void Spending::purchases(int month, Cents amount, std::vector<PurchaseDocument>& documents) const {
  documents.clear();
  const std::vector<Purchase>& kinds = c_.sector->purchases;
  const int count = kPurchases[static_cast<std::size_t>(c_.size)];
  const int suppliers = kSuppliers[static_cast<std::size_t>(c_.size)];
  std::int64_t weight = 0;
  for (const Purchase& kind : kinds) weight += kind.share;
  Shares numbers(count, weight);
  std::vector<std::int64_t> weights;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const std::int64_t here = std::max<std::int64_t>(1, numbers.next(kinds[k].share));
    for (std::int64_t i = 0; i < here; ++i) {
      const std::uint64_t ordinal = documents.size();
      const std::uint64_t chance = draw(key_, Stream::Purchase, ordinal, month, 1);
      // The first of a kind is asked most often.
      const std::uint64_t who =
          std::min(below(scramble(chance), static_cast<std::uint64_t>(suppliers)),
                   below(scramble(chance + 1), static_cast<std::uint64_t>(suppliers)));
      documents.push_back({some_day(month, chance),
                           static_cast<int>(k) * suppliers + static_cast<int>(who),
                           kinds[k].category, 0, ordinal});
      weights.push_back(kinds[k].share * size_of(Stream::Purchase, k, month * here + i) / here);
    }
  }
  Shares shares(amount, tc::simulation::sum_of(weights));
  for (std::size_t i = 0; i < documents.size(); ++i) documents[i].amount = shares.next(weights[i]);
  std::erase_if(documents, [](const PurchaseDocument& d) { return d.amount == 0; });
}

Cents sum_of(const std::vector<ExpenseDocument>& documents) {
  Cents sum = 0;
  for (const ExpenseDocument& document : documents) sum += document.amount;
  return sum;
}

}  // namespace tc::simulation
