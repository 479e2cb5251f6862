// From what people type to a configuration.
#pragma once
#include <optional>
#include <stdexcept>
#include <string>

#include "simulation/configuration.hpp"

namespace tc::simulation {

struct Request {
  std::string company;
  std::string scenario;        // "" = the variant's name
  std::string sector;          // "Consumer Staples" or "30"
  std::string size = "small";  // micro, small, medium, large
  std::string variant = "baseline";
  std::string starts;          // "2024-01", also "2024-Q1", "2024"
  int months = 36;             // 1 … 120
  std::string country = "DE";  // ISO code or English (or own) name
  std::string currency;        // ISO 4217; "" = the country's
  // JSON. ["North", "South"], [{"name": "North", "parent": "Germany"}] or {"Germany": ["North"]};
  // "" = the country's usual regions.
  std::string regions;
  // JSON. [{"month": "2024-06", "event": "Strike", "measure"?: "revenue", "change"?: -0.15,
  // "region"?, "product"?}]; "" = none.
  std::string narrative;
  // JSON. {"revenue_run_rate"?: 1200000, "employees"?: 14, "cash"?: 250000}, also in camelCase.
  std::string starting_state;
  std::uint64_t seed = 0;
};

// Why a request was refused: one reason, the first found.
struct Refusal : std::runtime_error {
  Refusal(std::string field_name, const std::string& message, std::string more, std::string way_out)
      : std::runtime_error(message),
        field(std::move(field_name)),
        detail(std::move(more)),
        hint(std::move(way_out)) {}
  std::string field;  // of Request, with the place inside it: "narrative/0/month"
  std::string detail;
  std::string hint;
};

Configuration resolve(const Request& request);  // throws Refusal

}  // namespace tc::simulation
