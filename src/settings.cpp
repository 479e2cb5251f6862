#include "settings.hpp"

#include <iterator>

#include "pg/boundary.hpp"

namespace settings {
namespace {

char* cube_name = nullptr;
char* present = nullptr;
char* model_route = nullptr;
char* model_simulate = nullptr;
char* model_ask = nullptr;
char* model_narrate = nullptr;
char* model_classify = nullptr;
char* hosts_inside = nullptr;
int cache_seconds = 0;
int fold_rows = 0;
int layer_rows = 0;

struct IntegerSetting {
  const char* name;
  const char* description;
  int* value;
  int initial, least, most;
};
struct TextSetting {
  const char* name;
  const char* description;
  char** value;
  const char* initial;
};

const TextSetting kTexts[] = {
    {"tellingcube.cube", "Cube that functions use when none is named.", &cube_name, "cube"},
    {"tellingcube.as_of",
     "Month (YYYY-MM) that counts as the present; empty means the last month with actuals.",
     &present, ""},
    {"tellingcube.model",
     "Models to ask, in order: names of servers of the wrapper tellingcube_llm.", &model_route, ""},
    {"tellingcube.model_simulate", "Models that tell companies; empty means tellingcube.model.",
     &model_simulate, ""},
    {"tellingcube.model_ask", "Models that read questions; empty means tellingcube.model.",
     &model_ask, ""},
    {"tellingcube.model_narrate", "Models that write texts; empty means tellingcube.model.",
     &model_narrate, ""},
    {"tellingcube.model_classify",
     "Models that put things into classes; empty means tellingcube.model.", &model_classify, ""},
};

const IntegerSetting kIntegers[] = {
    {"tellingcube.fold_threshold",
     "Pending fact rows from which a committing writer folds them; 0 leaves folding to "
     "fold_facts().",
     &fold_rows, 20000, 0, INT_MAX},
    {"tellingcube.accumulator_rows",
     "Distinct fact rows a transaction gathers in memory before it writes them out.", &layer_rows,
     200000, 100, INT_MAX},
    {"tellingcube.llm_cache_seconds",
     "How long a model's answer serves identical requests of the same role; 0 asks every time.",
     &cache_seconds, 3600, 0, INT_MAX},
};

}  // namespace

std::string default_cube() { return cube_name; }
std::string as_of() { return present; }
std::string model() { return model_route; }
std::string model_for(const std::string& purpose) {
  for (const TextSetting& s : kTexts) {
    if (s.name == "tellingcube.model_" + purpose) return *s.value;
  }
  return "";
}
std::string local_hosts() { return hosts_inside; }
int llm_cache_seconds() { return cache_seconds; }
int fold_threshold() { return fold_rows; }
int accumulator_rows() { return layer_rows; }

void init() {
  pg::call([] {
    for (const TextSetting& s : kTexts) {
      DefineCustomStringVariable(s.name, s.description, nullptr, s.value, s.initial, PGC_USERSET, 0,
                                 nullptr, nullptr, nullptr);
    }
    for (const IntegerSetting& s : kIntegers) {
      DefineCustomIntVariable(s.name, s.description, nullptr, s.value, s.initial, s.least, s.most,
                              PGC_USERSET, 0, nullptr, nullptr, nullptr);
    }
    DefineCustomStringVariable(
        "tellingcube.local_hosts",
        "Hosts of models that may resolve to addresses inside the network, separated by commas.",
        nullptr, &hosts_inside, "", PGC_SUSET, 0, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("tellingcube");
  });
}

}  // namespace settings
