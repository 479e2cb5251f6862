// One thing follows from another: people, taxes, purchases, investment, loans, cash.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "simulation_world.hpp"

namespace tc::simulation {
namespace {

Cents rounded_product(Cents amount, Ratio rate) { return times(amount, rate); }

// What is wrong with hires and exits, or "".
std::string staff_problem(const Story& story) {
  std::set<std::string> staff;
  for (const Told& told : story) {
    if (told.type == EventType::Hire) staff.insert(told.text("employeeId"));
    if (told.type == EventType::Exit && staff.erase(told.text("employeeId")) == 0) {
      return "nobody leaves: " + told.canonical;
    }
    if (staff.empty() && told.month >= 0) return "nobody is left";
  }
  return "";
}

TEST(SimulationCausality, NobodyLeavesWhoIsNotThere) {
  for (const Request& request : sample()) {
    Story story = tell(request);
    EXPECT_EQ(staff_problem(story), "");
    const auto hire = std::find_if(story.begin(), story.end(), [&](const Told& told) {
      return told.type == EventType::Hire && std::any_of(story.begin(), story.end(), [&](auto& t) {
               return t.type == EventType::Exit && t.has("employeeId", told.text("employeeId"));
             });
    });
    ASSERT_NE(hire, story.end());
    const std::string who = hire->text("employeeId");
    std::erase_if(story, [&](const Told& told) {
      return told.type == EventType::Hire && told.has("employeeId", who);
    });
    EXPECT_NE(staff_problem(story), "") << "the check itself";
  }
}

// tax = base × rate everywhere, and levies are on last month's payroll at its rate.
std::string tax_problem(const Story& story, const Configuration& c) {
  const std::vector<Cents> payroll = payroll_of(story, c.months);
  int levies = 0;
  for (const Told& told : story) {
    if (told.type != EventType::TaxPayment) continue;
    if (told.number("taxAmount") !=
        rounded_product(told.number("baseAmount"), told.number("taxRate"))) {
      return "not base × rate: " + told.canonical;
    }
    if (!told.has("taxType", "payroll_tax")) continue;
    ++levies;
    if (told.number("baseAmount") != payroll[static_cast<std::size_t>(told.month)] ||
        told.number("taxRate") != rate_in(c.country->payroll_tax, c.starts + told.month - 1)) {
      return "not on last month's payroll: " + told.canonical;
    }
  }
  return levies == c.months ? "" : "not every month";
}

TEST(SimulationCausality, LeviesFollowPayroll) {
  for (const Request& request : sample()) {
    const Configuration c = resolve(request);
    Story story = tell(request);
    EXPECT_EQ(tax_problem(story, c), "");
    for (Told& told : story) {
      if (told.month == 2 && told.type == EventType::Hire) {
        told.add("monthlySalary", 100);
        break;
      }
      if (told.month == 3 && told.has("taxType", "payroll_tax")) {
        told.add("baseAmount", 100);
        break;
      }
    }
    EXPECT_NE(tax_problem(story, c), "") << "the check itself";
  }
}

// Profit before tax by month, worked out from the events.
std::vector<Cents> profits(const Story& story, int months) {
  std::vector<Cents> sums = monthly(story, months, [](const Told& told) {
    Cents value = revenue_in(told) - cogs_in(told);
    if (told.type == EventType::Expense && !told.is_capex()) value -= told.number("amount");
    if (told.has("taxType", "payroll_tax")) value -= told.number("taxAmount");
    return value;
  });
  const std::vector<Cents> payroll = payroll_of(story, months);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] -= payroll[i + 1];
  return sums;
}

// Instalments in the country's months, on the profit since the one before; nothing on a loss.
std::string instalment_problem(const Story& story, const Configuration& c) {
  const std::vector<Cents> profit = profits(story, c.months);
  for (const ProfitTax& tax : c.country->profit_taxes) {
    std::map<int, Cents> bases;
    for (const Told& told : story) {
      if (told.has("taxType", tax.tax_type)) bases[told.month] += told.number("baseAmount");
    }
    Cents since = 0;
    for (int month = 0; month < c.months; ++month) {
      const int number = month_number(c.starts + month);
      const bool due =
          std::find(tax.months.begin(), tax.months.end(), number) != tax.months.end() && since > 0;
      if (due != (bases.count(month) != 0)) return "instalment in month " + std::to_string(month);
      if (due && bases[month] != since) return "base in month " + std::to_string(month);
      if (due) since = 0;
      since += profit[static_cast<std::size_t>(month)];
    }
  }
  return "";
}

TEST(SimulationCausality, InstalmentsFollowProfit) {
  for (const Request& request : sample()) {
    const Configuration c = resolve(request);
    Story story = tell(request);
    EXPECT_EQ(instalment_problem(story, c), "") << request.company;
    for (Told& told : story) {
      if (told.month == 1 && told.type == EventType::Sale) {
        told.add("cogs", 1);
        break;
      }
    }
    EXPECT_NE(instalment_problem(story, c), "") << "the check itself";
  }
}

// Output and input tax by month, and payments, to the cent.
std::string vat_problem(const Story& story, const Configuration& c) {
  const VatRules& vat = c.country->vat;
  std::vector<Cents> owed(static_cast<std::size_t>(c.months));
  std::vector<Cents> added = monthly(story, c.months, [](const Told& told) {
    if (told.type == EventType::Sale) return told.number("revenue");
    if (told.type == EventType::Procurement || is_opex(told) || told.is_capex()) {
      return -told.number("amount");
    }
    return Cents{0};
  });
  std::map<int, Cents> paid;
  std::map<int, Cents> bases;
  for (const Told& told : story) {
    if (told.has("category", "vat_collected")) {
      owed[static_cast<std::size_t>(told.month)] += told.number("amount");
    }
    if (told.has("category", "vat_paid")) {
      owed[static_cast<std::size_t>(told.month)] -= told.number("amount");
    }
    if (told.has("taxType", "vat")) {
      paid[told.month] += told.number("taxAmount");
      bases[told.month] += told.number("baseAmount");
    }
  }
  Cents due = 0;
  Cents base = 0;
  std::size_t payments = 0;
  for (int month = 0; month < c.months; ++month) {
    due += owed[static_cast<std::size_t>(month)];
    base += added[static_cast<std::size_t>(month)];
    const int pays = month + vat.months_later;
    if (month_number(c.starts + month) % vat.months != 0 || pays >= c.months) continue;
    if (paid[pays] != due) return "payment in month " + std::to_string(pays);
    if (bases[pays] != base) return "base in month " + std::to_string(pays);
    ++payments;
    due = 0;
    base = 0;
  }
  return payments == paid.size() && payments > 3 ? "" : "payments";
}

TEST(SimulationCausality, VatIsOutputLessInput) {
  for (const Request& request : sample()) {
    const Configuration c = resolve(request);
    Story story = tell(request);
    if (!c.country->vat.exists || !c.sector->pays_vat) {
      for (const Told& told : story) EXPECT_FALSE(told.has("taxType", "vat"));
      continue;
    }
    EXPECT_EQ(vat_problem(story, c), "") << request.company;
    for (Told& told : story) {
      if (told.month == 2 && told.has("category", "vat_collected")) told.add("amount", 1);
    }
    EXPECT_NE(vat_problem(story, c), "") << "the check itself";
  }
}

TEST(SimulationCausality, VatChangesRateInTheMonthItDid) {
  Request request = tc::simulation::request("Industrials", "micro");
  request.starts = "2020-05";
  request.months = 12;
  std::map<int, Ratio> rates;
  for (const Told& told : tell(request)) {
    if (told.has("taxType", "vat")) rates[told.month] = told.number("taxRate");
  }
  EXPECT_EQ(rates[2], kOne * 19 / 100);  // July pays for June
  EXPECT_EQ(rates[3], kOne * 16 / 100);
  EXPECT_EQ(rates[8], kOne * 16 / 100);  // January pays for December
  EXPECT_EQ(rates[9], kOne * 19 / 100);
}

TEST(SimulationCausality, PurchasesLeadWhatIsSold) {
  Request request = tc::simulation::request("Utilities", "small");
  const Story& story = tell(request);
  const auto cogs = monthly(story, 36, cogs_in);
  const auto bought = monthly(story, 36, [](const Told& told) {
    return told.type == EventType::Procurement ? told.number("amount") : Cents{0};
  });
  for (std::size_t i = 0; i + 1 < 36; ++i) {
    if (cogs[i + 1] != 0) {
      EXPECT_EQ(bought[i], cogs[i + 1]) << i;
    }
  }
  EXPECT_NE(bought[1], cogs[1]) << "the check itself";
}

TEST(SimulationCausality, InvestmentIsDepreciatedFromTheNextMonthOn) {
  const Story& story = tell(tc::simulation::request("Real Estate", "small", "growth"));
  const auto spent = monthly(story, 36, [](const Told& told) {
    return told.type == EventType::Expense && told.is_capex() ? told.number("amount") : Cents{0};
  });
  const auto written_off = monthly(story, 36, [](const Told& told) {
    return is_expense(told, "depreciation") && told.has("costCenter", "Facilities")
               ? told.number("amount")
               : Cents{0};
  });
  Cents invested = 0;
  for (std::size_t i = 0; i < 36; ++i) {
    EXPECT_NEAR(static_cast<double>(written_off[i]), static_cast<double>(invested) / 96, 3) << i;
    invested += spent[i];
  }
  EXPECT_GT(invested, 0);
}

TEST(SimulationCausality, LoansBearInterestAndCashStaysPositive) {
  std::vector<Request> requests = sample();
  requests.push_back(request("Industrials", "small"));
  requests.back().starting_state = R"({"cash": 0})";
  for (const Request& one : requests) {
    const Story& story = tell(one);
    Cents cash = 0;
    Cents debt = 0;
    Cents owed = 0;  // when the month began
    int month = -1;
    int interests = 0;
    const std::vector<Cents> payroll = payroll_of(story, one.months);
    for (const Told& told : story) {
      if (told.month != month) {
        if (month >= 0) cash -= payroll[static_cast<std::size_t>(month) + 1];
        if (month >= 0) {
          EXPECT_GT(cash, 0) << one.company << " " << month;
        }
        month = told.month;
        owed = debt;
      }
      cash += revenue_in(told);
      if (told.type == EventType::Procurement) cash -= told.number("amount");
      if (told.type == EventType::Expense && !is_expense(told, "depreciation")) {
        cash -= told.number("amount");
      }
      if (told.type == EventType::TaxPayment) cash -= told.number("taxAmount");
      if (is_expense(told, "interest")) {
        ++interests;
        EXPECT_EQ(told.number("amount"), times(owed, kOne * 48 / 1000) / 12);
      }
      if (told.type != EventType::CashMovement) continue;
      const Cents amount =
          told.has("direction", "in") ? told.number("amount") : -told.number("amount");
      cash += amount;
      if (told.has("category", "bank_loan") || told.has("category", "loan_repayment")) {
        debt += amount;
      }
    }
    EXPECT_GT(interests, 3) << one.company;
    EXPECT_GE(debt, 0);
  }
}

}  // namespace
}  // namespace tc::simulation
