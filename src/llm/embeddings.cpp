// Embeddings are read without a tree, which would take a hundred bytes for each number.
#include <charconv>
#include <cmath>

#include "event/json_input.hpp"
#include "llm/reply.hpp"

namespace tc::llm {
namespace {

// Gathers the numbers of
//   {"data": [{"index": 0, "embedding": [0.1, …]}, …]}   OpenAI
//   {"embeddings": [[0.1, …], …]}                        Ollama
// and leaves the rest to a tree of the text without them (see without_vectors).
class Handler {
 public:
  explicit Handler(Api api) : api_(api) {}
  std::vector<std::vector<float>> vectors;
  std::vector<std::int64_t> indexes;
  bool is_finite = true;

  bool Null() { return skip(); }
  bool Bool(bool) { return skip(); }
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view number(text, length);
    if (in_vector()) return add(number);
    if (api_ == Api::OpenAi && depth_ == 3 && key_ == "index" && !indexes.empty()) {
      return read_index(number);
    }
    return true;
  }
  bool String(const char*, rapidjson::SizeType, bool) { return !in_vector(); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    key_.assign(text, length);
    if (depth_ == 1) top_key_ = key_;
    return true;
  }
  bool StartObject() {
    if (in_vector() || !enter()) return false;
    if (api_ == Api::OpenAi && depth_ == 3 && top_key_ == "data") {
      vectors.emplace_back();
      indexes.push_back(static_cast<std::int64_t>(indexes.size()));
    }
    return true;
  }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() {
    if (in_vector() || !enter()) return false;
    if (api_ == Api::OpenAi && depth_ == 4 && top_key_ == "data" && key_ == "embedding") {
      vector_depth_ = depth_;
    }
    if (api_ == Api::Ollama && depth_ == 3 && top_key_ == "embeddings") {
      vectors.emplace_back();
      vector_depth_ = depth_;
    }
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    if (in_vector()) vector_depth_ = 0;
    return leave();
  }

 private:
  bool skip() const { return !in_vector(); }
  bool in_vector() const { return vector_depth_ != 0; }
  bool enter() { return ++depth_ <= 64; }
  bool leave() {
    --depth_;
    return true;
  }
  bool add(std::string_view number) {
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error == std::errc::result_out_of_range) {
      is_finite = is_finite && number.find("e-") != std::string_view::npos;
      value = 0;
    } else if (error != std::errc() || end != number.data() + number.size()) {
      return false;
    }
    const auto narrow = static_cast<float>(value);
    if (!std::isfinite(narrow)) is_finite = false;
    vectors.back().push_back(narrow);
    return true;
  }
  bool read_index(std::string_view number) {
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), indexes.back());
    return error == std::errc() && end == number.data() + number.size();
  }

  Api api_;
  std::string top_key_, key_;
  int depth_ = 0;
  int vector_depth_ = 0;
};

// `body` with each innermost array of numbers emptied, so that a tree of it is small.
std::string without_vectors(std::string_view body) {
  std::string result;
  bool quoted = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (!quoted && c == '[') {
      const std::size_t end = body.find_first_not_of("0123456789+-.eE, \t\r\n", i + 1);
      result += c;
      if (end != std::string_view::npos && body[end] == ']') i = end - 1;
      continue;
    }
    if (c == '"') quoted = !quoted;
    result += c;
    if (quoted && c == '\\' && i + 1 < body.size()) result += body[++i];
  }
  return result;
}

Fault odd(std::string message) {
  return make_fault(Outcome::Retry, "bad_embedding", std::move(message));
}

// Puts the vectors into the order of the texts; false when the indexes are not 0 … count - 1.
bool put_in_order(std::vector<std::vector<float>>& vectors,
                  const std::vector<std::int64_t>& indexes) {
  std::vector<std::vector<float>> ordered(vectors.size());
  std::vector<bool> is_set(vectors.size());
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const auto at = static_cast<std::size_t>(indexes[i]);
    if (at >= vectors.size() || is_set[at]) return false;
    is_set[at] = true;
    ordered[at] = std::move(vectors[i]);
  }
  vectors = std::move(ordered);
  return true;
}

}  // namespace

std::variant<Embeddings, Fault> decode_embeddings(Api api, std::string_view body,
                                                  std::size_t count) {
  body = without_bom(body);
  const auto envelope = parse_envelope(without_vectors(body));
  if (!envelope) return odd("the response is not JSON, or was cut off");
  if (const auto error = read_error(*envelope)) return classify_provider_error(*error);
  event::Input input(body);
  event::JsonReader reader;
  Handler handler(api);
  if (reader.Parse<event::kJsonFlags>(input, handler).IsError()) {
    return odd("the response holds no vectors of numbers");
  }
  if (handler.vectors.size() != count) {
    return odd("the response holds " + std::to_string(handler.vectors.size()) + " vectors for " +
               std::to_string(count) + " texts");
  }
  if (api == Api::OpenAi && !put_in_order(handler.vectors, handler.indexes)) {
    return odd("the response does not say which vector belongs to which text");
  }
  for (const auto& vector : handler.vectors) {
    if (vector.empty() || vector.size() != handler.vectors.front().size()) {
      return odd("the response's vectors differ in size");
    }
  }
  if (!handler.is_finite) return odd("the response holds numbers that are too large");
  Embeddings result;
  result.vectors = std::move(handler.vectors);
  result.model = text_of(envelope->member("model"));
  result.usage = read_usage(api, &*envelope);
  return result;
}

}  // namespace tc::llm
