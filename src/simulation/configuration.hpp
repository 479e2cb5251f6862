// What is simulated: everything that the events depend on.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/calendar.hpp"
#include "simulation/parameters.hpp"

namespace tc::simulation {

enum class Size { Micro, Small, Medium, Large };
inline constexpr std::array<std::string_view, 4> kSizes = {"micro", "small", "medium", "large"};

enum class Measure { Revenue, Quantity, Price, Cogs, Opex, Capex, Headcount };
inline constexpr std::array<std::string_view, 7> kMeasures = {
    "revenue", "quantity", "price", "cogs", "opex", "capex", "headcount"};

struct Region {
  std::string name;
  std::string parent;  // "" = none

  friend bool operator==(const Region&, const Region&) = default;
};

// Something that happens in one month and changes one measure in it.
struct Beat {
  Month month = 0;
  std::string event;  // as told
  Measure measure = Measure::Revenue;
  Ratio change = 0;     // +15 % is 150,000,000
  std::string region;   // "" = all; one of the configuration's, its children included
  std::string product;  // "" = all; a product, or a family of them
  std::string measure_from = "stated";  // stated, text or lexicon
  std::string change_from = "stated";
  std::string word;  // of the lexicon, where it was asked

  friend bool operator==(const Beat&, const Beat&) = default;
};

// What is known of the company when the simulation starts; the rest comes of sector and size.
struct StartingState {
  std::optional<Cents> revenue_run_rate;  // a year; what the first month is a twelfth of, but for
                                          // the season
  std::optional<int> employees;
  std::optional<Cents> cash;

  friend bool operator==(const StartingState&, const StartingState&) = default;
};

struct Configuration {
  std::string company;
  std::string scenario;  // tells the event ids of scenarios apart; "" = the variant's name
  const Sector* sector = nullptr;
  Size size = Size::Small;
  Variant variant = Variant::Baseline;
  Month starts = 0;
  int months = 12;
  const Country* country = nullptr;
  std::string currency;
  Ratio eur_rate = kOne;  // units of the currency for one EUR
  std::vector<Region> regions;
  std::vector<Beat> beats;
  StartingState state;
  std::uint64_t seed = 0;

  std::uint64_t key() const;     // what all draws of this company start from
  std::uint64_t id_key() const;  // what the ids of its events start from
};

inline constexpr int kMostMonths = 120;
inline constexpr int kMostRegions = 50;

}  // namespace tc::simulation
