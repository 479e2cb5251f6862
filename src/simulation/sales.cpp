#include "simulation/sales.hpp"

#include <algorithm>
#include <numeric>

#include "simulation/random.hpp"

namespace tc::simulation {
namespace {

// By Size: products of a family (retail sells many), and customers.
constexpr std::array<std::size_t, 4> kRetailItems = {3, 3, 12, 12};
constexpr std::array<std::size_t, 4> kItems = {2, 3, 4, 4};
constexpr std::array<int, 4> kCustomers = {24, 40, 80, 160};

constexpr std::uint64_t kSizeStep = std::uint64_t{1} << 61;  // an eighth

// Weights 1, 1/2, 1/3, …
std::int64_t zipf(std::size_t rank) { return 1'000'000 / static_cast<std::int64_t>(rank + 1); }

std::size_t index(int i) { return static_cast<std::size_t>(i); }

std::size_t pick(const std::vector<std::int64_t>& reached, std::uint64_t fraction) {
  const auto wanted =
      static_cast<std::int64_t>(below(fraction, static_cast<std::uint64_t>(reached.back())));
  return static_cast<std::size_t>(std::upper_bound(reached.begin(), reached.end(), wanted) -
                                  reached.begin());
}

// An order of n things by chance, the same in every variant.
std::vector<std::size_t> shuffled(std::uint64_t key, Stream stream, std::size_t n) {
  std::vector<std::pair<std::uint64_t, std::size_t>> keyed;
  for (std::size_t i = 0; i < n; ++i) keyed.emplace_back(draw(key, stream, i, 0), i);
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::size_t> order;
  order.reserve(n);
  for (const auto& [hash, i] : keyed) order.push_back(i);
  return order;
}

bool is_parent(const std::vector<Region>& regions, const std::string& name) {
  return std::any_of(regions.begin(), regions.end(),
                     [&](const Region& region) { return region.parent == name; });
}

}  // namespace

std::string company_name(const Country& country, std::uint64_t key, int kind, int number) {
  static constexpr std::array<std::array<std::string_view, 10>, 2> kTrades = {
      {{"Systems", "Group", "Trade", "Logistics", "Services", "Partners", "Works", "Industries",
        "Technik", "Holding"},
       {"Supply", "Materials", "Sourcing", "Components", "Contracting", "Freight", "Trading",
        "Solutions", "Energy", "Production"}}};
  const std::size_t stems = country.company_names.size();
  const auto n = static_cast<std::size_t>(number);
  const std::size_t start = below(draw(key, Stream::Supplier, 77, kind), stems);
  // Neighbours in number differ in both parts; the pair repeats after stems × 10, and then a second
  // name joins the first.
  const std::size_t round = n / (stems * 10);
  const std::size_t stem = (start + n) % stems;
  const std::size_t trade = (n / stems + n) % 10;
  std::string name = country.company_names[stem];
  if (round > 0) name += " & " + country.company_names[(stem + round) % stems];
  name += ' ';
  name += kTrades[static_cast<std::size_t>(kind)][trade];
  const std::uint64_t form = draw(key, Stream::Customer, n, kind, 5);
  return name + ' ' + country.legal_forms[below(form, country.legal_forms.size())];
}

Sales::Sales(const Configuration& configuration, const Plan& plan)
    : c_(configuration), plan_(plan), key_(configuration.key()) {
  for (unsigned d = 0; d < 3; ++d) starts_[d] = draw(key_, Stream::Sale, d, 0, 1);
  make_regions();
  make_products();
  if (!c_.sector->is_retail) make_customers();
  std::uint64_t before = 0;
  BySize sizes_before{};
  for (int i = 0; i < c_.months; ++i) {
    const Month month = c_.starts + i;
    const auto season = c_.sector->season[static_cast<std::size_t>(month_number(month) - 1)];
    days_.emplace_back(*c_.sector, *c_.country, month);
    documents_before_.push_back(before);
    sizes_before_.push_back(sizes_before);
    const auto count = static_cast<std::uint64_t>(mul_div(plan_.documents, season + 100, 200));
    for (std::uint64_t n = 0; n < count; ++n) ++sizes_before[size_of(before + n) / kSizeStep];
    before += count;
  }
  documents_before_.push_back(before);
  documents_.resize(index(c_.months));
  for (int month = 0; month < c_.months; ++month) tell(month, documents_[index(month)]);
}

// Where regions form a hierarchy, sales are in those without children.
void Sales::make_regions() {
  std::size_t rank = 0;
  for (std::size_t i = 0; i < c_.regions.size(); ++i) {
    if (is_parent(c_.regions, c_.regions[i].name)) continue;
    const std::int64_t chance = around_zero(draw(key_, Stream::Region, i, 0), 100);
    markets_.push_back({static_cast<int>(i), zipf(++rank) * (1000 + chance) / 1000, {}, {}});
  }
}

void Sales::make_products() {
  const auto size = static_cast<std::size_t>(c_.size);
  const std::size_t items = c_.sector->is_retail ? kRetailItems[size] : kItems[size];
  // A price is small beside a document, so that whole units can follow its size.
  const Cents most = std::max<Cents>(1, plan_.run_rate / 12 / plan_.documents / 150);
  for (std::size_t f = 0; f < c_.sector->families.size(); ++f) {
    const Family& family = c_.sector->families[f];
    for (std::size_t i = 0; i < std::min(items, family.items.size()); ++i) {
      const std::size_t number = products_.size();
      const std::int64_t chance = around_zero(draw(key_, Stream::Product, number, 1), 180);
      Cents price = times(family.price, c_.eur_rate) * (1000 + chance) / 1000;
      while (price > most) price /= 2;
      Product product{family.items[i], family.name, std::max<Cents>(price, 1), family.cost};
      product.drift = around_zero(draw(key_, Stream::Product, number, 2), kOne * 6 / 100);
      product.tilt = (2 - static_cast<std::int64_t>(f)) * 30;
      products_.push_back(std::move(product));
    }
  }
  const std::vector<std::size_t> order = shuffled(key_, Stream::Product, products_.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    products_[order[rank]].weight = zipf(rank);
  }
  std::int64_t reached = 0;
  for (const Product& product : products_) reached_.push_back(reached += product.weight);
}

void Sales::make_customers() {
  const int all = std::max(kCustomers[static_cast<std::size_t>(c_.size)],
                           2 * static_cast<int>(markets_.size()));
  Shares shares(all, static_cast<std::int64_t>(markets_.size()));
  for (Market& market : markets_) {
    const std::int64_t here = shares.next(1);
    std::int64_t reached = 0;
    for (std::int64_t i = 0; i < here; ++i) {
      market.customers.push_back(static_cast<int>(customers_.size()));
      market.reached.push_back(reached += zipf(static_cast<std::size_t>(i)));
      customers_.push_back(company_name(*c_.country, key_, 0, static_cast<int>(customers_.size())));
    }
  }
}

void Sales::tell(int month, std::vector<SaleDocument>& documents) const {
  describe(month, documents);
  give_revenue(month, documents);
  give_cogs(month, documents);
  for (const Beat& beat : c_.beats) {
    if (beat.month == c_.starts + month) apply(beat, documents);
  }
}

void Sales::describe(int month, std::vector<SaleDocument>& documents) const {
  const auto at = static_cast<std::size_t>(month);
  const std::uint64_t first = documents_before_[at];
  const std::uint64_t count = documents_before_[at + 1] - first;
  BySize sizes_before = sizes_before_[at];
  std::int64_t weight = 0;
  for (const Market& market : markets_) weight += market.weight;
  Shares shares(static_cast<std::int64_t>(count), weight);
  documents.reserve(count);
  for (const Market& market : markets_) {
    for (std::int64_t n = shares.next(market.weight); n > 0; --n) {
      SaleDocument document;
      document.ordinal = documents.size();
      const std::uint64_t number = first + document.ordinal;
      const std::uint64_t chance = draw(key_, Stream::Sale, number, 0);
      document.region = market.region;
      const std::uint64_t size = size_of(number) / kSizeStep;
      const std::uint64_t day = draw(key_, Stream::Sale, size, 0, 2);
      document.date = days_[at].pick(spread(day, sizes_before[size]++, 0));
      document.product = static_cast<int>(pick(reached_, spread(starts_[1], number, 1)));
      if (!market.customers.empty()) {
        document.customer = market.customers[pick(market.reached, spread(starts_[2], number, 2))];
      }
      document.channel = static_cast<int>(below(scramble(chance), c_.sector->channels.size()));
      document.second =
          (c_.sector->is_retail ? 9 : 8) * 3600 +
          static_cast<int>(below(chance, c_.sector->is_retail ? 11U * 3600 : 10U * 3600));
      documents.push_back(document);
    }
  }
}

// How large a document of the product is beside others: it drifts, and variants shift what sells.
std::int64_t Sales::product_weight(int month, const Product& product) const {
  const Ratio drift = product.drift * std::min(month, 60) / 12;
  const std::int64_t sign = c_.variant == Variant::Growth      ? 1
                            : c_.variant == Variant::Recession ? -1
                                                               : 0;
  const std::int64_t tilt = sign * product.tilt * std::min(month, 36) / 36;
  return times(1000 + tilt, kOne + drift);
}

void Sales::give_revenue(int month, std::vector<SaleDocument>& documents) const {
  const PlannedMonth& plan = plan_.months[static_cast<std::size_t>(month)];
  const std::uint64_t first = documents_before_[static_cast<std::size_t>(month)];
  std::vector<std::int64_t> product_weights;
  std::vector<Cents> prices;
  for (const Product& product : products_) {
    product_weights.push_back(product_weight(month, product));
    prices.push_back(std::max<Cents>(1, times(product.price, plan.price_index)));
  }
  std::vector<std::int64_t> in_region(c_.regions.size());
  for (const SaleDocument& document : documents) ++in_region[index(document.region)];
  std::vector<std::int64_t> region_weights(c_.regions.size());  // of one document
  for (const Market& market : markets_) {
    const std::int64_t count = in_region[index(market.region)];
    if (count > 0) region_weights[index(market.region)] = market.weight / count + 1;
  }
  std::vector<std::int64_t> weights;
  weights.reserve(documents.size());
  for (const SaleDocument& document : documents) {
    const std::int64_t size = log_size(size_of(first + document.ordinal));
    weights.push_back(times(size * product_weights[index(document.product)],
                            region_weights[index(document.region)] * 1000));
  }
  Shares shares(plan.revenue, sum_of(weights));
  Cents owed = 0;  // should have been given so far, but was not
  for (std::size_t i = 0; i < documents.size(); ++i) {
    SaleDocument& document = documents[i];
    document.price = prices[index(document.product)];
    owed += shares.next(weights[i]);
    document.quantity = std::max<std::int64_t>(1, (owed + document.price / 2) / document.price);
    document.revenue = document.quantity * document.price;
    owed -= document.revenue;
  }
}

void Sales::give_cogs(int month, std::vector<SaleDocument>& documents) const {
  const auto cost = [&](const SaleDocument& document) {
    return times(document.revenue, products_[static_cast<std::size_t>(document.product)].cost);
  };
  std::int64_t weight = 0;
  for (const SaleDocument& document : documents) weight += cost(document);
  Shares shares(plan_.months[static_cast<std::size_t>(month)].cogs, weight);
  for (SaleDocument& document : documents) document.cogs = shares.next(cost(document));
}

bool Sales::concerns(const Beat& beat, const SaleDocument& document) const {
  const Product& product = products_[static_cast<std::size_t>(document.product)];
  if (!beat.product.empty() && beat.product != product.name && beat.product != product.family) {
    return false;
  }
  if (beat.region.empty()) return true;
  std::string name = c_.regions[static_cast<std::size_t>(document.region)].name;
  for (std::size_t depth = 0; depth <= c_.regions.size(); ++depth) {
    if (name == beat.region) return true;
    const auto found = std::find_if(c_.regions.begin(), c_.regions.end(),
                                    [&](const Region& region) { return region.name == name; });
    if (found == c_.regions.end() || found->parent.empty()) return false;
    name = found->parent;
  }
  return false;
}

void Sales::apply(const Beat& beat, std::vector<SaleDocument>& documents) const {
  const Ratio factor = kOne + beat.change;
  Cents owed = 0;
  for (SaleDocument& document : documents) {
    if (document.quantity == 0 || !concerns(beat, document)) continue;
    switch (beat.measure) {
      case Measure::Revenue:
      case Measure::Quantity: {
        owed += times(document.revenue, factor);
        const std::int64_t quantity =
            std::max<std::int64_t>(0, (owed + document.price / 2) / document.price);
        document.cogs = mul_div(document.cogs, quantity, document.quantity);
        document.quantity = quantity;
        owed -= quantity * document.price;
        break;
      }
      case Measure::Price:
        document.price = std::max<Cents>(1, times(document.price, factor));
        break;
      case Measure::Cogs:
        document.cogs = times(document.cogs, factor);
        break;
      case Measure::Opex:
      case Measure::Capex:
      case Measure::Headcount:
        return;
    }
    document.revenue = document.quantity * document.price;
  }
}

SalesTotals Sales::totals(int month) const {
  SalesTotals totals;
  for (const SaleDocument& document : documents(month)) {
    totals.revenue += document.revenue;
    totals.cogs += document.cogs;
  }
  totals.planned_cogs = plan_.months[static_cast<std::size_t>(month)].cogs;
  return totals;
}

}  // namespace tc::simulation
