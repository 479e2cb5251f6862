// Taxes, financing and cash: what follows from the rest, month after month.
//
// Payroll levies: on last month's payroll, at last month's rate.
// Taxes on profit: in the months of the country's calendar, on the profit before tax of the months
// since the last instalment. A loss is carried on to the next ones.
// VAT: revenue in our facts is net, so VAT moves cash only. What customers pay on top comes in as
// vat_collected, what we pay on top of purchases, expenses and investment goes out as vat_paid; the
// difference is paid as tax_payment after the month or quarter, by the country's calendar:
//   taxAmount = taxRate × (revenue − purchases − expenses − investment) = Σ collected − Σ paid,
// to the cent (a quarter's months are rounded so that they sum up). One standard rate; sectors that
// are exempt have none.
// Cash: an opening balance before the start; a loan in the second month for investment, and another
// whenever a month would end with less than a reserve; interest on what is owed, from the month
// after; repayment and dividends when there is plenty.
//
// Example. March: revenue 100,000, purchases 40,000, other 10,000, VAT 19 %: collected 19,000, paid
// 9,500. Germany pays monthly on the 10th: on 10 April a tax_payment of vat, base 50,000 × 0.19 =
// 9,500.
#pragma once
#include <string_view>
#include <vector>

#include "simulation/people.hpp"
#include "simulation/plan.hpp"
#include "simulation/sales.hpp"
#include "simulation/spending.hpp"

namespace tc::simulation {

struct TaxPayment {
  Date date = 0;
  std::string_view tax_type;
  Cents base = 0;
  Ratio rate = 0;
  Cents amount = 0;
};
struct CashMovement {
  Date date = 0;
  std::string_view category;
  Cents amount = 0;
  bool in = true;
};

struct TreasuryMonth {
  std::vector<TaxPayment> taxes;
  std::vector<CashMovement> movements;
  Cents interest = 0;   // an expense
  Cents purchases = 0;  // in all
  Cents cash = 0;       // at the end
};

std::vector<Cents> levies_of(const Configuration& configuration, const People& people);

class Treasury {
 public:
  Treasury(const Configuration& configuration, const Plan& plan, const Sales& sales,
           const People& people, const Spending& spending, const std::vector<Cents>& levies);

  const TreasuryMonth& month(int month) const { return months_[static_cast<std::size_t>(month)]; }
  CashMovement opening() const;

 private:
  struct Flows;
  void pay_taxes(int month, TreasuryMonth& out);
  void settle_vat(int month, const Flows& flows, TreasuryMonth& out);
  void finance(int month, Cents change, TreasuryMonth& out);
  Date due(int month, int day) const;

  struct Instalments {
    Cents profit = 0;  // since the last one; a loss is carried on
  };
  struct VatDue {
    int month = 0;
    TaxPayment payment;
  };

  const Configuration& c_;
  const Plan& plan_;
  const People& people_;
  std::vector<TreasuryMonth> months_;
  std::vector<Instalments> instalments_;  // by profit tax
  Cents vat_base_ = 0;                    // of the return that is open
  Cents vat_owed_ = 0;
  Ratio vat_rate_ = 0;
  std::vector<VatDue> vat_due_;
  Cents debt_ = 0;
  Cents borrowed_ = 0;  // in all
  Cents cash_ = 0;
};

}  // namespace tc::simulation
