// Nanoseconds per event told. Built with -DTC_BENCH=ON.
#include <benchmark/benchmark.h>

#include "simulation/engine.hpp"
#include "simulation/resolve.hpp"

namespace tc::simulation {
namespace {

Configuration configuration(Size size) {
  Request request;
  request.company = "Nordwind";
  request.sector = "Industrials";
  request.size = kSizes[static_cast<std::size_t>(size)];
  request.starts = "2022-01";
  return resolve(request);
}

// A whole telling: the constructor's plan and every quarter's text.
void simulate(benchmark::State& state) {
  const Configuration c = configuration(static_cast<Size>(state.range(0)));
  Batch batch;
  std::int64_t events = 0;
  for (auto _ : state) {
    const Engine engine(c);
    for (int quarter = 0; quarter < engine.quarters(); ++quarter) {
      engine.generate(quarter, batch);
      benchmark::DoNotOptimize(batch.text.data());
      events += static_cast<std::int64_t>(batch.events.size());
    }
  }
  state.SetItemsProcessed(events);
}
BENCHMARK(simulate)->DenseRange(0, 3);

}  // namespace
}  // namespace tc::simulation
