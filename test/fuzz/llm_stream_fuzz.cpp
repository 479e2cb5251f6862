// Arbitrary bytes as a stream of each protocol: however they are cut, what is heard is the same,
// and text is always valid UTF-8.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "llm/stream.hpp"

namespace {

using namespace tc::llm;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string hear(Api api, std::string_view bytes, std::size_t piece) {
  ReplyStream stream(api);
  std::string heard;
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    const std::string fresh = stream.feed(bytes.substr(i, piece));
    require(tc::is_valid_utf8(fresh));
    heard += fresh;
  }
  const Decoded end = stream.finish();
  if (const Reply* reply = std::get_if<Reply>(&end)) {
    require(tc::is_valid_utf8(reply->text) && !reply->text.empty());
    return "reply " + reply->text + " " + heard;
  }
  return "fault " + std::get<Failure>(end).fault.code + " " + heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const Api api : {Api::OpenAi, Api::Anthropic, Api::Ollama}) {
    const std::string whole = hear(api, bytes, size + 1);
    require(hear(api, bytes, 1) == whole);
    require(hear(api, bytes, 7) == whole);
  }
  return 0;
}
