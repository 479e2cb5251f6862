// Sales, document by document: the plan's revenue and cogs of a month, given to regions, products
// and customers.
//
// company → regions → documents. How many documents a month has depends on the season alone, a
// region gets its share of them, and what a document is (day, product, customer, and how large it
// is beside the others) depends on seed and number alone. So all variants tell the same documents;
// they differ in quantities and prices.
//
// Quantities are whole, prices whole cents, and revenue is exactly quantity × price. The month's
// revenue is given out document by document: what one gets is what all so far should have come to,
// less what they did come to, rounded to whole units. So the month is right to half a unit. Cogs
// are given out likewise and are right to the cent.
//
// Example: three documents of equal size share 100.00; the price is 7.00. The first gets 33.33 ÷ 7,
// so 5 units = 35.00. The second 66.67 − 35.00, so 5 units again; the third what is left, 30.00: 4
// units = 28.00.
//
// Sizes are spread evenly on a logarithmic scale over two orders of magnitude; first digits of
// amounts follow Benford's law then. Customers (of a region) and products have weights 1, 1/2, 1/3,
// …: a fifth of 60 has about 66 % of the sales. Regions have 1/2, 1/3, 1/4, …
//
// Beats come last and touch only the documents they speak of: units × (1 + change), rounded so that
// they are right together; or the price; or cogs.
#pragma once
#include <memory>
#include <vector>

#include "simulation/plan.hpp"
#include "simulation/random.hpp"
#include "simulation/trading_days.hpp"

namespace tc::simulation {

struct Product {
  std::string name;
  std::string family;
  Cents price = 0;          // at the start
  Ratio cost = kOne;        // beside other products
  Ratio drift = 0;          // gains or loses weight, a year
  std::int64_t tilt = 0;    // how a variant shifts it, per mille within three years
  std::int64_t weight = 0;  // how often it is sold
};

struct SaleDocument {
  Date date = 0;
  int second = 0;  // of the day
  int region = 0;  // index into Configuration::regions
  int product = 0;
  int customer = -1;  // -1: nobody in particular
  int channel = 0;
  std::uint64_t ordinal = 0;  // within the month
  std::int64_t quantity = 0;  // 0: a beat left nothing of it
  Cents price = 0;
  Cents revenue = 0;
  Cents cogs = 0;
};

// What a month's documents come to.
struct SalesTotals {
  Cents revenue = 0;
  Cents cogs = 0;
  Cents planned_cogs = 0;  // without beats
};

class Sales {
 public:
  Sales(const Configuration& configuration, const Plan& plan);

  // Of the horizon's month 0, 1, …
  const std::vector<SaleDocument>& documents(int month) const {
    return documents_[static_cast<std::size_t>(month)];
  }
  SalesTotals totals(int month) const;

  const std::vector<Product>& products() const { return products_; }
  const std::vector<std::string>& customers() const { return customers_; }

 private:
  void make_regions();
  void make_products();
  void make_customers();
  void tell(int month, std::vector<SaleDocument>& documents) const;
  void describe(int month, std::vector<SaleDocument>& documents) const;
  void give_revenue(int month, std::vector<SaleDocument>& documents) const;
  void give_cogs(int month, std::vector<SaleDocument>& documents) const;
  void apply(const Beat& beat, std::vector<SaleDocument>& documents) const;
  bool concerns(const Beat& beat, const SaleDocument& document) const;
  std::uint64_t size_of(std::uint64_t number) const { return spread(starts_[0], number, 0); }
  std::int64_t product_weight(int month, const Product& product) const;

  struct Market {  // a region where something is sold
    int region = 0;
    std::int64_t weight = 0;
    std::vector<int> customers;
    std::vector<std::int64_t> reached;  // sums of the customers' weights
  };

  const Configuration& c_;
  const Plan& plan_;
  const std::uint64_t key_;
  std::vector<Market> markets_;
  std::vector<Product> products_;
  std::vector<std::int64_t> reached_;  // sums of the products' weights
  std::vector<std::string> customers_;
  std::vector<std::uint64_t> documents_before_;  // by month
  // The same by size: eighths of the scale. Days are given out within each, so that large documents
  // are as often on a Monday as small ones.
  static constexpr std::size_t kSizes = 8;
  using BySize = std::array<std::uint64_t, kSizes>;
  std::vector<BySize> sizes_before_;
  std::vector<TradingDays> days_;
  std::vector<std::vector<SaleDocument>> documents_;
  std::array<std::uint64_t, 3> starts_{};  // of the dimensions of spread()
};

// A believable name of another company, the same for the same number; all differ. `kind` 0:
// customers, 1: suppliers.
std::string company_name(const Country& country, std::uint64_t key, int kind, int number);

}  // namespace tc::simulation
