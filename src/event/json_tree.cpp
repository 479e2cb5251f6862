#include "event/json_tree.hpp"

#include <algorithm>
#include <utility>

#include "event/json_input.hpp"
#include "event/reader.hpp"
#include "event/schema.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace tc::event {
namespace {

class Builder {
 public:
  Json root;
  std::string problem;  // why the parser was stopped

  bool Null() { return put({}); }
  bool Bool(bool value) { return put(Json::of(value)); }
  // Numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    const auto number = parse_decimal({text, length});
    if (!number) return stop("a number has more than 38 digits");
    return put(Json::of(*number));
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    return is_sound({text, length}) && put(Json::of(std::string_view(text, length)));
  }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view key(text, length);
    if (!is_sound(key)) return false;
    key_ = key;
    return true;
  }
  bool StartObject() { return open(Json::object()); }
  bool EndObject(rapidjson::SizeType) {
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : open_.back()->members) keys.emplace_back(key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice == keys.end()) return close();
    return stop("the key \"" + excerpt(*twice, 60) + "\" is given more than once");
  }
  bool StartArray() { return open(Json::array()); }
  bool EndArray(rapidjson::SizeType) { return close(); }

 private:
  bool stop(std::string why) {
    problem = std::move(why);
    return false;
  }
  bool is_sound(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return stop("a string contains U+0000");
    return is_valid_utf8(text) || stop("half of a surrogate pair stands alone");
  }
  // Open containers are the last elements of those that contain them, so they never move.
  Json* place(Json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& container = *open_.back();
    if (container.is(Kind::Object)) {
      container.add(key_, std::move(value));
      return &container.members.back().value;
    }
    container.items.push_back(std::move(value));
    return &container.items.back();
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json container) {
    if (open_.size() >= static_cast<std::size_t>(kMaxDepth)) {
      return stop("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    open_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<Json*> open_;
  std::string key_;
};

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

rapidjson::SizeType length_of(const std::string& text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

void write(const Json& json, Writer& writer) {
  switch (json.kind) {
    case Kind::Null:
      writer.Null();
      break;
    case Kind::Boolean:
      writer.Bool(json.boolean);
      break;
    case Kind::Number: {
      const std::string number = to_string(json.number);
      writer.RawValue(number.data(), number.size(), rapidjson::kNumberType);
      break;
    }
    case Kind::String:
      writer.String(json.text.data(), length_of(json.text));
      break;
    case Kind::Array:
      writer.StartArray();
      for (const Json& item : json.items) write(item, writer);
      writer.EndArray();
      break;
    case Kind::Object:
      writer.StartObject();
      for (const auto& [key, value] : json.members) {
        writer.Key(key.data(), length_of(key));
        write(value, writer);
      }
      writer.EndObject();
      break;
  }
}

}  // namespace

const Json* Json::member(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const JsonMember& entry) { return entry.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

void Json::add(std::string key, Json value) {
  members.push_back({std::move(key), std::move(value)});
}

Json Json::of(bool value) {
  Json json;
  json.kind = Kind::Boolean;
  json.boolean = value;
  return json;
}

Json Json::of(const Decimal& value) {
  Json json;
  json.kind = Kind::Number;
  json.number = value;
  return json;
}

Json Json::of(std::string_view value) {
  Json json;
  json.kind = Kind::String;
  json.text = value;
  return json;
}

Json Json::array() {
  Json json;
  json.kind = Kind::Array;
  return json;
}

Json Json::object() {
  Json json;
  json.kind = Kind::Object;
  return json;
}

Json parse_json(std::string_view text) {
  Input input(text);
  JsonReader reader;
  Builder builder;
  const rapidjson::ParseResult result = reader.Parse<kJsonFlags>(input, builder);
  const std::string place = " (at byte " + std::to_string(result.Offset() + 1) + ")";
  if (!builder.problem.empty()) {
    throw SchemaError("", "The JSON text cannot be used: " + builder.problem + place + ".");
  }
  if (result.IsError()) {
    throw SchemaError(
        "", "The text is not JSON" + place + ": " + rapidjson::GetParseError_En(result.Code()));
  }
  input.skip_whitespace();
  if (!input.rest().empty()) throw SchemaError("", "Something follows the JSON text.");
  return std::move(builder.root);
}

std::string to_text(const Json& json) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  write(json, writer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace tc::event
