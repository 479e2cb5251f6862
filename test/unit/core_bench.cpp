// Nanoseconds per event of what every event goes through. Built with -DTC_BENCH=ON.
#include <benchmark/benchmark.h>

#include <string>

#include "event/envelope.hpp"
#include "event/reader.hpp"
#include "event/rules.hpp"
#include "event/schema.hpp"

namespace tc::event {
namespace {

constexpr const char* kSaleSchema = R"({"type": "object", "properties": {
  "product": {"type": "string", "minLength": 1, "maxLength": 200},
  "region": {"type": "string", "minLength": 1, "maxLength": 200},
  "quantity": {"type": "number", "minimum": 0, "format": "amount"},
  "unitPrice": {"type": "number", "minimum": 0, "format": "amount"},
  "revenue": {"type": "number", "format": "amount"},
  "cogs": {"type": "number", "minimum": 0, "format": "amount"},
  "channel": {"type": "string", "maxLength": 200},
  "customer": {"type": "string", "maxLength": 200}},
  "required": ["product", "region", "quantity", "unitPrice", "revenue", "cogs"],
  "additionalProperties": false})";
constexpr const char* kSaleRules =
    R"([{"rule": "product", "field": "revenue", "of": ["quantity", "unitPrice"]}])";

std::string sales(int count) {
  std::string text = "[";
  for (int i = 0; i < count; ++i) {
    text += i == 0 ? "\n" : ",\n";
    text += R"({"eventType": "sale", "month": "2024-03", "product": "Espresso machine", )"
            R"("region": "North", "quantity": 12, "unitPrice": 349.99, "revenue": 4199.88, )"
            R"("cogs": 2100.5, "channel": "online"})";
  }
  return text + "]";
}

constexpr int kEvents = 1000;

void read(benchmark::State& state) {
  const std::string text = sales(kEvents);
  FlatEvent event;
  for (auto _ : state) {
    Reader reader(text);
    while (reader.next(event)) benchmark::DoNotOptimize(event.fields.data());
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read);

void read_and_take_apart(benchmark::State& state) {
  const std::string text = sales(kEvents);
  FlatEvent event;
  Envelope envelope;
  std::vector<Field> payload;
  Reasons reasons;
  for (auto _ : state) {
    Reader reader(text);
    while (reader.next(event)) {
      take_apart(event.fields, envelope, payload, reasons);
      benchmark::DoNotOptimize(payload.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * kEvents);
}
BENCHMARK(read_and_take_apart);

template <typename Check>
void with_payload(benchmark::State& state, Check check) {
  const std::string text =
      R"([{"eventType": "sale", "month": "2024-03", "product": "Espresso machine",)"
      R"("region": "North", "quantity": 12, "unitPrice": 349.99, "revenue": 4199.88,)"
      R"("cogs": 2100.5, "channel": "online", "customer": "Café Central"}])";
  Reader reader(text);
  FlatEvent event;
  reader.next(event);
  Envelope envelope;
  std::vector<Field> payload;
  Reasons reasons;
  take_apart(event.fields, envelope, payload, reasons);
  for (auto _ : state) {
    check(payload, reasons);
    benchmark::DoNotOptimize(reasons.data());
  }
  if (!reasons.empty()) state.SkipWithError(reasons.front().message.c_str());
}

void check_schema(benchmark::State& state) {
  const Schema schema = Schema::compile(kSaleSchema);
  with_payload(state, [&](Fields payload, Reasons& reasons) { schema.check(payload, reasons); });
}
BENCHMARK(check_schema);

void check_schema_by_rapidjson(benchmark::State& state) {
  const Schema schema = Schema::compile(R"({"allOf": [)" + std::string(kSaleSchema) + "]}");
  with_payload(state, [&](Fields payload, Reasons& reasons) { schema.check(payload, reasons); });
}
BENCHMARK(check_schema_by_rapidjson);

void check_rules(benchmark::State& state) {
  const Rules rules = Rules::compile(kSaleRules);
  with_payload(state, [&](Fields payload, Reasons& reasons) { rules.check(payload, reasons); });
}
BENCHMARK(check_rules);

void decimal(benchmark::State& state) {
  for (auto _ : state) {
    std::string_view text = "4199.88";
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(parse_decimal(text));
  }
}
BENCHMARK(decimal);

}  // namespace
}  // namespace tc::event
