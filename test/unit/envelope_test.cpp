#include "event/envelope.hpp"

#include <gtest/gtest.h>

#include "payload.hpp"

namespace tc::event {
namespace {

struct Taken {
  explicit Taken(std::string_view text) : event(text) {
    take_apart(event.fields(), envelope, payload, reasons);
  }
  std::string said() const { return shown(reasons); }
  std::string time() const {
    if (!envelope.event_ts) return "";
    return date_label(static_cast<Date>(*envelope.event_ts / kMicrosecondsPerDay)) + "+" +
           std::to_string(*envelope.event_ts % kMicrosecondsPerDay / 1'000'000);
  }

  Payload event;
  Envelope envelope;
  std::vector<Field> payload;
  Reasons reasons;
};

constexpr const char* kUuid = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f";

TEST(Envelope, TakesItsFieldsAndLeavesThePayloadSorted) {
  const Taken taken(
      R"({"unitPrice": 1, "eventType": "sale", "month": "2024-03", "cogs": 2, "eventId":
          "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f", "schemaVersion": 2, "source": "crm",
          "company": "Acme", "scenario": "AC", "product": "p", "dates": 1})");
  EXPECT_EQ(taken.said(), "");
  EXPECT_EQ(taken.envelope.event_type, "sale");
  EXPECT_EQ(taken.time(), "2024-03-01+0");
  EXPECT_EQ(to_string(taken.envelope.event_id.value()), kUuid);
  EXPECT_EQ(taken.envelope.reverses, std::nullopt);
  EXPECT_EQ(taken.envelope.schema_version, 2);
  EXPECT_EQ(taken.envelope.source, "crm");
  EXPECT_EQ(taken.envelope.company, "Acme");
  EXPECT_EQ(taken.envelope.scenario, "AC");
  ASSERT_EQ(taken.payload.size(), 4U);
  EXPECT_EQ(taken.payload[0].key, "cogs");
  EXPECT_EQ(taken.payload[1].key, "dates");
  EXPECT_EQ(taken.payload[2].key, "product");
  EXPECT_EQ(taken.payload[3].key, "unitPrice");
}

TEST(Envelope, TakesTheMostExactTime) {
  const auto time = [](const std::string& fields) {
    const Taken taken(R"({"eventType": "sale", )" + fields + "}");
    return taken.time() + (taken.reasons.empty() ? "" : " " + taken.said());
  };
  EXPECT_EQ(time(R"("date": "2024-03-15")"), "2024-03-15+0");
  EXPECT_EQ(time(R"("eventTs": "2024-03-15T01:00:00+09:00")"), "2024-03-15+3600");
  EXPECT_EQ(time(R"("month": "2024-03", "date": "2024-03-15")"), "2024-03-15+0");
  EXPECT_EQ(time(R"("month": "2024-03", "date": "2024-03-31", "eventTs": "2024-03-31T23:59")"),
            "2024-03-31+86340");
  EXPECT_EQ(time(R"("month": "2024-03", "date": "2024-04-01")"), "2024-04-01+0 conflict/month");
  EXPECT_EQ(time(R"("date": "2024-03-14", "eventTs": "2024-03-15T00:00")"),
            "2024-03-15+0 conflict/date");
  EXPECT_EQ(time(R"("month": "2024-02", "date": "2024-03-14", "eventTs": "2024-03-15T00:00")"),
            "2024-03-15+0 conflict/date conflict/month");
}

TEST(Envelope, ReportsWhatIsMissing) {
  EXPECT_EQ(Taken("{}").said(), "required/eventType required");
  EXPECT_EQ(Taken(R"({"eventType": "sale"})").said(), "required");
  EXPECT_EQ(Taken(R"({"month": "2024-01"})").said(), "required/eventType");
  EXPECT_EQ(Taken(R"({"eventType": null, "month": null})").said(), "required/eventType required");
}

TEST(Envelope, ReportsWhatIsWrong) {
  const auto said = [](const std::string& field) {
    return Taken(R"({"eventType": "sale", "month": "2024-01", )" + field + "}").said();
  };
  EXPECT_EQ(Taken(R"({"eventType": "sale", "month": "2024-13"})").said(), "format/month");
  EXPECT_EQ(Taken(R"({"eventType": "sale", "month": 202401})").said(), "type/month");
  EXPECT_EQ(Taken(R"({"eventType": "sale", "date": "2024-02-30"})").said(), "format/date");
  EXPECT_EQ(Taken(R"({"eventType": "sale", "eventTs": "yesterday"})").said(), "format/eventTs");
  EXPECT_EQ(Taken(R"({"eventType": 7, "month": "2024-01"})").said(), "type/eventType");
  EXPECT_EQ(Taken(R"({"eventType": "", "month": "2024-01"})").said(), "minLength/eventType");
  EXPECT_EQ(said(R"("eventId": "7")"), "format/eventId");
  EXPECT_EQ(said(R"("eventId": 7)"), "type/eventId");
  EXPECT_EQ(said(R"("reverses": "7")"), "format/reverses");
  EXPECT_EQ(said(R"("schemaVersion": 0)"), "minimum/schemaVersion");
  EXPECT_EQ(said(R"("schemaVersion": 1.5)"), "minimum/schemaVersion");
  EXPECT_EQ(said(R"("schemaVersion": 99999999999)"), "minimum/schemaVersion");
  EXPECT_EQ(said(R"("schemaVersion": 1e400)"), "minimum/schemaVersion");
  EXPECT_EQ(said(R"("schemaVersion": "1")"), "type/schemaVersion");
  EXPECT_EQ(said(R"("schemaVersion": 1.0)"), "");
  EXPECT_EQ(said(R"("source": 1)"), "type/source");
  EXPECT_EQ(said(R"("company": [])"), "type/company");
  EXPECT_EQ(said(R"("eventId": null)"), "");
  const Taken both(R"({"eventId": "x", "month": "2024-13"})");
  EXPECT_EQ(both.said(), "format/month format/eventId required/eventType");
  EXPECT_EQ(both.reasons[0].message, "month must be a month like 2024-03, but is \"2024-13\".");
}

TEST(Envelope, AReversalMayLeaveOutTypeAndTime) {
  const Taken taken(R"({"reverses": ")" + std::string(kUuid) + "\"}");
  EXPECT_EQ(taken.said(), "");
  EXPECT_EQ(to_string(taken.envelope.reverses.value()), kUuid);
  EXPECT_EQ(taken.envelope.event_type, "");
  EXPECT_EQ(taken.envelope.event_ts, std::nullopt);
  EXPECT_EQ(Taken(R"({"reverses": "x"})").said(), "format/reverses");
}

TEST(Envelope, ForgetsTheEventBefore) {
  Taken taken(R"({"eventType": "sale", "month": "2024-01", "a": 1, "schemaVersion": 3})");
  take_apart({}, taken.envelope, taken.payload, taken.reasons);
  EXPECT_EQ(taken.envelope.event_type, "");
  EXPECT_EQ(taken.envelope.schema_version, std::nullopt);
  EXPECT_TRUE(taken.payload.empty());
}

}  // namespace
}  // namespace tc::event
