#include "projection/pl_line.hpp"

#include <span>
#include <string>

namespace tc::projection {
namespace {

struct Usual {
  std::string_view name;
  std::string_view pl_line;
};

// Names in English and German, the languages of most charts of accounts our users bring.
constexpr Usual kAccounts[] = {
    {"depreciation", "depreciation"},
    {"amortization", "depreciation"},
    {"amortisation", "depreciation"},
    {"depreciation_and_amortization", "depreciation"},
    {"depreciation_amortization", "depreciation"},
    {"abschreibung", "depreciation"},
    {"abschreibungen", "depreciation"},
    {"afa", "depreciation"},
    {"interest", "interest"},
    {"interest_expense", "interest"},
    {"interest_expenses", "interest"},
    {"loan_interest", "interest"},
    {"bank_interest", "interest"},
    {"zinsen", "interest"},
    {"zinsaufwand", "interest"},
    {"rent", "opex"},
    {"lease", "opex"},
    {"marketing", "opex"},
    {"advertising", "opex"},
    {"insurance", "opex"},
    {"software", "opex"},
    {"it", "opex"},
    {"hardware", "opex"},
    {"freight", "opex"},
    {"logistics", "opex"},
    {"travel", "opex"},
    {"energy", "opex"},
    {"utilities", "opex"},
    {"equipment", "opex"},
    {"maintenance", "opex"},
    {"repairs", "opex"},
    {"legal", "opex"},
    {"consulting", "opex"},
    {"professional_fees", "opex"},
    {"audit", "opex"},
    {"training", "opex"},
    {"recruiting", "opex"},
    {"telecommunications", "opex"},
    {"office_supplies", "opex"},
    {"research_and_development", "opex"},
    {"r_d", "opex"},
    {"bank_charges", "opex"},
    {"licenses", "opex"},
    {"cloud", "opex"},
    {"cleaning", "opex"},
    {"security", "opex"},
    {"vehicles", "opex"},
    {"miscellaneous", "opex"},
    {"other", "opex"},
    {"miete", "opex"},
    {"versicherung", "opex"},
    {"energie", "opex"},
    {"reisekosten", "opex"},
};

constexpr Usual kTaxTypes[] = {
    {"corporate_income_tax", "income_tax"},
    {"corporate_income", "income_tax"},
    {"corporate_tax", "income_tax"},
    {"corporation_tax", "income_tax"},
    {"income_tax", "income_tax"},
    {"trade_tax", "income_tax"},
    {"solidarity_surcharge", "income_tax"},
    {"koerperschaftsteuer", "income_tax"},
    {"gewerbesteuer", "income_tax"},
    {"payroll_tax", "opex"},
    {"payroll_taxes", "opex"},
    {"payroll_levy", "opex"},
    {"social_security", "opex"},
    {"social_contributions", "opex"},
    {"property_tax", "opex"},
    {"land_tax", "opex"},
    {"vehicle_tax", "opex"},
    {"vat", "pass_through"},
    {"value_added_tax", "pass_through"},
    {"sales_tax", "pass_through"},
    {"gst", "pass_through"},
    {"umsatzsteuer", "pass_through"},
    {"mehrwertsteuer", "pass_through"},
    {"wage_tax", "pass_through"},
    {"withholding_tax", "pass_through"},
};

std::string normalised(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if (letter) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

}  // namespace

std::optional<std::string_view> default_pl_line(MemberKind kind, std::string_view name) {
  const std::string wanted = normalised(name);
  const std::span<const Usual> list = kind == MemberKind::Account
                                          ? std::span<const Usual>(kAccounts)
                                          : std::span<const Usual>(kTaxTypes);
  for (const Usual& usual : list) {
    if (usual.name == wanted) return usual.pl_line;
  }
  return std::nullopt;
}

}  // namespace tc::projection
