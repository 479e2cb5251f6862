#include "simulation/writer.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace tc::simulation {
namespace {

constexpr std::array<std::string_view, 7> kNames = {
    "sale", "hr_hire", "hr_exit", "expense", "procurement", "tax_payment", "cash_movement"};

constexpr Timestamp kSecond = 1'000'000;
// Milliseconds from 1970-01-01 to 2000-01-01.
constexpr std::int64_t kUnixEpoch = 946'684'800'000;

char* two(char* at, int value) {
  *at++ = static_cast<char>('0' + value / 10);
  *at++ = static_cast<char>('0' + value % 10);
  return at;
}

Date date_of(Timestamp ts) {
  return static_cast<Date>((ts - (ts < 0 ? kMicrosecondsPerDay - 1 : 0)) / kMicrosecondsPerDay);
}

// " 09:41:23"
char* write_time(Timestamp ts, char* at) {
  const auto seconds = static_cast<int>((ts - date_of(ts) * kMicrosecondsPerDay) / kSecond);
  *at++ = ' ';
  at = two(at, seconds / 3600);
  *at++ = ':';
  at = two(at, seconds / 60 % 60);
  *at++ = ':';
  return two(at, seconds % 60);
}

constexpr std::array<char, 512> hex_pairs() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = kDigits[i >> 4];
    pairs[2 * i + 1] = kDigits[i & 15];
  }
  return pairs;
}

char* write_uuid(const Uuid& uuid, char* at) {
  static constexpr std::array<char, 512> kPairs = hex_pairs();
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    const std::size_t byte = uuid.bytes[i];
    *at++ = kPairs[2 * byte];
    *at++ = kPairs[2 * byte + 1];
  }
  return at;
}

constexpr std::size_t kLongestNumber = 32;

// value / 10^decimals without trailing zeros.
char* write_number(char* at, std::int64_t value, int decimals) {
  while (decimals > 0 && value % 10 == 0) {
    value /= 10;
    --decimals;
  }
  if (value < 0) *at++ = '-';
  const auto magnitude = value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                                   : static_cast<std::uint64_t>(value);
  char* const begin = at;
  at = std::to_chars(at, at + 20, magnitude).ptr;
  if (decimals == 0) return at;
  // Room for the point, and for zeros before the digits: 7 with two decimals is 0.07.
  const auto length = static_cast<int>(at - begin);
  const int zeros = length > decimals ? 0 : decimals + 1 - length;
  std::memmove(begin + zeros, begin, static_cast<std::size_t>(length));
  std::memset(begin, '0', static_cast<std::size_t>(zeros));
  char* const point = begin + zeros + length - decimals;
  std::memmove(point + 1, point, static_cast<std::size_t>(decimals));
  *point = '.';
  return point + 1 + decimals;
}

bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) return false;
  }
  return true;
}

}  // namespace

std::string_view name_of(EventType type) { return kNames[static_cast<std::size_t>(type)]; }

std::string json_string(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kDigits[static_cast<unsigned char>(c) >> 4];
          out += kDigits[static_cast<unsigned char>(c) & 15];
        } else {
          out += c;
        }
    }
  }
  return out += '"';
}

Uuid event_uuid(Timestamp ts, std::uint64_t high, std::uint64_t low) {
  const auto milliseconds = static_cast<std::uint64_t>(ts / 1000 + kUnixEpoch);
  Uuid uuid;
  for (std::size_t i = 0; i < 6; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
  }
  for (std::size_t i = 0; i < 2; ++i) {
    uuid.bytes[6 + i] = static_cast<std::uint8_t>(high >> (8 - 8 * i));
  }
  for (std::size_t i = 0; i < 8; ++i) {
    uuid.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x70);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

void append_canonical(const Batch& batch, const Event& event, std::string& out) {
  std::array<char, 9> time{};
  write_time(event.ts, time.data());
  out += date_label(date_of(event.ts));
  out.append(time.data(), time.size());
  out += '\t';
  out += name_of(event.type);
  out += "\t{";
  out.append(batch.text, event.payload, event.offset + event.length - event.payload);
  out += '\n';
}

EventWriter::EventWriter(Batch& batch, std::uint64_t id_key)
    : batch_(batch), key_(id_key), buffer_(4096) {}

void EventWriter::begin(EventType type, Timestamp ts, int region, Stream stream,
                        std::uint64_t entity, std::int64_t period, std::uint64_t ordinal) {
  const std::uint64_t hash = draw(key_, stream, entity, period, ordinal);
  Event& event = batch_.events.emplace_back();
  event.ts = ts;
  event.type = type;
  event.region = region;
  event.id = event_uuid(ts, scramble(hash + 1), hash);
  event.offset = static_cast<std::uint32_t>(batch_.text.size());
  const Date date = date_of(ts);
  Day& day = days_[static_cast<std::uint32_t>(date) % days_.size()];
  if (day.date != date) {
    day.date = date;
    date_label(date).copy(day.label.data(), day.label.size());
  }
  at_ = buffer_.data();
  put(R"({"eventType": ")");
  put(name_of(type));
  put(R"(", "eventTs": ")");
  put({day.label.data(), day.label.size()});
  at_ = write_time(ts, at_);
  put(R"(", "eventId": ")");
  at_ = write_uuid(event.id, at_);
  put(R"(", )");
  event.payload = event.offset + static_cast<std::uint32_t>(at_ - buffer_.data());
  is_first_ = true;
}

// Makes room and writes the key.
void EventWriter::begin_field(std::string_view key, std::size_t value_bytes) {
  const auto used = static_cast<std::size_t>(at_ - buffer_.data());
  if (used + key.size() + value_bytes + 16 > buffer_.size()) {
    buffer_.resize(2 * (used + key.size() + value_bytes + 16));
    at_ = buffer_.data() + used;
  }
  if (!is_first_) put(", ");
  is_first_ = false;
  *at_++ = '"';
  put(key);
  put("\": ");
}

void EventWriter::text(std::string_view key, std::string_view json) {
  begin_field(key, json.size());
  put(json);
}

void EventWriter::name(std::string_view key, std::string_view name) {
  if (!is_plain(name)) return text(key, json_string(name));
  begin_field(key, name.size() + 2);
  *at_++ = '"';
  put(name);
  *at_++ = '"';
}

void EventWriter::number(std::string_view key, std::int64_t value, int decimals) {
  begin_field(key, kLongestNumber);
  at_ = write_number(at_, value, decimals);
}

void EventWriter::boolean(std::string_view key, bool value) {
  begin_field(key, 5);
  put(value ? "true" : "false");
}

void EventWriter::end() {
  *at_++ = '}';
  const auto length = static_cast<std::size_t>(at_ - buffer_.data());
  batch_.text.append(buffer_.data(), length);
  batch_.events.back().length = static_cast<std::uint32_t>(length);
}

}  // namespace tc::simulation
