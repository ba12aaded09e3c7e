#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/deploy/section.hpp>
#include <dyadic/deploy/section_reader.hpp>
#include <dyadic/deploy/walk.hpp>
#include <dyadic/kernel/grouped.hpp>
#include <dyadic/kernel/pack.hpp>

namespace dyadic::model_file {

/// Weights of a linear stage as kernels read them, [outputs][segments][depth]: the same order.
template <class Bound>
inline constexpr kernel::weight_shape weight_shape_of =
    Bound::depthwise ? kernel::depthwise_weights(Bound::shape) : kernel::convolution_weights(Bound::shape);
/// Extents of a layer's weights in files: [filters][kernel rows][the rest], whatever segments kernels read.
template <class Bound> extents weight_extents() noexcept {
  constexpr auto outputs = weight_shape_of<Bound>.outputs;
  constexpr auto rows =
      Bound::depthwise ? std::size_t{1} : static_cast<std::size_t>(Bound::shape.kernel_height);
  return extents(outputs, rows, Bound::weights::count / outputs / rows);
}

/// Up to 8 bits a code takes its own width, above 16 bits.
template <class Bound>
inline constexpr encoding weight_encoding{
    's', Bound::weight_format::bits <= 8 ? std::uint8_t{Bound::weight_format::bits} : std::uint8_t{16}};
/// Are weights 1 and -1 bits? As numbers these are 0 and -1.
template <class Bound> inline constexpr bool weights_in_bits = Bound::weight_format::bits == 1;

/// The names of tensors during a walk: "stage.member.member".
class path {
 public:
  template <class Inside> void group(std::string_view name, Inside const& inside) {
    std::size_t const before = text_.size();
    text_ += '.';
    text_ += name;
    inside();
    text_.resize(before);
  }
  template <class Inside> void stage(std::string_view name, Inside const& inside) {
    std::string const before = std::exchange(text_, std::string(name));
    inside();
    text_ = before;
  }
  template <class Inside> void list(char const* name, std::size_t count, Inside const& inside) {
    group(name, [&] {
      for (std::size_t i = 0; i < count; ++i) {
        char digits[20];
        auto const end = std::to_chars(digits, digits + sizeof digits, i).ptr;
        group(std::string_view(digits, static_cast<std::size_t>(end - digits)), [&] { inside(i); });
      }
    });
  }
  std::string of(std::string_view name) const {
    std::string whole = text_ + "." + std::string(name);
    return whole.front() == '.' ? whole.substr(1) : whole;
  }

