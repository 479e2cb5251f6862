#include "llm/stream.hpp"

#include <utility>

namespace tc::llm {

bool LineSplitter::feed(std::string_view bytes, const std::function<bool(std::string_view)>& line) {
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    line_.append(bytes.substr(0, end));
    if (line_.size() > kMaxLineBytes) return false;
    if (end == std::string_view::npos) return true;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    const std::string whole = std::exchange(line_, {});
    if (!line(whole)) return false;
  }
  return true;
}

bool SseParser::feed(std::string_view bytes,
                     const std::function<bool(std::string_view, std::string_view)>& event) {
  return lines_.feed(bytes, [&](std::string_view line) {
    if (line.empty()) {
      const std::string name = std::exchange(name_, {});
      const std::string data = std::exchange(data_, {});
      return !std::exchange(has_data_, false) || event(name, data);
    }
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value;
    if (colon != std::string_view::npos) value = line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    if (field == "event") name_ = value;
    if (field == "data") {
      if (has_data_) data_ += '\n';
      data_ += value;
      has_data_ = true;
    }
    return data_.size() <= kMaxLineBytes;
  });
}

std::string ReplyStream::feed(std::string_view bytes) {
  if (is_over()) return {};
  bool goes_on = true;
  if (api_ == Api::Ollama) {
    goes_on = lines_.feed(
        bytes, [&](std::string_view line) { return trimmed(line).empty() || take_ollama(line); });
  } else {
    goes_on = events_.feed(bytes, [&](std::string_view, std::string_view data) {
      return api_ == Api::OpenAi ? take_openai(data) : take_anthropic(data);
    });
  }
  if (!goes_on && !is_over()) {
    stop(make_fault(Outcome::Retry, "bad_stream", "the stream has a line that is too long"));
  }
  return std::exchange(fresh_, {});
}

bool ReplyStream::stop(Fault fault) {
  fault_ = std::move(fault);
  return false;
}

bool ReplyStream::take_error(const Json& data) {
  const auto error = read_error(data);
  if (!error) return false;
  stop(classify_provider_error(*error));
  // What was said once may be said again; half an answer is thrown away.
  if (fault_->code == "provider_error") fault_->outcome = Outcome::Retry;
  return true;
}

void ReplyStream::add_usage(const Usage& usage) {
  if (usage.input) reply_.usage.input = usage.input;
  if (usage.output) reply_.usage.output = usage.output;
  if (usage.cached) reply_.usage.cached = usage.cached;
}

bool ReplyStream::take_openai(std::string_view data) {
  if (trimmed(data) == "[DONE]") {
    is_over_ = true;
    return false;
  }
  const auto json = parse_envelope(data);
  if (!json) return stop(make_fault(Outcome::Retry, "bad_stream", "the stream is not JSON"));
  if (take_error(*json)) return false;
  add_usage(read_usage(Api::OpenAi, &*json));
  if (const std::string model = text_of(json->member("model")); !model.empty()) {
    reply_.model = model;
  }
  const Json* choices = json->member("choices");  // empty in the chunk with the usage
  if (choices == nullptr || choices->items.empty()) return true;
  const Json& choice = choices->items.front();
  if (const std::string finish = text_of(choice.member("finish_reason")); !finish.empty()) {
    reply_.finish = finish;
  }
  const Json* delta = choice.member("delta");
  const std::string text = text_of(member_at(delta, "content"));
  refusal_ += text_of(member_at(delta, "refusal"));
  reply_.text += text;
  fresh_ += text;
  return true;
}

bool ReplyStream::take_anthropic(std::string_view data) {
  const auto json = parse_envelope(data);
  if (!json) return stop(make_fault(Outcome::Retry, "bad_stream", "the stream is not JSON"));
  if (take_error(*json)) return false;
  const std::string type = text_of(json->member("type"));
  if (type == "message_start") {
    const Json* message = json->member("message");
    reply_.model = text_of(member_at(message, "model"));
    add_usage(read_usage(Api::Anthropic, message));
  } else if (type == "content_block_delta") {
    const Json* delta = json->member("delta");
    const std::string kind = text_of(member_at(delta, "type"));
    std::string text;
    if (kind == "text_delta") text = text_of(member_at(delta, "text"));
    if (kind == "input_json_delta") text = text_of(member_at(delta, "partial_json"));
    reply_.text += text;
    fresh_ += text;
  } else if (type == "message_delta") {
    reply_.finish = text_of(member_at(json->member("delta"), "stop_reason"));
    const Usage usage = read_usage(Api::Anthropic, &*json);
    if (usage.output) reply_.usage.output = usage.output;
  } else if (type == "message_stop") {
    is_over_ = true;
    return false;
  }
  return true;
}

bool ReplyStream::take_ollama(std::string_view line) {
  const auto json = parse_envelope(line);
  if (!json) return stop(make_fault(Outcome::Retry, "bad_stream", "the stream is not JSON"));
  if (take_error(*json)) return false;
  const std::string text = text_of(member_at(json->member("message"), "content"));
  reply_.text += text;
  fresh_ += text;
  if (const std::string model = text_of(json->member("model")); !model.empty()) {
    reply_.model = model;
  }
  const Json* done = json->member("done");
  if (done == nullptr || !done->boolean) return true;
  reply_.finish = text_of(json->member("done_reason"));
  if (reply_.finish.empty()) reply_.finish = "stop";
  add_usage(read_usage(Api::Ollama, &*json));
  is_over_ = true;
  return false;
}

Decoded ReplyStream::finish() {
  if (!is_over() && api_ == Api::Ollama) {
    const std::string last(trimmed(lines_.rest()));  // without a line end
    if (!last.empty()) take_ollama(last);
  }
  if (fault_) return Failure{*fault_, reply_};
  if (reply_.finish.empty()) {
    return Failure{make_fault(Outcome::Retry, "truncated", "the stream ended in the middle"),
                   reply_};
  }
  return judge(api_, reply_, refusal_);
}

}  // namespace tc::llm
