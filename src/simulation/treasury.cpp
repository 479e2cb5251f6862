#include "simulation/treasury.hpp"

#include <algorithm>

#include "simulation/trading_days.hpp"

namespace tc::simulation {
namespace {

constexpr Ratio kInterest = kOne * 48 / 1000;  // a year
constexpr Cents kThousand = 100'000;

Cents up_to_thousands(Cents amount) { return (amount + kThousand - 1) / kThousand * kThousand; }
Cents down_to_thousands(Cents amount) { return amount / kThousand * kThousand; }

}  // namespace

// What a month brings and costs before taxes and financing.
struct Treasury::Flows {
  Cents revenue, cogs, purchases, expenses, investment, depreciation, payroll, levies;

  Cents ebit() const { return revenue - cogs - expenses - payroll - levies - depreciation; }
  Cents cash() const { return revenue - purchases - expenses - investment - payroll - levies; }
  Cents value_added() const { return revenue - purchases - expenses - investment; }
};

std::vector<Cents> levies_of(const Configuration& c, const People& people) {
  std::vector<Cents> levies;
  levies.reserve(static_cast<std::size_t>(c.months));
  for (int month = 0; month < c.months; ++month) {
    levies.push_back(
        times(people.payroll(month - 1), rate_in(c.country->payroll_tax, c.starts + month - 1)));
  }
  return levies;
}

Treasury::Treasury(const Configuration& configuration, const Plan& plan, const Sales& sales,
                   const People& people, const Spending& spending, const std::vector<Cents>& levies)
    : c_(configuration),
      plan_(plan),
      people_(people),
      months_(static_cast<std::size_t>(configuration.months)),
      instalments_(configuration.country->profit_taxes.size()),
      cash_(plan.cash) {
  for (int month = 0; month < c_.months; ++month) {
    TreasuryMonth& out = months_[static_cast<std::size_t>(month)];
    const SalesTotals sold = sales.totals(month);
    const Flows flows = {sold.revenue,
                         sold.cogs,
                         spending.purchases_of(month, sold),
                         sum_of(spending.expenses(month)),
                         sum_of(spending.investments(month)),
                         sum_of(spending.depreciation(month)),
                         people.payroll(month),
                         levies[static_cast<std::size_t>(month)]};
    out.purchases = flows.purchases;
    out.interest = debt_ > 0 ? times(debt_, kInterest) / 12 : 0;
    pay_taxes(month, out);
    settle_vat(month, flows, out);
    for (Instalments& tax : instalments_) tax.profit += flows.ebit() - out.interest;
    Cents change = flows.cash() - out.interest;
    for (const TaxPayment& tax : out.taxes) {
      if (tax.tax_type != "payroll_tax") change -= tax.amount;
    }
    for (const CashMovement& movement : out.movements) {
      change += movement.in ? movement.amount : -movement.amount;
    }
    finance(month, change, out);
  }
}

Date Treasury::due(int month, int day) const {
  const Month when = c_.starts + month;
  return first_day(when) + std::min(day, days_in_month(when)) - 1;
}

void Treasury::pay_taxes(int month, TreasuryMonth& out) {
  const Country& country = *c_.country;
  const Month when = c_.starts + month;
  const Ratio levy = rate_in(country.payroll_tax, when - 1);
  const Cents payroll = people_.payroll(month - 1);
  out.taxes.push_back(
      {due(month, country.payroll_tax_day), "payroll_tax", payroll, levy, times(payroll, levy)});
  for (std::size_t i = 0; i < country.profit_taxes.size(); ++i) {
    const ProfitTax& tax = country.profit_taxes[i];
    if (std::find(tax.months.begin(), tax.months.end(), month_number(when)) == tax.months.end()) {
      continue;
    }
    Cents& profit = instalments_[i].profit;
    if (profit <= 0) continue;
    const Ratio rate = rate_in(tax.rates, when);
    out.taxes.push_back({due(month, tax.day), tax.tax_type, profit, rate, times(profit, rate)});
    profit = 0;
  }
}

void Treasury::settle_vat(int month, const Flows& flows, TreasuryMonth& out) {
  for (const VatDue& vat : vat_due_) {
    if (vat.month == month) out.taxes.push_back(vat.payment);
  }
  const VatRules& vat = c_.country->vat;
  if (!vat.exists || !c_.sector->pays_vat) return;
  const Month when = c_.starts + month;
  vat_rate_ = rate_in(vat.rates, when);
  vat_base_ += flows.value_added();
  const Cents owed = times(vat_base_, vat_rate_);
  const Cents net = owed - vat_owed_;
  vat_owed_ = owed;
  const Cents collected = times(flows.revenue, vat_rate_);
  const Date last = due(month, 31);
  out.movements.push_back({last, "vat_collected", collected, true});
  const Cents paid = collected - net;
  out.movements.push_back({last, "vat_paid", paid >= 0 ? paid : -paid, paid < 0});
  // A return ends with its month or quarter, or when the rate changes.
  const bool ends = (month_number(when) % vat.months == 0);
  if (!ends && rate_in(vat.rates, when + 1) == vat_rate_) return;
  const int last_of_period = month + (vat.months - 1) - (month_number(when) - 1) % vat.months;
  const int pays = last_of_period + vat.months_later;
  vat_due_.push_back({pays, {due(pays, vat.day), "vat", vat_base_, vat_rate_, vat_owed_}});
  vat_base_ = 0;
  vat_owed_ = 0;
}

void Treasury::finance(int month, Cents change, TreasuryMonth& out) {
  const PlannedMonth& plan = plan_.months[static_cast<std::size_t>(month)];
  const auto move = [&](int day, std::string_view category, Cents amount, bool in) {
    if (amount <= 0) return;
    out.movements.push_back(
        {working_day_before(*c_.country, due(month, day)), category, amount, in});
    cash_ += in ? amount : -amount;
  };
  const Cents reserve = plan.trend / 4;
  cash_ += change;
  Cents loan = month == 1 ? up_to_thousands(plan_.yearly_capex * 3 / 10) : 0;
  if (cash_ + loan < reserve) loan = up_to_thousands(reserve * 2 - cash_);
  debt_ += loan;
  borrowed_ += loan;
  move(3, "bank_loan", loan, true);
  const int number = month_number(plan.month);
  if (debt_ > loan && number % 3 == 0 && cash_ > reserve * 3) {
    const Cents repaid = std::min(debt_, up_to_thousands(borrowed_ / 20));
    debt_ -= repaid;
    move(28, "loan_repayment", repaid, false);
  }
  if (number == 5 && cash_ > plan.trend * 5) {
    move(20, "dividend", down_to_thousands(cash_ - plan.trend * 4), false);
  }
  out.cash = cash_;
}

CashMovement Treasury::opening() const {
  const Date day = first_day(c_.starts) - 1;
  return {day, "opening_balance", plan_.cash, true};
}

}  // namespace tc::simulation
