#include "simulation/parameters.hpp"

#include <algorithm>

#include "event/json_tree.hpp"
#include "event/schema.hpp"
#include "simulation/documents.hpp"

namespace tc::simulation {
namespace {

using event::Json;
using event::Kind;

// A place in a document, which knows its way for error messages.
class Node {
 public:
  Node(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {}

  [[noreturn]] void fail(const std::string& why) const { throw BadParameters(path_ + ": " + why); }

  Node at(std::string_view key) const {
    const Json* member = json_->member(key);
    if (member == nullptr) fail("there is no \"" + std::string(key) + "\"");
    return {*member, path_ + "/" + std::string(key)};
  }
  bool has(std::string_view key) const { return json_->member(key) != nullptr; }

  const std::string& text() const {
    if (!json_->is(Kind::String) || json_->text.empty()) fail("a text is wanted");
    return json_->text;
  }
  bool boolean() const {
    if (!json_->is(Kind::Boolean)) fail("true or false is wanted");
    return json_->boolean;
  }
  // In units of 10^-decimals.
  std::int64_t number(int decimals) const {
    if (!json_->is(Kind::Number) || json_->number.scale > decimals) {
      fail("a number of at most " + std::to_string(decimals) + " decimals is wanted");
    }
    int128 value = json_->number.digits;
    for (int i = json_->number.scale; i < decimals; ++i) value *= 10;
    return static_cast<std::int64_t>(value);
  }
  int whole() const { return static_cast<int>(number(0)); }
  Ratio ratio() const { return number(9); }
  Ratio percent() const { return number(7); }
  // Thousands a year as cents a month.
  Cents monthly_salary() const { return mul_div(number(3), 100, 12); }
  Month month() const {
    const auto month = parse_month(text());
    if (!month) fail("a month is wanted, as 2024-01");
    return *month;
  }

  std::vector<Node> items() const {
    if (!json_->is(Kind::Array) || json_->items.empty()) fail("a list is wanted");
    std::vector<Node> nodes;
    for (std::size_t i = 0; i < json_->items.size(); ++i) {
      nodes.emplace_back(json_->items[i], path_ + "/" + std::to_string(i));
    }
    return nodes;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> list;
    for (const Node& item : items()) list.push_back(item.text());
    return list;
  }
  template <std::size_t N>
  std::array<std::int64_t, N> weights(std::int64_t sum) const {
    const std::vector<Node> nodes = items();
    std::array<std::int64_t, N> list{};
    if (nodes.size() != N) fail(std::to_string(N) + " weights are wanted");
    for (std::size_t i = 0; i < N; ++i) list[i] = nodes[i].whole();
    if (sum_of(list) != sum) fail("the weights must sum up to " + std::to_string(sum));
    return list;
  }
  template <typename Read>
  auto entries(Read read) const {
    if (!json_->is(Kind::Object) || json_->members.empty()) fail("an object is wanted");
    std::vector<decltype(read(std::string(), *this))> list;
    for (const auto& [key, value] : json_->members) {
      list.push_back(read(key, Node(value, path_ + "/" + key)));
    }
    return list;
  }
  template <typename Read>
  auto list(Read read) const {
    std::vector<decltype(read(*this))> list;
    for (const Node& item : items()) list.push_back(read(item));
    return list;
  }

 private:
  const Json* json_;
  std::string path_;
};

template <typename Read>
auto read_document(std::string_view name, std::string_view text, Read read) {
  try {
    const Json json = event::parse_json(text);
    return read(Node(json, std::string(name)));
  } catch (const event::SchemaError& error) {
    throw BadParameters(std::string(name) + ": " + error.what());
  }
}

Sector read_sector(const std::string& code, const Node& node) {
  Sector s;
  s.code = code;
  s.name = node.at("name").text();
  s.is_retail = node.at("kind").text() == "retail";
  s.pays_vat = node.at("vat").text() == "standard";
  s.gross_margin = node.at("gross_margin").percent();
  s.opex = node.at("opex").percent();
  s.depreciation = node.at("da").percent();
  s.capex = node.at("capex").percent();
  s.revenue_per_employee = node.at("rev_per_fte_keur").number(3) * 100;
  s.salary = node.at("avg_salary_keur").monthly_salary();
  s.attrition = node.at("attrition").percent();
  s.own_staff_factor = node.at("own_staff_factor").ratio();
  s.staff_share = node.at("staff_share_of_opex").ratio();
  for (std::size_t v = 0; v < kVariants.size(); ++v) {
    s.growth[v] = node.at("growth").at(kVariants[v]).percent();
  }
  s.season = node.at("season").weights<12>(1200);
  s.weekdays = node.at("weekdays").weights<7>(1000);
  s.families = node.at("families").list([](const Node& family) {
    return Family{family.at("name").text(), family.at("price").number(2), family.at("cost").ratio(),
                  family.at("items").texts()};
  });
  s.channels = node.at("channels").texts();
  s.roles = node.at("roles").list([](const Node& role) {
    const std::vector<Node> range = role.at("salary_keur").items();
    if (range.size() != 2) role.fail("a salary has a lowest and a highest");
    return Role{role.at("department").text(), role.at("role").text(), range[0].monthly_salary(),
                range[1].monthly_salary(), role.at("share").whole()};
  });
  s.purchases = node.at("purchases").list([](const Node& purchase) {
    return Purchase{purchase.at("category").text(), purchase.at("share").whole()};
  });
  s.costs = node.at("costs").list([](const Node& cost) {
    return CostAccount{cost.at("cost_center").text(), cost.at("account").text(),
                       cost.at("share").whole(), cost.at("fixed").boolean()};
  });
  s.investments = node.at("investments").texts();
  if (s.gross_margin <= s.opex) node.fail("nothing is left of the gross margin after opex");
  return s;
}

Rates read_rates(const Node& node) {
  Rates rates = node.list([](const Node& rate) {
    return Rate{rate.at("valid_from").month(), rate.at("rate").number(6) * 1000};
  });
  for (std::size_t i = 1; i < rates.size(); ++i) {
    if (rates[i].valid_from <= rates[i - 1].valid_from) {
      node.fail("the rates must be in the order of valid_from");
    }
  }
  return rates;
}

Holiday read_holiday(const Node& node) {
  Holiday holiday;
  if (node.has("easter")) {
    holiday.easter = node.at("easter").whole();
    return holiday;
  }
  holiday.month = node.at("month").whole();
  if (node.has("weekday")) {
    holiday.weekday = node.at("weekday").whole();
    holiday.nth = node.at("nth").whole();
  } else {
    holiday.day = node.at("day").whole();
  }
  if (node.has("from_year")) holiday.from_year = node.at("from_year").whole();
  return holiday;
}

void read_taxes(const Node& node, Country& country) {
  for (const char* tax : {"corporate_income_tax", "trade_tax"}) {
    if (!node.has(tax)) continue;
    const Node body = node.at(tax);
    ProfitTax rules{tax, {}, body.at("day").whole(), read_rates(body.at("rates"))};
    for (const Node& month : body.at("months").items()) rules.months.push_back(month.whole());
    country.profit_taxes.push_back(std::move(rules));
  }
  country.payroll_tax_day = node.at("payroll_tax").at("day").whole();
  country.payroll_tax = read_rates(node.at("payroll_tax").at("rates"));
  if (!node.has("vat")) return;
  const Node vat = node.at("vat");
  country.vat = {true, vat.at("period").text() == "quarter" ? 3 : 1, vat.at("months_later").whole(),
                 vat.at("day").whole(), read_rates(vat.at("rates"))};
}

Country read_country(const std::string& code, const Node& node) {
  Country c;
  c.code = code;
  c.name = node.at("name").text();
  c.aliases = node.at("aliases").texts();
  c.currency = node.at("currency").text();
  c.eur_rate = node.at("eur_rate").ratio();
  c.revenue_level = node.at("revenue_level").ratio();
  c.wage_level = node.at("wage_level").ratio();
  c.regions = node.at("regions").texts();
  c.legal_forms = node.at("legal_forms").texts();
  c.company_names = node.at("company_names").texts();
  c.holidays = node.at("holidays").list(read_holiday);
  read_taxes(node.at("taxes"), c);
  return c;
}

}  // namespace

Ratio rate_in(const Rates& rates, Month month) {
  const auto later =
      std::find_if(rates.begin(), rates.end(), [&](const Rate& r) { return r.valid_from > month; });
  return later == rates.begin() ? rates.front().rate : std::prev(later)->rate;
}

std::vector<Sector> read_sectors(std::string_view json) {
  return read_document("sectors.json", json,
                       [](const Node& root) { return root.entries(read_sector); });
}

std::vector<Country> read_countries(std::string_view json) {
  return read_document("countries.json", json,
                       [](const Node& root) { return root.entries(read_country); });
}

BeatLexicon read_beats(std::string_view json) {
  return read_document("beats.json", json, [](const Node& root) {
    BeatLexicon lexicon;
    lexicon.words = root.at("words").list([](const Node& word) {
      return BeatWord{word.at("words").texts(), word.at("measure").text(),
                      word.at("change").ratio()};
    });
    lexicon.measures = root.at("measures").list([](const Node& word) {
      return BeatWord{word.at("words").texts(), word.at("measure").text(), 0};
    });
    lexicon.rises = root.at("rises").texts();
    lexicon.falls = root.at("falls").texts();
    return lexicon;
  });
}

const std::vector<Sector>& sectors() {
  static const std::vector<Sector> list = read_sectors(sectors_json());
  return list;
}

const std::vector<Country>& countries() {
  static const std::vector<Country> list = read_countries(countries_json());
  return list;
}

const BeatLexicon& beat_lexicon() {
  static const BeatLexicon lexicon = read_beats(beats_json());
  return lexicon;
}

}  // namespace tc::simulation
