#include "simulation/writer.hpp"

#include <array>
#include <charconv>

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

// The date part of the last call is kept: events come day by day or month by month.
class Clock {
 public:
  // 19 characters at `at`: "2024-03-15 09:41:23".
  void write(Timestamp ts, char* at) {
    const auto date =
        static_cast<Date>((ts - (ts < 0 ? kMicrosecondsPerDay - 1 : 0)) / kMicrosecondsPerDay);
    const auto seconds = static_cast<int>((ts - date * kMicrosecondsPerDay) / kSecond);
    if (date != date_) {
      date_ = date;
      label_ = date_label(date);
    }
    label_.copy(at, 10);
    at[10] = ' ';
    at = two(at + 11, seconds / 3600);
    *at++ = ':';
    at = two(at, seconds / 60 % 60);
    *at++ = ':';
    two(at, seconds % 60);
  }

 private:
  Date date_ = INT32_MIN;
  std::string label_;
};

constexpr std::array<char, 512> hex_pairs() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = kDigits[i >> 4];
    pairs[2 * i + 1] = kDigits[i & 15];
  }
  return pairs;
}

void write_uuid(const Uuid& uuid, char* at) {
  static constexpr std::array<char, 512> kPairs = hex_pairs();
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    const std::size_t byte = uuid.bytes[i];
    *at++ = kPairs[2 * byte];
    *at++ = kPairs[2 * byte + 1];
  }
}

// A number of `value` / 10^decimals without trailing zeros.
void append_number(std::string& out, std::int64_t value, int decimals) {
  while (decimals > 0 && value % 10 == 0) {
    value /= 10;
    --decimals;
  }
  std::array<char, 24> digits{};
  if (value < 0) out += '-';
  const auto magnitude = value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                                   : static_cast<std::uint64_t>(value);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), magnitude).ptr;
  const auto length = static_cast<int>(end - digits.data());
  if (decimals == 0) {
    out.append(digits.data(), static_cast<std::size_t>(length));
    return;
  }
  const int whole = length - decimals;
  if (whole > 0) {
    out.append(digits.data(), static_cast<std::size_t>(whole));
    out += '.';
    out.append(digits.data() + whole, static_cast<std::size_t>(decimals));
  } else {
    out += "0.";
    out.append(static_cast<std::size_t>(-whole), '0');
    out.append(digits.data(), static_cast<std::size_t>(length));
  }
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
  std::array<char, 19> time{};
  Clock().write(event.ts, time.data());
  out.append(time.data(), time.size());
  out += '\t';
  out += name_of(event.type);
  out += "\t{";
  out.append(batch.text, event.payload, event.offset + event.length - event.payload);
  out += '\n';
}

void EventWriter::begin(EventType type, Timestamp ts, int region, Stream stream,
                        std::uint64_t entity, std::int64_t period, std::uint64_t ordinal) {
  static thread_local Clock clock;
  const std::uint64_t hash = draw(key_, stream, entity, period, ordinal);
  Event& event = batch_.events.emplace_back();
  event.ts = ts;
  event.type = type;
  event.region = region;
  event.id = event_uuid(ts, scramble(hash + 1), hash);
  std::string& out = batch_.text;
  event.offset = static_cast<std::uint32_t>(out.size());
  out += R"({"eventType": ")";
  out += name_of(type);
  std::array<char, 19 + 16 + 36 + 14> rest;
  constexpr std::string_view kTime = R"(", "eventTs": ")";
  constexpr std::string_view kId = R"(", "eventId": ")";
  out += kTime;
  clock.write(ts, rest.data());
  out.append(rest.data(), 19);
  out += kId;
  write_uuid(event.id, rest.data());
  out.append(rest.data(), 36);
  out += R"(", )";
  event.payload = static_cast<std::uint32_t>(out.size());
  is_first_ = true;
}

void EventWriter::key(std::string_view key) {
  if (!is_first_) batch_.text += ", ";
  is_first_ = false;
  batch_.text += '"';
  batch_.text += key;
  batch_.text += "\": ";
}

void EventWriter::text(std::string_view key_text, std::string_view json) {
  key(key_text);
  batch_.text += json;
}

void EventWriter::whole(std::string_view key_text, std::int64_t value) {
  key(key_text);
  append_number(batch_.text, value, 0);
}

void EventWriter::cents(std::string_view key_text, Cents value) {
  key(key_text);
  append_number(batch_.text, value, 2);
}

void EventWriter::ratio(std::string_view key_text, Ratio value) {
  key(key_text);
  append_number(batch_.text, value, 9);
}

void EventWriter::boolean(std::string_view key_text, bool value) {
  key(key_text);
  batch_.text += value ? "true" : "false";
}

void EventWriter::end() {
  batch_.text += '}';
  Event& event = batch_.events.back();
  event.length = static_cast<std::uint32_t>(batch_.text.size()) - event.offset;
}

}  // namespace tc::simulation
