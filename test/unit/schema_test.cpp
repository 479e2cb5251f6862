#include "event/schema.hpp"

#include <gtest/gtest.h>

#include "event/envelope.hpp"
#include "event/reader.hpp"

namespace tc::event {
namespace {
TEST(Schema, Smoke) {
  const Schema schema = Schema::compile(
      R"({"type":"object","properties":{"a":{"type":"number","minimum":0,"format":"amount"},
          "b":{"type":"string","pattern":"^[a-c]+$"},"c":{"type":"string","enum":["in","out"]}},
          "required":["a"],"additionalProperties":false})");
  Reader reader(R"([{"eventType":"x","month":"2024-01","b":"abd","c":"uot","d":1,"a":-1.00001}])");
  FlatEvent event;
  ASSERT_TRUE(reader.next(event));
  Envelope envelope;
  std::vector<Field> payload;
  Reasons reasons;
  take_apart(event.fields, envelope, payload, reasons);
  EXPECT_TRUE(reasons.empty());
  schema.check(payload, reasons);
  for (const Reason& reason : reasons) {
    printf("%s %s: %s\n", reason.pointer.c_str(), reason.rule.c_str(), reason.message.c_str());
  }
  EXPECT_EQ(reasons.size(), 5U);
}
}  // namespace
}  // namespace tc::event
