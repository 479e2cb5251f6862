// Arbitrary bytes as a response's body: a reply has a text in valid UTF-8, a fault has a name, a
// message that can be shown, and a SQLSTATE.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/text.hpp"
#include "llm/reply.hpp"

namespace {

using namespace tc::llm;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Fault& fault) {
  require(!fault.code.empty() && !fault.message.empty());
  require(tc::is_valid_utf8(fault.message) && fault.message.find('\n') == std::string::npos);
  require(sqlstate_of(fault).size() == 5);
  require(!fault.wait_ms || (*fault.wait_ms > 0 && *fault.wait_ms <= 300'000));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (const Api api : {Api::OpenAi, Api::Anthropic, Api::Ollama}) {
    const Decoded decoded = decode_reply(api, body);
    if (const Reply* reply = std::get_if<Reply>(&decoded)) {
      require(tc::is_valid_utf8(reply->text) && !reply->text.empty());
    } else {
      check(std::get<Failure>(decoded).fault);
    }
    const int status = 100 + (data[0] * 256 + data[1]) % 500;
    const std::string_view word = body.substr(0, body.find('\n'));
    check(classify_status(
        api, status, body,
        {{"retry-after", std::string(word)}, {"retry-after-ms", std::string(body.substr(0, 5))}},
        1'700'000'000));
    const auto embeddings = decode_embeddings(api, body, data[0] % 4);
    if (const Embeddings* found = std::get_if<Embeddings>(&embeddings)) {
      for (const auto& vector : found->vectors) {
        for (const float number : vector) require(std::isfinite(number));
      }
    } else {
      check(std::get<Fault>(embeddings));
    }
  }
  return 0;
}
