#include "simulation/resolve.hpp"

#include <algorithm>
#include <map>
#include <span>

#include "base/text.hpp"
#include "event/json_tree.hpp"
#include "event/schema.hpp"
#include "simulation/beat_text.hpp"
#include "simulation/sales.hpp"

namespace tc::simulation {
namespace {

using event::Json;
using event::Kind;

constexpr std::size_t kLongestName = 200;

std::string quoted(std::string_view text) { return "\"" + excerpt(text, 60) + "\""; }

std::string listed(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

// "There is no X "y"", with the nearest names and all of them.
[[noreturn]] void refuse_name(const std::string& field, const std::string& what,
                              std::string_view given, const std::vector<std::string>& names) {
  const std::string meant = did_you_mean(given, names);
  throw Refusal(field, "there is no " + what + " " + quoted(given),
                "There are: " + listed(names) + ".", meant.empty() ? "Choose one of them." : meant);
}

// Letters and digits alone, in lower case: "Consumer staples" is "consumer-staples".
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : folded(text)) {
    const bool counts = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
    if (counts) out += c;
  }
  return out;
}

const Sector& sector_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Sector& sector : sectors()) {
    if (bare(name) == sector.code || bare(name) == bare(sector.name)) return sector;
    names.push_back(sector.name);
  }
  if (bare(name).empty()) {
    throw Refusal("sector", "a simulation needs a sector", "There are: " + listed(names) + ".",
                  "Give the sector's name or its GICS code, as 30 for Consumer Staples.");
  }
  refuse_name("sector", "sector", name, names);
}

const Country& country_named(const std::string& name) {
  std::vector<std::string> names;
  std::vector<std::string> labels;
  for (const Country& country : countries()) {
    if (bare(name) == bare(country.code) || bare(name) == bare(country.name)) return country;
    for (const std::string& alias : country.aliases) {
      if (bare(name) == bare(alias)) return country;
    }
    names.push_back(country.name);
    labels.push_back(country.name + " (" + country.code + ")");
  }
  const std::string meant = did_you_mean(name, names);
  throw Refusal("country", "there is no country " + quoted(name) + " to simulate in",
                "There are: " + listed(labels) + ".",
                meant.empty() ? "Give a country's English name or its ISO code." : meant);
}

template <std::size_t N>
std::size_t one_of(const std::string& field, const std::string& given,
                   const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i) {
    if (bare(given) == names[i]) return i;
  }
  refuse_name(field, field, given, {names.begin(), names.end()});
}

void set_currency(const Request& request, Configuration& c) {
  c.currency = c.country->currency;
  c.eur_rate = c.country->eur_rate;
  if (request.currency.empty()) return;
  std::vector<std::string> known;
  for (const Country& country : countries()) {
    if (folded(country.currency) == folded(request.currency)) {
      c.currency = country.currency;
      c.eur_rate = country.eur_rate;
      return;
    }
    if (std::find(known.begin(), known.end(), country.currency) == known.end()) {
      known.push_back(country.currency);
    }
  }
  refuse_name("currency", "currency", request.currency, known);
}

void set_horizon(const Request& request, Configuration& c) {
  if (request.starts.empty()) {
    throw Refusal("starts", "a simulation needs a month to start in", "", "Write it as 2024-01.");
  }
  const auto period = parse_period(request.starts);
  if (!period) {
    throw Refusal("starts", quoted(request.starts) + " is not a month to start in", "",
                  "Write it as 2024-01.");
  }
  c.starts = period->first;
  c.months = request.months;
  if (c.months < 1 || c.months > kMostMonths) {
    throw Refusal("months", "cannot simulate " + std::to_string(c.months) + " months", "",
                  "Give 1 to " + std::to_string(kMostMonths) + ".");
  }
  if (year_of(c.starts - 1) < 1990 || year_of(c.starts + c.months) > 2150) {
    throw Refusal("starts", "the months from " + month_label(c.starts) + " leave the calendar",
                  "It has 1990-01 to 2150-12, and the opening state is in the month before.",
                  "Start later, or earlier.");
  }
}

Json parsed(const std::string& field, const std::string& text, Kind kind, Kind or_kind,
            const std::string& example) {
  try {
    Json json = event::parse_json(text);
    if (json.is(kind) || json.is(or_kind)) return json;
  } catch (const event::SchemaError& error) {
    throw Refusal(field, field + " is not JSON", error.what(), "Write it as " + example + ".");
  }
  throw Refusal(field, field + " has another form", "", "Write it as " + example + ".");
}

