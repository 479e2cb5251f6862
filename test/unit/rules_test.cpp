#include "event/rules.hpp"

#include <gtest/gtest.h>

#include "payload.hpp"

namespace tc::event {
namespace {

const char* const kSale =
    R"([{"rule": "product", "field": "revenue", "of": ["quantity", "unitPrice"]}])";

std::string said(std::string_view payload, std::string_view rules = kSale) {
  const Payload fields(payload);
  Reasons reasons;
  Rules::compile(rules).check(fields, reasons);
  return shown(reasons);
}

TEST(Rules, ProductHoldsToTheCent) {
  EXPECT_EQ(said(R"({"quantity": 12, "unitPrice": 349.99, "revenue": 4199.88})"), "");
  EXPECT_EQ(said(R"({"quantity": 3, "unitPrice": 0.333, "revenue": 1.00})"), "");
  EXPECT_EQ(said(R"({"quantity": 3, "unitPrice": 0.335, "revenue": 1.00})"), "");  // 1.005
  EXPECT_EQ(said(R"({"quantity": 3, "unitPrice": 0.335, "revenue": 1.01})"), "");
  EXPECT_EQ(said(R"({"quantity": 1, "unitPrice": 1.0051, "revenue": 1})"), "product/revenue");
  EXPECT_EQ(said(R"({"quantity": 1, "unitPrice": 1.01, "revenue": 1})"), "product/revenue");
  EXPECT_EQ(said(R"({"quantity": -2, "unitPrice": 5, "revenue": -10})"), "");
  EXPECT_EQ(said(R"({"quantity": -2, "unitPrice": 5, "revenue": 10})"), "product/revenue");
  EXPECT_EQ(said(R"({"quantity": 1e30, "unitPrice": 1e30, "revenue": 1})"), "product/revenue");
}

TEST(Rules, AreSilentWhereTheSchemaSpeaks) {
  EXPECT_EQ(said(R"({"quantity": 12, "unitPrice": 349.99})"), "");
  EXPECT_EQ(said(R"({"quantity": "12", "unitPrice": 349.99, "revenue": 1})"), "");
  EXPECT_EQ(said(R"({"quantity": 1e400, "unitPrice": 1, "revenue": 1})"), "");
  EXPECT_EQ(said("{}"), "");
}

TEST(Rules, SayWhatWasExpectedAndFound) {
  const Payload fields(R"({"quantity": 2, "unitPrice": 10.5, "revenue": 20})");
  Reasons reasons;
  Rules::compile(kSale).check(fields, reasons);
  ASSERT_EQ(reasons.size(), 1U);
  EXPECT_EQ(reasons[0].message,
            "revenue must be quantity × unitPrice = 21 to the cent, but is 20.");
}

TEST(Rules, CanBeNone) {
  EXPECT_EQ(said(R"({"revenue": 1})", ""), "");
  EXPECT_EQ(said(R"({"revenue": 1})", " \n"), "");
  EXPECT_EQ(said(R"({"revenue": 1})", "[]"), "");
}

TEST(Rules, RefuseWhatTheyDoNotKnow) {
  const auto place = [](std::string_view rules) -> std::string {
    try {
      Rules::compile(rules);
    } catch (const SchemaError& error) {
      return error.pointer.empty() ? "-" : error.pointer;
    }
    return "accepted";
  };
  EXPECT_EQ(place("{"), "-");
  EXPECT_EQ(place("{}"), "-");
  EXPECT_EQ(place("[1]"), "/0");
  EXPECT_EQ(place(R"([{"rule": "sum", "field": "a", "of": ["b", "c"]}])"), "/0/rule");
  EXPECT_EQ(place(R"([{"field": "a", "of": ["b", "c"]}])"), "/0/rule");
  EXPECT_EQ(place(R"([{"rule": "product", "of": ["b", "c"]}])"), "/0/field");
  EXPECT_EQ(place(R"([{"rule": "product", "field": "", "of": ["b", "c"]}])"), "/0/field");
  EXPECT_EQ(place(R"([{"rule": "product", "field": "a", "of": ["b"]}])"), "/0/of");
  EXPECT_EQ(place(R"([{"rule": "product", "field": "a", "of": ["b", 1]}])"), "/0/of");
  EXPECT_EQ(place(R"([{"rule": "product", "field": "a", "of": "bc"}])"), "/0/of");
  EXPECT_EQ(place(R"([{"rule": "product", "field": "a", "of": ["b", "c"], "x": 1}])"), "/0/x");
}

}  // namespace
}  // namespace tc::event
