// What the company spends beside salaries, taxes and interest: expenses, investment with its
// depreciation, and purchases.
//
// Expenses: the plan's other opex of a month. Accounts such as rent cost the same all year; what is
// left goes to the others, in documents whose sizes are spread on a logarithmic scale.
//
// Investment: each document (isCapex) is depreciated in equal parts over kLife months from the
// month after; what the company owned before the start fades away over as long.
//
// Purchases: a month buys what the plan sells in the next month, so purchases lead cogs. What a
// beat sells or costs beyond the plan is bought in its own month.
//
// Beats on opex and capex add a document of their own: change × what the month comes to otherwise.
// A cut is a negative one, a credit note.
#pragma once
#include <string>
#include <vector>

#include "simulation/people.hpp"
#include "simulation/plan.hpp"
#include "simulation/random.hpp"
#include "simulation/sales.hpp"

namespace tc::simulation {

inline constexpr int kLife = 96;  // months

struct ExpenseDocument {
  Date date = 0;
  std::string_view cost_center;
  std::string_view account;
  Cents amount = 0;
  bool is_capex = false;
  std::uint64_t ordinal = 0;  // within the month; 1,000 and more: of a beat
};

struct PurchaseDocument {
  Date date = 0;
  int supplier = 0;
  std::string_view category;
  Cents amount = 0;
  std::uint64_t ordinal = 0;
};

class Spending {
 public:
  // `levies`: on last month's payroll, by month.
  Spending(const Configuration& configuration, const Plan& plan, const People& people,
           const std::vector<Cents>& levies);

  const std::vector<ExpenseDocument>& expenses(int month) const {
    return expenses_[static_cast<std::size_t>(month)];
  }
  const std::vector<ExpenseDocument>& investments(int month) const {
    return investments_[static_cast<std::size_t>(month)];
  }
  const std::vector<ExpenseDocument>& depreciation(int month) const {
    return depreciation_[static_cast<std::size_t>(month)];
  }
  Cents purchases_of(int month, const SalesTotals& sales) const;
  void purchases(int month, Cents amount, std::vector<PurchaseDocument>& documents) const;
  const std::vector<std::string>& suppliers() const { return suppliers_; }

 private:
  void spend(int month, Cents people);
  void invest(int month);
  void depreciate(int month);
  Cents fixed_cost(int month, const CostAccount& account) const;
  std::int64_t size_of(Stream stream, std::uint64_t series, std::int64_t number) const;
  Date some_day(int month, std::uint64_t chance) const;

  const Configuration& c_;
  const Plan& plan_;
  const std::uint64_t key_;
  std::int64_t shares_ = 0;
  std::vector<std::vector<ExpenseDocument>> expenses_;
  std::vector<std::vector<ExpenseDocument>> investments_;
  std::vector<std::vector<ExpenseDocument>> depreciation_;
  std::vector<std::string> suppliers_;
};

Cents sum_of(const std::vector<ExpenseDocument>& documents);

}  // namespace tc::simulation