std::string name_of(const std::string& field, const std::string& what, const Json& json) {
  if (!json.is(Kind::String) || json.text.empty() || count_characters(json.text) > kLongestName) {
    throw Refusal(field, what + " must be a text of 1 to 200 characters", "", "Give it a name.");
  }
  return json.text;
}

const char* const kRegionsExample =
    R"(["North", "South"], [{"name": "North", "parent": "Germany"}] or {"Germany": ["North"]})";

void add_region(Configuration& c, const std::string& field, Region region) {
  const auto same = std::find_if(c.regions.begin(), c.regions.end(),
                                 [&](const Region& r) { return r.name == region.name; });
  if (same != c.regions.end()) {
    throw Refusal(field, "the region " + quoted(region.name) + " is given twice", "",
                  "Give regions different names.");
  }
  c.regions.push_back(std::move(region));
}

void add_children(Configuration& c, const Json& tree) {
  for (const auto& [parent, children] : tree.members) {
    const std::string field = "regions/" + parent;
    if (!children.is(Kind::Array)) {
      throw Refusal(field, "regions has another form", "",
                    std::string("Write it as ") + kRegionsExample + ".");
    }
    add_region(c, field, {name_of(field, "a region", Json::of(std::string_view(parent))), ""});
    for (const Json& child : children.items) {
      add_region(c, field, {name_of(field, "a region", child), parent});
    }
  }
}

void add_list(Configuration& c, const Json& list) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Json& item = list.items[i];
    const std::string field = "regions/" + std::to_string(i);
    if (!item.is(Kind::Object)) {
      add_region(c, field, {name_of(field, "a region", item), ""});
      continue;
    }
    Region region;
    for (const auto& [key, value] : item.members) {
      if (key != "name" && key != "parent") {
        refuse_name(field, "field of a region", key, {"name", "parent"});
      }
      if (value.is(Kind::Null)) continue;
      (key == "name" ? region.name : region.parent) = name_of(field, "a region's " + key, value);
    }
    if (region.name.empty()) throw Refusal(field, "a region needs a name", "", "Give it a name.");
    add_region(c, field, std::move(region));
  }
  // Parents that are no regions of the list themselves.
  const std::size_t given = c.regions.size();
  for (std::size_t i = 0; i < given; ++i) {
    const std::string parent = c.regions[i].parent;
    const auto known = [&](const Region& region) { return region.name == parent; };
    if (!parent.empty() && std::none_of(c.regions.begin(), c.regions.end(), known)) {
      c.regions.push_back({parent, ""});
    }
  }
}

void refuse_circles(const Configuration& c) {
  for (const Region& region : c.regions) {
    std::string name = region.parent;
    for (std::size_t depth = 0; !name.empty(); ++depth) {
      if (depth > c.regions.size()) {
        throw Refusal("regions", "the region " + quoted(region.name) + " is within itself", "",
                      "Correct the parents.");
      }
      name = std::find_if(c.regions.begin(), c.regions.end(), [&](const Region& r) {
               return r.name == name;
             })->parent;
    }
  }
}

void set_regions(const Request& request, Configuration& c) {
  if (request.regions.empty()) {
    c.regions.push_back({c.country->name, ""});
    for (const std::string& name : c.country->regions) c.regions.push_back({name, c.country->name});
    return;
  }
  const Json json = parsed("regions", request.regions, Kind::Array, Kind::Object, kRegionsExample);
  if (json.is(Kind::Array)) add_list(c, json);
  if (json.is(Kind::Object)) add_children(c, json);
  if (c.regions.empty() || c.regions.size() > static_cast<std::size_t>(kMostRegions)) {
    throw Refusal("regions", "cannot simulate " + std::to_string(c.regions.size()) + " regions",
                  "Parents count.", "Give 1 to " + std::to_string(kMostRegions) + ".");
  }
  refuse_circles(c);
}

// A number of at most `decimals` decimals, in units of 10^-decimals, within limits in whole units.
std::int64_t number_of(const std::string& field, const Json& json, int decimals, std::int64_t least,
                       std::int64_t most) {
  std::int64_t unit = 1;
  for (int i = 0; i < decimals; ++i) unit *= 10;
  const std::string hint = "Give a number from " + std::to_string(least) + " to " +
                           std::to_string(most) + ", with at most " + std::to_string(decimals) +
                           " decimals.";
  if (!json.is(Kind::Number)) throw Refusal(field, field + " must be a number", "", hint);
  int128 value = json.number.digits;
  if (json.number.scale <= decimals) {
    for (int i = json.number.scale; i < decimals && value < kAmountLimit; ++i) value *= 10;
    if (value >= static_cast<int128>(least) * unit && value <= static_cast<int128>(most) * unit) {
      return static_cast<std::int64_t>(value);
    }
  }
  throw Refusal(field, field + " cannot be " + to_string(json.number), "", hint);
}

