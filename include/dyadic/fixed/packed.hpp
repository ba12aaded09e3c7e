#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace dyadic {

/// Bytes that hold `count` codes of `bits` bits.
constexpr std::size_t packed_bytes(int bits, std::size_t count) noexcept {
  return (count * static_cast<std::size_t>(bits) + 7) / 8;
}

/// Reads and writes in place the codes packed in bytes that it does not own. Code i is bits i*Bits ..
/// i*Bits+Bits-1 of the bit string whose bit k is bit k % 8 (from the least) of byte k / 8. Signed codes are
/// two's complement: 1 bit holds 0 and -1. `Byte` is `std::uint8_t const` for a view that only reads.
template <int Bits, bool Signed = true, class Byte = std::uint8_t> class packed_view {
  static_assert(Bits >= 1 && Bits <= 8, "packed codes have 1 to 8 bits");
  static_assert(std::is_same_v<std::remove_const_t<Byte>, std::uint8_t>);

 public:
  static constexpr int bits = Bits;
  static constexpr bool is_signed = Signed;
  static constexpr int lowest = Signed ? -(1 << (Bits - 1)) : 0;
  static constexpr int highest = Signed ? (1 << (Bits - 1)) - 1 : (1 << Bits) - 1;

  /// One code in place: reads as an int, and is assigned an int in lowest..highest (a precondition; the
  /// neighbours are untouched whatever it is).
  class reference {
   public:
    constexpr reference(Byte* bytes, std::size_t index) noexcept
        : byte_{bytes + index * Bits / 8}, offset_{static_cast<unsigned>(index * Bits % 8)} {}
    constexpr reference(reference const&) noexcept = default;

    constexpr operator int() const noexcept {
      unsigned pair = byte_[0];
      if (offset_ + Bits > 8) pair |= static_cast<unsigned>(byte_[1]) << 8;
      int const code = static_cast<int>(pair >> offset_ & mask);
      return Signed ? (code ^ sign) - sign : code;
    }
    constexpr reference const& operator=(int code) const noexcept
      requires(!std::is_const_v<Byte>)
    {
      unsigned const placed = (static_cast<unsigned>(code) & mask) << offset_;
      unsigned const kept = ~(mask << offset_);
      byte_[0] = static_cast<std::uint8_t>((byte_[0] & kept) | placed);
      if (offset_ + Bits > 8) byte_[1] = static_cast<std::uint8_t>((byte_[1] & kept >> 8) | placed >> 8);
      return *this;
    }
    constexpr reference const& operator=(reference const& other) const noexcept
      requires(!std::is_const_v<Byte>)
    {
      return *this = static_cast<int>(other);
    }

   private:
    static constexpr unsigned mask = (1U << Bits) - 1;
    static constexpr int sign = 1 << (Bits - 1);
    Byte* byte_;
    unsigned offset_;
  };

  /// `bytes` holds packed_bytes(Bits, count) of them.
  constexpr packed_view(Byte* bytes, std::size_t count) noexcept : bytes_{bytes}, count_{count} {}

  /// `index` is below size().
  constexpr reference operator[](std::size_t index) const noexcept { return {bytes_, index}; }
  constexpr std::size_t size() const noexcept { return count_; }
  constexpr Byte* data() const noexcept { return bytes_; }

 private:
  Byte* bytes_;
  std::size_t count_;
};

/// `Count` codes of `Bits` bits in ceil(Count * Bits / 8) bytes, all zero at first; the order of bits is
/// `packed_view`'s. An aggregate: it can be constexpr and lie in flash.
template <int Bits, std::size_t Count, bool Signed = true> struct packed {
  static_assert(Count >= 1, "packed holds one code at least");
  using view = packed_view<Bits, Signed>;
  using const_view = packed_view<Bits, Signed, std::uint8_t const>;
  static constexpr int lowest = view::lowest;
  static constexpr int highest = view::highest;

  std::uint8_t bytes[packed_bytes(Bits, Count)]{};

  static constexpr std::size_t size() noexcept { return Count; }

  /// `codes[i] = -3` writes, `int code = codes[i]` reads; `i` is below size().
  constexpr typename view::reference operator[](std::size_t i) noexcept { return {bytes, i}; }
  constexpr int operator[](std::size_t i) const noexcept { return typename const_view::reference{bytes, i}; }

  constexpr view codes() noexcept { return {bytes, Count}; }
  constexpr const_view codes() const noexcept { return {bytes, Count}; }

  constexpr bool operator==(packed const&) const noexcept = default;
};

}  // namespace dyadic
