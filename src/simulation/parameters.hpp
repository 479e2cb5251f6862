// The simulation's data files, read: what is typical of sectors and countries.
//
// Read once in a process. A file that is not as it must be throws BadParameters, which names the
// file and the place; the unit tests read all of them.
#pragma once
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.hpp"
#include "simulation/fixed.hpp"

namespace tc::simulation {

struct BadParameters : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Variant { Baseline, Growth, Recession };
inline constexpr std::array<std::string_view, 3> kVariants = {"baseline", "growth", "recession"};

struct Family {
  std::string name;
  Cents price = 0;  // of a unit, in cents of EUR
  Ratio cost = 0;   // cost of goods beside the sector's average (1)
  std::vector<std::string> items;
};
struct Role {
  std::string department;
  std::string role;
  Cents lowest_salary = 0;  // a month, cents of EUR
  Cents highest_salary = 0;
  std::int64_t share = 0;  // of all roles' shares
};
struct CostAccount {
  std::string cost_center;
  std::string account;
  std::int64_t share = 0;
  bool fixed = false;  // the same every month of a year
};
struct Purchase {
  std::string category;
  std::int64_t share = 0;
};

// Ratios are of revenue unless they say otherwise.
struct Sector {
  std::string code;
  std::string name;
  bool is_retail = false;
  bool pays_vat = true;
  Ratio gross_margin = 0, opex = 0, depreciation = 0, capex = 0;
  Cents revenue_per_employee = 0;  // a year, cents of EUR
  Cents salary = 0;                // average, a month, cents of EUR
  Ratio attrition = 0;             // of employees, a year
  Ratio own_staff_factor = 0;      // revenue for each employee of our own beside the sector's
  Ratio staff_share = 0;           // of opex: payroll and levies
  std::array<Ratio, 3> growth{};   // a year, by Variant
  std::array<std::int64_t, 12> season{};
  std::array<std::int64_t, 7> weekdays{};  // Monday first
  std::vector<Family> families;
  std::vector<std::string> channels;
  std::vector<Role> roles;
  std::vector<Purchase> purchases;
  std::vector<CostAccount> costs;
  std::vector<std::string> investments;
};

struct Rate {
  Month valid_from = 0;
  Ratio rate = 0;
};
// In the order of valid_from.
using Rates = std::vector<Rate>;
// That of the month; the first one before it.
Ratio rate_in(const Rates& rates, Month month);

struct ProfitTax {
  std::string tax_type;
  std::vector<int> months;  // in which an instalment is due, 1 … 12
  int day = 0;
  Rates rates;
};
struct VatRules {
  bool exists = false;
  int months = 1;        // a return covers: 1 or 3
  int months_later = 1;  // from its last month to the payment
  int day = 0;
  Rates rates;
};
struct Holiday {
  int month = 0, day = 0;  // a fixed day; or
  int easter = kNone;      // days after Easter Sunday; or
  int weekday = kNone;     // the nth (-1: last) weekday of the month, Monday = 1
  int nth = 0;
  int from_year = 0;
  static constexpr int kNone = 1000;
};

struct Country {
  std::string code;
  std::string name;
  std::vector<std::string> aliases;
  std::string currency;
  Ratio eur_rate = 0;       // units of the currency for one EUR
  Ratio revenue_level = 0;  // beside the sectors' figures
  Ratio wage_level = 0;
  std::vector<std::string> regions;
  std::vector<std::string> legal_forms;
  std::vector<std::string> company_names;
  std::vector<Holiday> holidays;
  std::vector<ProfitTax> profit_taxes;
  int payroll_tax_day = 0;
  Rates payroll_tax;
  VatRules vat;
};

struct BeatWord {
  std::vector<std::string> words;
  std::string measure;
  Ratio change = 0;
};
struct BeatLexicon {
  std::vector<BeatWord> words;
  std::vector<BeatWord> measures;  // without a change
  std::vector<std::string> rises;
  std::vector<std::string> falls;
};

const std::vector<Sector>& sectors();
const std::vector<Country>& countries();
const BeatLexicon& beat_lexicon();

// As above, from a text; for tests of what malformed files say.
std::vector<Sector> read_sectors(std::string_view json);
std::vector<Country> read_countries(std::string_view json);
BeatLexicon read_beats(std::string_view json);

}  // namespace tc::simulation
