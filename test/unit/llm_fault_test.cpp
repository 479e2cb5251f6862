#include "llm/fault.hpp"

#include <gtest/gtest.h>

namespace tc::llm {
namespace {

Fault status(int code, std::string_view body = "", const Headers& headers = {}) {
  return classify_status(Api::OpenAi, code, body, headers, 0);
}
std::string said(const Fault& fault) {
  return std::string(outcome_name(fault.outcome)) + "/" + fault.code + "/" +
         std::string(sqlstate_of(fault));
}

TEST(Fault, TransportByCurlsCode) {
  const auto transport = [](int code) { return said(classify_transport(code, Broken::None, "")); };
  EXPECT_EQ(transport(6), "retry/unresolved/08006");
  EXPECT_EQ(transport(7), "retry/refused/08006");
  EXPECT_EQ(transport(18), "retry/truncated/08006");
  EXPECT_EQ(transport(28), "retry/timeout/08006");
  EXPECT_EQ(transport(27), "fail/headers_too_large/54000");
  EXPECT_EQ(transport(35), "fail/tls/08001");
  EXPECT_EQ(transport(52), "retry/empty_reply/08006");
  EXPECT_EQ(transport(60), "fail/certificate/08001");
  EXPECT_EQ(transport(61), "retry/bad_encoding/08006");
  EXPECT_EQ(transport(92), "retry/http2/08006");
  EXPECT_EQ(transport(12345), "retry/transport/08006");
}

TEST(Fault, OurOwnLimitsGoBeforeCurlsCode) {
  EXPECT_EQ(said(classify_transport(23, Broken::TooLarge, "")), "fail/too_large/54000");
  EXPECT_EQ(said(classify_transport(23, Broken::HeadersTooLarge, "")),
            "fail/headers_too_large/54000");
  EXPECT_EQ(said(classify_transport(7, Broken::ForbiddenAddress, "")),
            "fail/forbidden_address/42501");
  EXPECT_EQ(said(classify_transport(42, Broken::Timeout, "")), "retry/timeout/08006");
}

TEST(Fault, EachStatusHasOneOutcome) {
  EXPECT_EQ(said(status(400)), "fail/bad_request/TC403");
  EXPECT_EQ(said(status(401)), "fail/bad_key/28000");
  EXPECT_EQ(said(status(402)), "fail/no_credit/53000");
  EXPECT_EQ(said(status(403)), "fail/forbidden/28000");
  EXPECT_EQ(said(status(404)), "fail/not_found/TC403");
  for (const int code : {408, 409, 425}) EXPECT_EQ(said(status(code)), "retry/busy/08006") << code;
  EXPECT_EQ(said(status(413)), "fail/request_too_large/54000");
  EXPECT_EQ(said(status(422)), "fail/unprocessable/TC403");
  EXPECT_EQ(said(status(418)), "fail/bad_request/TC403");
  EXPECT_EQ(said(status(429)), "wait/rate_limited/53400");
  for (const int code : {500, 502, 503, 504, 520, 524, 599}) {
    EXPECT_EQ(said(status(code)), "retry/server_error/08006") << code;
  }
  EXPECT_EQ(said(status(529)), "retry/overloaded/08006");
  EXPECT_EQ(said(status(204)), "retry/empty_reply/08006");
  EXPECT_EQ(said(status(307)), "fail/redirect/42501");
  EXPECT_EQ(said(status(101)), "fail/odd_status/TC403");
}

TEST(Fault, OnlyKeysAndCreditOpenTheCircuit) {
  EXPECT_TRUE(status(401).opens_circuit);
  EXPECT_TRUE(status(402).opens_circuit);
  EXPECT_TRUE(status(403).opens_circuit);
  EXPECT_FALSE(status(400).opens_circuit);
  EXPECT_FALSE(status(429).opens_circuit);
  EXPECT_FALSE(status(500).opens_circuit);
  EXPECT_TRUE(status(429, R"({"error": {"code": "insufficient_quota"}})").opens_circuit);
}

TEST(Fault, TheProvidersWordsSayMoreThanTheStatus) {
  EXPECT_EQ(said(status(429, R"({"error": {"type": "insufficient_quota", "message": "m"}})")),
            "fail/no_credit/53000");
  EXPECT_EQ(said(status(400, R"({"error": {"code": "context_length_exceeded"}})")),
            "fail/context_length/54000");
  EXPECT_EQ(said(status(500, R"({"error": {"code": 500, "message": "[json.exception.parse_error]",
                               "type": "server_error"}})")),
            "fail/bad_request/TC403");
  EXPECT_EQ(said(status(500, R"({"error": {"type": "server_error", "message": "oops"}})")),
            "retry/server_error/08006");
  EXPECT_EQ(said(status(529, R"({"type":"error","error":{"type":"overloaded_error"}})")),
            "retry/overloaded/08006");
  EXPECT_EQ(said(status(404, R"({"error": "model 'x' not found"})")), "fail/not_found/TC403");
  EXPECT_EQ(status(404, R"({"error": "model 'x' not found"})").message,
            "the model or the path does not exist there: model 'x' not found");
}

TEST(Fault, TheServerMaySayWhenAndWhether) {
  const Fault waits = status(503, "", {{"retry-after", "2"}});
  EXPECT_EQ(said(waits), "wait/server_error/53400");
  EXPECT_EQ(waits.wait_ms, 2000);
  EXPECT_EQ(status(429, "", {{"retry-after", "2"}}).wait_ms, 2000);
  EXPECT_EQ(status(429).wait_ms, std::nullopt);
  EXPECT_EQ(status(500, "", {{"x-should-retry", "false"}}).outcome, Outcome::Fail);
  EXPECT_EQ(status(400, "", {{"x-should-retry", "true"}}).outcome, Outcome::Retry);
  EXPECT_EQ(status(400, "", {{"x-should-retry", "perhaps"}}).outcome, Outcome::Fail);
  EXPECT_EQ(status(402, "", {{"x-should-retry", "true"}}).outcome, Outcome::Fail);
}

TEST(Fault, WebPagesAndKeysAreNotShown) {
  EXPECT_EQ(status(503, "<html><body>Bad gateway</body></html>").message,
            "the model's server failed");
  EXPECT_EQ(presentable(" <!DOCTYPE html>"), "");
  EXPECT_EQ(presentable("\xff"), "");
  EXPECT_EQ(presentable("Incorrect API key provided: sk-proj-ab***c9. You can find"),
            "Incorrect API key provided: sk-***. You can find");
  EXPECT_EQ(presentable("a\r\nb\tc."), "a b c");
  EXPECT_LE(presentable(std::string(1000, 'x')).size(), 310U);
  EXPECT_EQ(redact("key=0123456789 and 0123456789!", "0123456789"), "key=*** and ***!");
  EXPECT_EQ(redact("a short key stays: abc", "abc"), "a short key stays: abc");
}

TEST(Fault, ErrorsInsideA200) {
  const auto provider = [](std::string_view body) {
    const auto error = read_error(body);
    return error ? said(classify_provider_error(*error)) : "none";
  };
  EXPECT_EQ(provider(R"({"error": {"type": "overloaded_error"}})"), "retry/overloaded/08006");
  EXPECT_EQ(provider(R"({"error": {"code": 401, "message": "no"}})"), "fail/bad_key/28000");
  EXPECT_EQ(provider(R"({"error": {"code": 503}})"), "retry/server_error/08006");
  EXPECT_EQ(provider(R"({"error": "something"})"), "retry/provider_error/08006");
  EXPECT_EQ(provider(R"({"error": null})"), "none");
  EXPECT_EQ(provider(R"({"ok": 1})"), "none");
  EXPECT_EQ(provider("nonsense"), "none");
}

}  // namespace
}  // namespace tc::llm
