#include "pg/values.hpp"

#include <algorithm>
#include <chrono>

namespace pg {
namespace {

// How numeric.c lays out its digits: base 10,000, most significant first, behind a short or a long
// header. This is the on-disk format, unchanged since PostgreSQL 9.1 and kept by pg_upgrade; the
// tests compare it with numeric_out.
struct Digits {
  bool finite;
  bool negative;
  int weight;  // of the first digit, in powers of 10,000
  int count;
  const std::int16_t* digit;
};

Digits digits_of(Numeric numeric) {
  constexpr std::uint16_t kSignMask = 0xC000, kNegative = 0x4000, kShort = 0x8000,
                          kSpecial = 0xC000;
  const char* data = VARDATA_ANY(reinterpret_cast<const varlena*>(numeric));
  const int size = static_cast<int>(VARSIZE_ANY_EXHDR(reinterpret_cast<const varlena*>(numeric)));
  std::uint16_t header;
  std::memcpy(&header, data, sizeof header);
  if ((header & kSignMask) == kSpecial) return {false, false, 0, 0, nullptr};
  if ((header & kSignMask) == kShort) {
    int weight = header & 0x003F;
    if (header & 0x0040) weight |= ~0x003F;
    return {true, (header & 0x2000) != 0, weight, (size - 2) / 2,
            reinterpret_cast<const std::int16_t*>(data + 2)};
  }
  std::int16_t weight;
  std::memcpy(&weight, data + 2, sizeof weight);
  return {true, (header & kSignMask) == kNegative, weight, (size - 4) / 2,
          reinterpret_cast<const std::int16_t*>(data + 4)};
}

constexpr tc::int128 power_of_ten(int exponent) {
  tc::int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

}  // namespace

std::optional<tc::Decimal> to_decimal(Numeric numeric) {
  const Digits digits = digits_of(numeric);
  if (!digits.finite) return std::nullopt;
  if (digits.count == 0) return tc::Decimal{};
  // 9 base-10,000 digits are 36 decimal ones; more are outside anything we count in.
  if (digits.weight > 8 || digits.count > 9) return std::nullopt;
  // Only the last digit can have zeros to drop, since numeric stores no trailing zero digit.
  int scale = 4 * (digits.count - 1 - digits.weight);
  int last = digits.digit[digits.count - 1];
  std::int64_t last_unit = 10000;
  for (; scale > 0 && last % 10 == 0; --scale, last_unit /= 10) last /= 10;
  tc::int128 value = 0;
  if (digits.count <= 4) {  // nearly always: 64 bits do
    std::int64_t high = 0;
    for (int i = 0; i < digits.count - 1; ++i) high = high * 10000 + digits.digit[i];
    value = high * last_unit + last;
  } else {
    for (int i = 0; i < digits.count - 1; ++i) value = value * 10000 + digits.digit[i];
    value = value * last_unit + last;
  }
  if (scale < 0) {
    value *= power_of_ten(-scale);
    scale = 0;
  }
  return tc::Decimal{digits.negative ? -value : value, scale};
}

tc::Amount to_amount(Datum numeric) {
  const Digits digits = digits_of(call([&] { return DatumGetNumeric(numeric); }));
  tc::Amount units = 0;
  for (int i = 0; i <= digits.weight + 1; ++i) {
    units = units * 10000 + (i < digits.count ? digits.digit[i] : 0);
  }
  return digits.negative ? -units : units;
}

Datum amount_datum(tc::Amount amount) {
  constexpr tc::Amount kLimit = INT64_MAX;
  if (amount <= kLimit && amount >= -kLimit) {
    return NumericGetDatum(int64_div_fast_to_numeric(static_cast<int64>(amount), tc::kAmountScale));
  }
  char text[48];
  char* end = text + sizeof text - 1;
  *end = '\0';
  char* p = end;
  const bool negative = amount < 0;
  if (negative) amount = -amount;
  for (int i = 0; amount > 0; ++i, amount /= 10) {
    if (i == tc::kAmountScale) *--p = '.';
    *--p = static_cast<char>('0' + static_cast<int>(amount % 10));
  }
  if (negative) *--p = '-';
  return DirectFunctionCall3(numeric_in, CStringGetDatum(p), ObjectIdGetDatum(InvalidOid),
                             Int32GetDatum(-1));
}

Datum new_uuid_datum(const tc::Uuid& uuid) {
  auto* copy = call([] { return static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t))); });
  std::memcpy(copy->data, uuid.bytes.data(), UUID_LEN);
  return UUIDPGetDatum(copy);
}

tc::Uuid uuid_v7() {
  static std::uint64_t last_tick = 0;
  static std::uint64_t random[512 / 8];
  static std::size_t next_random = std::size(random);
  if (next_random == std::size(random)) {
    if (!pg_strong_random(random, sizeof random)) {
      fail(ERRCODE_INTERNAL_ERROR, "could not generate random values");
    }
    next_random = 0;
  }
  // 60 bits of time in steps of 1/4096 ms: the extra 12 bits keep one backend's keys in order
  // within a millisecond.
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const auto nanoseconds = static_cast<std::uint64_t>(now.tv_nsec);
  std::uint64_t tick =
      ((static_cast<std::uint64_t>(now.tv_sec) * 1000 + nanoseconds / 1'000'000) << 12) |
      ((nanoseconds % 1'000'000 << 12) / 1'000'000);
  last_tick = std::max(tick, last_tick + 1);
  const std::uint64_t milliseconds = last_tick >> 12;
  const std::uint64_t high = (milliseconds << 16) | 0x7000 | (last_tick & 0xFFF);
  const std::uint64_t low = (random[next_random++] >> 2) | (std::uint64_t{1} << 63);
  tc::Uuid uuid;
  const std::uint64_t big_high = pg_hton64(high), big_low = pg_hton64(low);
  std::memcpy(uuid.bytes.data(), &big_high, 8);
  std::memcpy(uuid.bytes.data() + 8, &big_low, 8);
  return uuid;
}

}  // namespace pg
