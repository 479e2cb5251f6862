// What a model's server answers with status 200: envelopes of the three protocols, made one.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "llm/api.hpp"
#include "llm/fault.hpp"
#include "llm/json.hpp"

namespace tc::llm {

// Tokens as the server counted them; nullopt where it said nothing that makes sense. `input`
// includes `cached`, whatever the protocol's own way of counting.
struct Usage {
  std::optional<std::int64_t> input, output, cached;
};

struct Reply {
  std::string text;
  std::string model;   // as answered, which may be another name than asked for
  std::string finish;  // the protocol's own word
  Usage usage;
};

// A fault that came with an answer still has its words and its price.
struct Failure {
  Fault fault;
  Reply partial;
};

using Decoded = std::variant<Reply, Failure>;

// A whole body. The finish reason is looked at before the text: a text that was cut off, filtered
// or refused is a failure however well it reads.
Decoded decode_reply(Api api, std::string_view body);

// The one place where finish reasons are understood; nullopt: the text is complete.
std::optional<Fault> judge_finish(Api api, std::string_view finish);
// The same with everything else that makes a gathered reply unusable.
Decoded judge(Api api, Reply reply, const std::string& refusal);

Usage read_usage(Api api, const Json* envelope);

struct Embeddings {
  std::vector<std::vector<float>> vectors;  // in the order of the texts
  std::string model;
  Usage usage;
};
// `count`: how many texts were sent. Another number of vectors, vectors of different sizes, or
// numbers that are not finite are faults.
std::variant<Embeddings, Fault> decode_embeddings(Api api, std::string_view body,
                                                  std::size_t count);

Fault make_fault(Outcome outcome, std::string code, std::string message);

}  // namespace tc::llm