void set_state(const Request& request, Configuration& c) {
  if (request.starting_state.empty()) return;
  const Json json = parsed("starting_state", request.starting_state, Kind::Object, Kind::Object,
                           R"({"revenue_run_rate": 1200000, "employees": 14, "cash": 250000})");
  for (const auto& [key, value] : json.members) {
    const std::string field = "starting_state/" + key;
    if (value.is(Kind::Null)) continue;
    if (bare(key) == "revenuerunrate") {
      c.state.revenue_run_rate = number_of(field, value, 2, 1'000, 1'000'000'000'000);
    } else if (bare(key) == "employees") {
      c.state.employees = static_cast<int>(number_of(field, value, 0, 1, 20'000));
    } else if (bare(key) == "cash") {
      c.state.cash = number_of(field, value, 2, 0, 1'000'000'000'000);
    } else {
      refuse_name(field, "field of the starting state", key,
                  {"revenue_run_rate", "employees", "cash"});
    }
  }
}

const char* const kBeatHint =
    R"(Write [{"month": "2024-06", "event": "Strike", "measure": "revenue", "change": -0.15}].)";

// A share, or a text such as "+15 %".
Ratio change_of(const std::string& field, const Json& json) {
  bool is_signed = false;
  std::optional<Ratio> change;
  if (json.is(Kind::String)) {
    change = percent_in(json.text, is_signed);
  } else if (json.is(Kind::Number) && json.number.scale <= 9) {
    int128 value = json.number.digits;
    for (int i = json.number.scale; i < 9 && value < kAmountLimit; ++i) value *= 10;
    constexpr int128 kMost = static_cast<int128>(kOne) * 100;
    if (value >= -kMost && value <= kMost) change = static_cast<Ratio>(value);
  }
  if (!change) {
    throw Refusal(field, "a change is a share, as 0.15 for 15 %", "", "Write 0.15, or \"+15 %\".");
  }
  return *change;
}

void check_change(const std::string& field, const Beat& beat) {
  if (beat.change == 0 || beat.change < -kOne * 95 / 100 || beat.change > kOne * 5) {
    throw Refusal(field, "the beat " + quoted(beat.event) + " changes too much or nothing",
                  "A change is from -0.95 to 5, and not 0.", "Write 0.15 for 15 %.");
  }
  const bool in_sales = beat.measure == Measure::Revenue || beat.measure == Measure::Quantity ||
                        beat.measure == Measure::Price || beat.measure == Measure::Cogs;
  if (!in_sales && (!beat.region.empty() || !beat.product.empty())) {
    throw Refusal(field,
                  "a beat on " + std::string(kMeasures[static_cast<std::size_t>(beat.measure)]) +
                      " is of the whole company",
                  "Only revenue, quantity, price and cogs have regions and products.",
                  "Leave region and product out.");
  }
}

constexpr std::size_t kMostBeats = 1000;

// Beats of one month multiply. Together they may change no more than one of them could: figures
// beyond that are no company's, and may not fit.
void check_together(const Configuration& c) {
  enum class Group { Sales, Cogs, Opex, Capex, Headcount };
  const auto group_of = [](Measure measure) {
    switch (measure) {
      case Measure::Cogs:
        return Group::Cogs;
      case Measure::Opex:
        return Group::Opex;
      case Measure::Capex:
        return Group::Capex;
      case Measure::Headcount:
        return Group::Headcount;
      default:
        return Group::Sales;
    }
  };
  std::map<std::pair<Month, Group>, Ratio> together;
  for (std::size_t i = 0; i < c.beats.size(); ++i) {
    const Beat& beat = c.beats[i];
    Ratio& factor = together.try_emplace({beat.month, group_of(beat.measure)}, kOne).first->second;
    factor = static_cast<Ratio>(static_cast<int128>(factor) * (kOne + beat.change) / kOne);
    if (factor < kOne * 5 / 100 || factor > kOne * 6) {
      throw Refusal("narrative/" + std::to_string(i),
                    "the beats of " + month_label(beat.month) + " change too much together",
                    "Those on one measure multiply; together, too, a change is from -0.95 to 5.",
                    "Make them smaller, or spread them over months.");
    }
  }
}

Month month_of_beat(const std::string& field, const Json& item, const Configuration& c) {
  const Json* month = item.member("month");
  if (month == nullptr || !month->is(Kind::String)) {
    throw Refusal(field, "a beat needs a month", "", kBeatHint);
  }
  const auto found = parse_month(month->text);
  if (!found) {
    throw Refusal(field + "/month", quoted(month->text) + " is not a month", "",
                  "Write it as 2024-06.");
  }
  if (*found < c.starts || *found >= c.starts + c.months) {
    throw Refusal(field + "/month", "the beat of " + month->text + " is outside the horizon",
                  "The simulation goes from " + month_label(c.starts) + " to " +
                      month_label(c.starts + c.months - 1) + ".",
                  "Choose a month within it, or simulate more months.");
  }
  return *found;
}

Beat beat_of(const std::string& field, const Json& item, const Configuration& c) {
  if (!item.is(Kind::Object)) throw Refusal(field, "a beat is an object", "", kBeatHint);
  Beat beat;
  beat.month = month_of_beat(field, item, c);
  std::optional<Measure> measure;
  std::optional<Ratio> change;
  for (const auto& [key, value] : item.members) {
    if (key == "month" || value.is(Kind::Null)) continue;
    std::string place = field;
    place.append("/").append(key);
    if (key == "event") {
      beat.event = name_of(place, "a beat's event", value);
    } else if (key == "measure") {
      const std::string name = name_of(place, "a beat's measure", value);
      measure = measure_named(name);
      if (!measure) refuse_name(place, "measure", name, {kMeasures.begin(), kMeasures.end()});
    } else if (key == "change") {
      change = change_of(place, value);
    } else if (key == "region") {
      beat.region = name_of(place, "a beat's region", value);
    } else if (key == "product") {
      beat.product = name_of(place, "a beat's product", value);
    } else if (key != "measureFrom" && key != "changeFrom" && key != "word") {
      refuse_name(place, "field of a beat", key,
                  {"month", "event", "measure", "change", "region", "product"});
    }
  }
  if (beat.event.empty() && (!measure || !change)) {
    throw Refusal(field, "a beat needs an event, in words", "", kBeatHint);
  }
  if (!understand(beat, measure, change)) {
    throw Refusal(field, "nobody can tell what " + quoted(beat.event) + " changes", "",
                  "State measure and change, write the percentage into the text, or use a word of "
                  "tellingcube.beat_words().");
  }
  check_change(field, beat);
  return beat;
}

void set_beats(const Request& request, Configuration& c) {
  if (request.narrative.empty()) return;
  const Json json = parsed("narrative", request.narrative, Kind::Array, Kind::Array,
                           R"([{"month": "2024-06", "event": "Strike"}])");
  Configuration first_month = c;
  first_month.months = 1;
  const Plan plan(first_month);
  const Sales sales(first_month, plan);
  std::vector<std::string> regions;
  for (const Region& region : c.regions) regions.push_back(region.name);
  std::vector<std::string> products;
  for (const Family& family : c.sector->families) products.push_back(family.name);
  for (const Product& product : sales.products()) products.push_back(product.name);
  const auto must_be_one = [](const std::string& field, const char* what, const std::string& name,
                              const std::vector<std::string>& names) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      refuse_name(field, what, name, names);
    }
  };
  if (json.items.size() > kMostBeats) {
    throw Refusal("narrative", "a narrative of " + std::to_string(json.items.size()) + " beats", "",
                  "Give at most " + std::to_string(kMostBeats) + ".");
  }
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    const std::string field = "narrative/" + std::to_string(i);
    Beat beat = beat_of(field, json.items[i], c);
    must_be_one(field + "/region", "region", beat.region, regions);
    must_be_one(field + "/product", "product", beat.product, products);
    c.beats.push_back(std::move(beat));
  }
  check_together(c);
}

}  // namespace

Configuration resolve(const Request& request) {
  Configuration c;
  if (bare(request.company).empty() || count_characters(request.company) > kLongestName) {
    throw Refusal("company", "a company needs a name of 1 to 200 characters", "", "Name it.");
  }
  c.company = request.company;
  c.scenario = request.scenario;
  c.seed = request.seed;
  c.sector = &sector_named(request.sector);
  c.size = static_cast<Size>(one_of("size", request.size, kSizes));
  c.variant = static_cast<Variant>(one_of("variant", request.variant, kVariants));
  c.country = &country_named(request.country);
  set_currency(request, c);
  set_horizon(request, c);
  set_regions(request, c);
  set_state(request, c);
  set_beats(request, c);
  return c;
}

}  // namespace tc::simulation