 private:
  std::string text_;
};

/// What the reader and the writer of tensors share: a visitor that hands every kind of member to
/// `Derived::column(name, encoding, extents, numbers, allowed)`.
template <class Derived> class tensor_walk : public path {
 public:
  template <class Integer> void number(char const* name, Integer& value, integer_range allowed) {
    numbers(name, &value, 1, allowed);
  }
  template <class Integer>
  void numbers(char const* name, Integer* values, std::size_t count, integer_range allowed) {
    self().column(of(name), encoding_of<std::remove_const_t<Integer>>, extents(count), values, allowed);
  }
  template <class Code>
  void tables(char const* name, Code* codes, std::size_t rows, std::size_t columns, integer_range allowed) {
    self().column(of(name), encoding_of<std::remove_const_t<Code>>, extents(rows, columns), codes, allowed);
  }
  template <class Bits> void real_bits(char const* name, Bits* bits, std::size_t count, interval allowed) {
    self().column(of(name), encoding_of<float>, extents(count == 0 ? 1 : count), bits, allowed);
  }
  template <class Real> void reals(char const* name, Real* values, std::size_t count, interval allowed) {
    self().column(of(name), encoding_of<float>, extents(count), values, allowed);
  }

 private:
  Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

/// Writes each member as a tensor section.
class tensor_writer : public tensor_walk<tensor_writer> {
 public:
  explicit tensor_writer(writer& to) noexcept : to_{&to} {}

  template <class Number, class Allowed>
  void column(std::string const& name, encoding how, extents size, Number const* numbers, Allowed,
              kind what = kinds::tensor) {
    auto const place = to_->begin_tensor(what, name, how, size);
    for (std::size_t i = 0; i < size.count(); ++i) write_number(how, place, i, to_bits(numbers[i]));
  }

  template <class Bound, class Slot> void weights(Slot const& slot) {
    constexpr auto shape = weight_shape_of<Bound>;
    std::vector<typename Bound::weights::code> codes(Bound::weights::count);
    kernel::unpack<Bound::weights::storage_bits>(slot.weights, shape, codes.data());
    if constexpr (weights_in_bits<Bound>)
      for (auto& code : codes) code = code < 0 ? -1 : 0;
    column(of("weights"), weight_encoding<Bound>, weight_extents<Bound>(), codes.data(), 0);
    if constexpr (Bound::weights::grouped) {
      std::vector<std::uint8_t> factors(Bound::weights::factor_count);
      kernel::unpack_factors(slot.factors, shape, Bound::weights::groups, factors.data());
      column(of("factors"), encoding_of<std::uint8_t>, extents(shape.outputs, Bound::weights::groups),
             factors.data(), 0);
    }
  }

 private:
  writer* to_;
};

/// Reads each member from its tensor section and checks every number; after the first error it reads no more.
class tensor_reader : public tensor_walk<tensor_reader> {
 public:
  tensor_reader(sections const& from, char const* where) noexcept : from_{&from.all}, where_{where} {}

  template <class Number, class Allowed>
  void column(std::string const& name, encoding how, extents size, Number* numbers, Allowed allowed,
              kind what = kinds::tensor) {
    section const* const found = find(what, name, how, size);
    if (found == nullptr) return;
    for (std::size_t i = 0; i < size.count(); ++i) {
      std::int64_t const number = read_number(how, found->content, i);
      if (!is_in(allowed, number)) return refuse(*found, i, number, allowed);
      numbers[i] = from_bits<Number>(number);
    }
  }

  template <class Bound, class Slot> void weights(Slot& slot) {
    constexpr auto shape = weight_shape_of<Bound>;
    using format = typename Bound::weight_format;
    std::vector<typename Bound::weights::code> codes(Bound::weights::count);
    column(of("weights"), weight_encoding<Bound>, weight_extents<Bound>(), codes.data(),
           integer_range{format::low, weights_in_bits<Bound> ? 0 : format::high});
    if constexpr (weights_in_bits<Bound>)
      for (auto& code : codes) code = code < 0 ? -1 : 1;
    std::vector<std::uint8_t> factors(Bound::weights::factor_count);
    if constexpr (Bound::weights::grouped)
      column(of("factors"), encoding_of<std::uint8_t>, extents(shape.outputs, Bound::weights::groups),
             factors.data(), integer_range{1, Bound::weights::largest_factor});
    if (failed()) return;
    if constexpr (Bound::weights::grouped) {
      Bound::weights::store(codes.data(), factors.data(), slot);
    } else {
      kernel::pack<Bound::weights::storage_bits>(codes.data(), shape, slot.weights);
      kernel::sum_weights(codes.data(), shape, slot.weight_sums);
    }
  }

  /// Success if all went well and the file has no tensor that was not asked for.
  result<void> finish() const {
    if (failed()) return error_;
    std::size_t tensors = 0;
    for (section const& s : *from_) tensors += s.what == kinds::tensor ? 1U : 0U;
    if (tensors == read_) return {};
    return make_error(fault::malformed, "%s: %zu tensors expected, %zu found", where_, read_, tensors);
  }
  bool failed() const noexcept { return error_.kind != fault::none; }
  error reason() const noexcept { return error_; }

 private:
  static bool is_in(integer_range allowed, std::int64_t number) noexcept {
    return allowed.low <= number && number <= allowed.high;
  }
  static bool is_in(interval allowed, std::int64_t bits) noexcept {
    float const number = from_bits<float>(bits);
    return allowed.low <= number && number <= allowed.high;
  }

  /// The section of a name, of the encoding and size that the type expects. Files are written in the order of
  /// the walk, so the search goes on where the last one ended.
  section const* find(kind what, std::string const& name, encoding how, extents size) {
    if (failed()) return nullptr;
    for (std::size_t tried = 0; tried < from_->size(); ++tried) {
      std::size_t const index = (next_ + tried) % from_->size();
      section const& s = (*from_)[index];
      if (s.what != what || s.name != name) continue;
      next_ = index + 1;
      if (what == kinds::tensor) ++read_;
      if (fits(s, how, size)) return &s;
      return nullptr;
    }
    error_ = make_error(fault::malformed, "%s: there is no \"%s\" section for \"%s\"", where_,
                        shown(what).text, shown(name).text);
    return nullptr;
  }

  bool fits(section const& s, encoding how, extents size) {
    bool const known = s.how.family == 's' || s.how.family == 'u' || s.how.family == 'f';
    if (!known)
      error_ = make_error(
          fault::not_supported, "%s: tensor \"%s\" at offset %zu: encoding \"%s%d\" is not known", where_,
          shown(s.name).text, s.offset, shown(std::string_view(&s.how.family, 1)).text, int{s.how.bits});
    else if (s.how != how)
      error_ = make_error(
          fault::malformed, "%s: tensor \"%s\" at offset %zu: numbers \"%c%d\" expected, \"%c%d\" found",
          where_, shown(s.name).text, s.offset, how.family, int{how.bits}, s.how.family, int{s.how.bits});
    else if (s.size != size)
      error_ = make_error(
          fault::malformed,
          "%s: tensor \"%s\" at offset %zu: %zu numbers of rank %d expected, %zu of rank %d found", where_,
          shown(s.name).text, s.offset, size.count(), int{size.rank}, s.size.count(), int{s.size.rank});
    return !failed();
  }

  void refuse(section const& s, std::size_t index, std::int64_t number, integer_range allowed) {
    error_ = make_error(fault::malformed, "%s: tensor \"%s\": number %zu: %lld to %lld expected, %lld found",
                        where_, shown(s.name).text, index, static_cast<long long>(allowed.low),
                        static_cast<long long>(allowed.high), static_cast<long long>(number));
  }
  void refuse(section const& s, std::size_t index, std::int64_t bits, interval allowed) {
    error_ = make_error(fault::malformed, "%s: tensor \"%s\": number %zu: %g to %g expected, %g found",
                        where_, shown(s.name).text, index, static_cast<double>(allowed.low),
                        static_cast<double>(allowed.high), static_cast<double>(from_bits<float>(bits)));
  }

  std::vector<section> const* from_;
  char const* where_;
  std::size_t next_ = 0;
  std::size_t read_ = 0;
  error error_;
};

}  // namespace dyadic::model_file
