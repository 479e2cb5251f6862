// What every telling keeps: the same bytes whoever tells it, and sound events.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>

#include "event/envelope.hpp"
#include "event/reader.hpp"
#include "event/rules.hpp"
#include "simulation_world.hpp"

namespace tc::simulation {
namespace {

std::vector<std::string> quarters_of(const Engine& engine, bool backwards) {
  std::vector<std::string> quarters(static_cast<std::size_t>(engine.quarters()));
  Batch batch;
  for (int i = 0; i < engine.quarters(); ++i) {
    const int quarter = backwards ? engine.quarters() - 1 - i : i;
    engine.generate(quarter, batch);
    std::string& text = quarters[static_cast<std::size_t>(quarter)];
    for (const Event& event : batch.events) {
      text += batch.text_of(event);
      append_canonical(batch, event, text);
    }
  }
  return quarters;
}

TEST(SimulationEngine, TellsQuartersInAnyOrder) {
  for (const Request& request : sample()) {
    const Engine engine(resolve(request));
    const auto told = quarters_of(engine, false);
    EXPECT_EQ(told, quarters_of(engine, true));
    EXPECT_EQ(told, quarters_of(Engine(resolve(request)), true));
  }
}

TEST(SimulationEngine, FourProcessesTellTheSame) {
  const Configuration configuration = resolve(request("Industrials", "small"));
  const std::vector<std::string> told = quarters_of(Engine(configuration), false);
  for (int process = 0; process < 4; ++process) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const Engine engine(configuration);
      Batch batch;
      bool same = true;
      for (int quarter = process; quarter < engine.quarters(); quarter += 4) {
        engine.generate(quarter, batch);
        std::string text;
        for (const Event& event : batch.events) {
          text += batch.text_of(event);
          append_canonical(batch, event, text);
        }
        same = same && text == told[static_cast<std::size_t>(quarter)];
      }
      _exit(same ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

// What a simulation once told it tells for ever: a change of these numbers is a change of the
// product, to be told in the change log.
TEST(SimulationEngine, TellsTheSameBytesAsEver) {
  const auto hash = [](const Request& request) { return hash_text(lines_of(tell(request))); };
  EXPECT_EQ(hash(request("Consumer Staples", "micro", "baseline", "AT", 12)),
            16518132715771675014U);
  EXPECT_EQ(hash(request("Industrials", "small", "growth", "CH", 12)), 8358602389920973949U);
  EXPECT_EQ(hash(request("Energy", "micro", "recession", "US", 12)), 1751285261359727021U);
}

TEST(SimulationEngine, SeedAndNameMakeOtherCompanies) {
  Request one = request("Industrials", "micro");
  const std::string told = lines_of(tell(one));
  EXPECT_EQ(told, lines_of(tell(one)));
  one.seed = 1;
  EXPECT_NE(told, lines_of(tell(one)));
  one.seed = 0;
  one.company = "Another";
  EXPECT_NE(told, lines_of(tell(one)));
}

// Figures are the company's; ids are the scenario's.
TEST(SimulationEngine, AScenarioNameChangesIdsAlone) {
  Request one = request("Industrials", "micro", "baseline", "DE", 6);
  const Story& told = tell(one);
  one.scenario = "Actual";
  const Story& other = tell(one);
  ASSERT_EQ(told.size(), other.size());
  std::multiset<std::string> lines;
  std::multiset<std::string> other_lines;
  std::set<std::string> ids;
  for (const Told& t : told) lines.insert(t.canonical), ids.insert(to_string(t.id));
  for (const Told& t : other) other_lines.insert(t.canonical), ids.insert(to_string(t.id));
  EXPECT_EQ(lines, other_lines);
  EXPECT_EQ(ids.size(), told.size() + other.size());
}

TEST(SimulationEngine, TwentyFourMonthsAreTheFirstOfThirtySix) {
  for (Request request : sample()) {
    request.months = 36;
    const std::string longer = lines_of(tell(request));
    request.months = 24;
    const std::string shorter = lines_of(tell(request));
    EXPECT_GT(shorter.size(), 10'000U);
    EXPECT_TRUE(longer.starts_with(shorter)) << request.company;
  }
}

TEST(SimulationEngine, QuartersCoverTheHorizon) {
  Request request = tc::simulation::request("Energy", "micro");
  request.starts = "2023-02";
  request.months = 12;
  const Engine engine(resolve(request));
  EXPECT_EQ(engine.quarters(), 5);
  EXPECT_EQ(engine.quarter_label(0), "2023-Q1");
  EXPECT_EQ(engine.quarter_label(4), "2024-Q1");
  EXPECT_EQ(engine.quarter_months(0),
            std::make_pair(*parse_month("2023-02"), *parse_month("2023-03")));
  EXPECT_EQ(engine.quarter_months(4),
            std::make_pair(*parse_month("2024-01"), *parse_month("2024-01")));
  std::set<int> months;
  for (const Told& told : tell(engine)) months.insert(told.month);
  EXPECT_EQ(months.size(), 13U);
  EXPECT_EQ(*months.begin(), -1);
  EXPECT_EQ(*months.rbegin(), 11);
}

// What is wrong with the order of events; "" when nothing is.
std::string disorder(const Story& story) {
  for (std::size_t i = 1; i < story.size(); ++i) {
    if (std::tie(story[i - 1].ts, story[i - 1].id) >= std::tie(story[i].ts, story[i].id)) {
      return story[i].canonical;
    }
  }
  return "";
}

TEST(SimulationEngine, EventsComeInOrderUnderIdsOfTheirOwn) {
  for (const Request& request : sample()) {
    Story story = tell(request);
    EXPECT_EQ(disorder(story), "");
    std::set<std::string> ids;
    for (const Told& told : story) {
      ids.insert(to_string(told.id));
      EXPECT_EQ(told.id.bytes[6] >> 4, 7);
      EXPECT_EQ(told.id.bytes[8] >> 6, 2);
    }
    EXPECT_EQ(ids.size(), story.size());
    std::swap(story[3], story[4]);
    EXPECT_NE(disorder(story), "");
  }
}

// The envelope and the payload as append_events() reads them; the payload's keys in JSONB's order;
// numbers as they will be printed. What is wrong, or "".
std::string unsound(std::string_view text, std::string_view payload) {
  const std::string list = "[" + std::string(text) + "]";
  event::Reader reader(list);
  event::FlatEvent flat;
  if (!reader.next(flat)) return "not an event";
  event::Envelope envelope;
  std::vector<event::Field> fields;
  event::Reasons reasons = flat.problems;
  event::take_apart(flat.fields, envelope, fields, reasons);
  static const event::Rules kRules = event::Rules::compile(
      R"([{"rule": "product", "field": "revenue", "of": ["quantity", "unitPrice"]},
          {"rule": "product", "field": "taxAmount", "of": ["baseAmount", "taxRate"]}])");
  kRules.check(fields, reasons);
  if (!reasons.empty()) return reasons.front().pointer + " " + reasons.front().message;
  if (!envelope.event_ts || !envelope.event_id) return "no time or id";
  std::string printed = "{";
  for (const event::Field& field : fields) {
    if (printed.size() > 1) printed += ", ";
    printed += json_string(field.key) + ": ";
    if (field.value.kind == event::Kind::String) printed += json_string(field.value.text);
    if (field.value.kind == event::Kind::Boolean) printed += field.value.boolean ? "true" : "false";
    if (field.value.kind != event::Kind::Number) continue;
    printed += to_string(*field.value.number);
    if (field.value.number->scale > 4 && field.key != "taxRate") return "too many decimals";
  }
  printed += "}";
  return printed == payload ? "" : printed + " is not " + std::string(payload);
}

TEST(SimulationEngine, EventsAreSoundAndWrittenAsTheServerWould) {
  for (Request request : sample()) {
    request.regions = R"(["No\"rd\\", "Süd\tost"])";
    const Engine engine(resolve(request));
    Batch batch;
    for (const int quarter : {0, 4}) {
      engine.generate(quarter, batch);
      for (const Event& event : batch.events) {
        std::string line;
        append_canonical(batch, event, line);
        const std::string payload =
            line.substr(line.find('{'), line.rfind('}') - line.find('{') + 1);
        ASSERT_EQ(unsound(batch.text_of(event), payload), "");
      }
    }
  }
}

TEST(SimulationEngine, UnsoundEventsAreNoticed) {
  const std::string head = R"({"eventType": "sale", "eventTs": "2024-01-03 10:00:00",)"
                           R"( "eventId": "018cce6e-3d80-7000-8000-000000000001", )";
  const std::string good = R"({"cogs": 4, "revenue": 12.5, "quantity": 5, "unitPrice": 2.5})";
  EXPECT_EQ(unsound(head + good.substr(1), good), "");
  std::string other = good;
  other.replace(other.find("12.5"), 4, "12.6");
  EXPECT_NE(unsound(head + other.substr(1), other), "");
  const std::string unordered = R"({"revenue": 12.5, "cogs": 4, "quantity": 5, "unitPrice": 2.5})";
  EXPECT_NE(unsound(head + unordered.substr(1), unordered), "");
  const std::string padded = R"({"cogs": 4, "revenue": 12.50, "quantity": 5, "unitPrice": 2.5})";
  EXPECT_NE(unsound(head + padded.substr(1), padded), "");
}

TEST(SimulationEngine, VolumesAreWhatSizesPromise) {
  const auto yearly = [](const char* size) {
    return tell(request("Industrials", size, "baseline", "DE", 12)).size();
  };
  EXPECT_GE(yearly("small"), 2000U);
  EXPECT_LE(yearly("small"), 5000U);
  EXPECT_LE(yearly("large"), 12'000U);
  const Story& micro = tell(request("Industrials", "micro"));
  EXPECT_GE(std::count_if(micro.begin(), micro.end(),
                          [](const Told& told) { return told.type == EventType::Sale; }),
            1200);
}

TEST(SimulationEngine, TheDocumentSaysWhatWasSimulated) {
  Request request = tc::simulation::request("30", "small");
  request.narrative = R"([{"month": "2023-06", "event": "Strike at \"Nord\""}])";
  request.starting_state = R"({"revenueRunRate": 1234567.89, "employees": 14, "cash": 250000})";
  const event::Json document = event::parse_json(Engine(resolve(request)).scenario_document());
  const auto at = [](const event::Json& json, const char* key) { return *json.member(key); };
  EXPECT_EQ(at(at(document, "companyProfile"), "gicsSector").text, "Consumer Staples");
  EXPECT_EQ(to_string(at(at(document, "startingState"), "revenueRunRate").number), "1234567.89");
  const event::Json beat = at(document, "narrative").items[0];
  EXPECT_EQ(at(beat, "word").text, "strike");
  EXPECT_EQ(at(beat, "changeFrom").text, "lexicon");
  EXPECT_EQ(to_string(at(beat, "change").number), "-0.15");
  // The narrative of a document can be told again.
  request.narrative = to_text(at(document, "narrative"));
  EXPECT_EQ(resolve(request).beats[0].change, -kOne * 15 / 100);
}

}  // namespace
}  // namespace tc::simulation
