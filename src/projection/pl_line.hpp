// The line of the P&L that accounts and tax types belong to until somebody says otherwise, by their
// usual names.
#pragma once
#include <optional>
#include <string_view>

#include "projection/ledger.hpp"

namespace tc::projection {

// Accounts: "opex", "depreciation" or "interest". Tax types: "opex", "income_tax" or
// "pass_through". Case, spaces and punctuation do not count ("Corporate Income Tax" =
// "corporate_income_tax"). nullopt: unknown, which counts as opex.
std::optional<std::string_view> default_pl_line(MemberKind kind, std::string_view name);

}  // namespace tc::projection
