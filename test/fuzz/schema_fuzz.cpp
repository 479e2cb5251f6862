// Arbitrary bytes as a schema, and behind a NUL as a payload for it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "event/reader.hpp"
#include "event/schema.hpp"

namespace {

using namespace tc::event;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Schema& schema, std::string_view payload) {
  const std::string text = "[" + std::string(payload) + "]";
  try {
    Reader reader(text);
    FlatEvent event;
    while (reader.next(event)) {
      std::sort(event.fields.begin(), event.fields.end(),
                [](const Field& a, const Field& b) { return key_less(a.key, b.key); });
      Reasons reasons;
      schema.check(event.fields, reasons);
      for (const Reason& reason : reasons) {
        require(!reason.rule.empty() && !reason.message.empty());
        require(reason.rule != "schema");  // an assertion of RapidJSON's
      }
      Reasons again;
      schema.check(event.fields, again);
      require(again.size() == reasons.size());
    }
  } catch (const ReadError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view schema_text = text.substr(0, text.find('\0'));
  const std::string_view payload =
      schema_text.size() < text.size() ? text.substr(schema_text.size() + 1) : std::string_view();
  try {
    const Schema schema = Schema::compile(schema_text);
    check(schema, "{}");
    check(schema, R"({"a": 1, "bb": "text", "c": [1, {"d": null}], "x": {"a": 1.5}})");
    check(schema, payload);
  } catch (const SchemaError&) {
  }
  return 0;
}
