#pragma once

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <dyadic/core/boxed.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/deploy/file.hpp>
#include <dyadic/deploy/replay.hpp>
#include <dyadic/deploy/walk.hpp>
#include <dyadic/network/describe.hpp>

namespace dyadic {

/// What an emitted header says that the engine does not know.
struct header_options {
  std::string type;              ///< the engine's type as C++ spells it
  std::string name = "network";  ///< of the constant
  std::string include;           ///< the header that defines the type: "\"digits.hpp\"", "<digits.hpp>"
  std::span<std::uint8_t const> image =
      {};  ///< sensor bytes for the reference codes; empty: some are made up
};

namespace detail {

/// Numbers as C++ writes them, in lines of moderate length.
class source_text {
 public:
  source_text& operator<<(std::string_view piece) {
    text_ += piece;
    return *this;
  }
  void line(std::string_view piece) {
    text_.append(2 * depth_, ' ');
    text_ += piece;
    text_ += '\n';
  }
  template <class Inside> void indented(Inside const& inside) {
    ++depth_;
    inside();
    --depth_;
  }
  /// `first` 1, 2, 3 `last`
  template <class Number>
  void list(std::string_view first, Number const* numbers, std::size_t count, std::string_view last) {
    std::string row(first);
    for (std::size_t i = 0; i < count; ++i) {
      std::string const literal = this->literal(numbers[i]) + (i + 1 < count ? "," : "");
      if (2 * depth_ + row.size() + 1 + literal.size() > 110) {
        line(row);
        row = "   ";
      }
      if (row.back() != '{') row += ' ';
      row += literal;
    }
    line(row + std::string(last));
  }
  template <class Number> static std::string literal(Number number) {
    char digits[40];
    char* end = digits;
    if constexpr (std::is_same_v<Number, float>) {
      return "std::bit_cast<float>(" + literal(std::bit_cast<std::uint32_t>(number)) + ")";
    } else if constexpr (std::is_same_v<Number, std::uint32_t>) {
      end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
      return "0x" + std::string(digits, end) + "U";
    } else {
      end = std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(number)).ptr;
      return std::string(digits, end);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t depth_ = 0;
};

/// Writes an engine as the braces that initialise it, member by member.
class initialiser {
 public:
  explicit initialiser(source_text& to) noexcept : to_{&to} {}

  template <class Inside> void group(char const* name, Inside const& inside) {
    to_->line(member(name) + "{");
    to_->indented(inside);
    to_->line("},");
  }
  template <class Inside> void stage(char const* name, Inside const& inside) {
    to_->line(std::string("{{  // ") + name);
    to_->indented(inside);
    to_->line("}},");
  }
  template <class Inside> void list(char const* name, std::size_t count, Inside const& inside) {
    group(name, [&] {
      for (std::size_t i = 0; i < count; ++i) {
        to_->line("{");
        to_->indented([&] { inside(i); });
        to_->line("},");
      }
    });
  }
  template <class Integer> void number(char const* name, Integer const& value, integer_range) {
    to_->line(member(name) + to_->literal(value) + ",");
  }
  template <class Integer>
  void numbers(char const* name, Integer const* values, std::size_t count, integer_range) {
    to_->list(member(name) + "{", values, count, "},");
  }
  template <class Code>
  void tables(char const* name, Code const* codes, std::size_t rows, std::size_t columns, integer_range) {
    to_->line(member(name) + "{");
    to_->indented([&] {
      for (std::size_t row = 0; row < rows; ++row) to_->list("{", codes + row * columns, columns, "},");
    });
    to_->line("},");
  }
  void real_bits(char const* name, std::uint32_t const* bits, std::size_t count, interval) {
    if (count == 0)
      number(name, *bits, {});
    else
      numbers(name, bits, count, {});
  }
  void reals(char const* name, float const* values, std::size_t count, interval) {
    numbers(name, values, count, {});
  }
  template <class Bound, class Slot> void weights(Slot const& slot) {
    numbers("weights", slot.weights, sizeof slot.weights, {});
    if constexpr (requires { slot.factors; }) numbers("factors", slot.factors, sizeof slot.factors, {});
    numbers("weight_sums", slot.weight_sums, Bound::channels, {});
  }

 private:
  static std::string member(char const* name) { return std::string(".") + name + " = "; }

  source_text* to_;
};

/// The reference codes of an image, as the braces of a `reference_codes`.
template <class Engine>
void write_reference(Engine const& engine, std::span<std::uint8_t const> image, std::string const& name,
                     source_text& to) {
  std::vector<std::int8_t> narrow;
  std::vector<std::int16_t> wide;
  boxed<typename Engine::template scratch<1>> const room;
  std::vector<typename Engine::output_code> outputs(Engine::output_size);
  engine.encode(image, std::span<typename Engine::code>(room->input, Engine::input_size));
  engine.infer_watched(*room, std::span<typename Engine::output_code>(outputs), 1,
                       [&](char const*, auto const* codes, std::size_t count) {
                         if constexpr (sizeof *codes == 1)
                           narrow.insert(narrow.end(), codes, codes + count);
                         else if constexpr (sizeof *codes == 2)
                           wide.insert(wide.end(), codes, codes + count);
                       });
  if (narrow.empty()) narrow.push_back(0);
  if (wide.empty()) wide.push_back(0);
  to.line("inline constexpr dyadic::reference_codes<" + std::to_string(image.size()) + ", " +
          std::to_string(narrow.size()) + ", " + std::to_string(wide.size()) + "> " + name +
          "_reference = {");
  to.indented([&] {
    to.list(".image = {", image.data(), image.size(), "},");
    to.list(".narrow = {", narrow.data(), narrow.size(), "},");
    to.list(".wide = {", wide.data(), wide.size(), "},");
  });
  to.line("};");
}

}  // namespace detail

/// The text of a C++ header that holds an integer network as a constant and needs <dyadic/integer.hpp> alone.
/// It does not compile if the named type is not the engine's. Beside the constant `name` stands
/// `name_reference`: the codes of every stage for one image, for `self_check(name, name_reference)`.
template <class Net, class Scheme>
std::string header_text(integer_engine<Net, Scheme> const& engine, header_options const& options) {
  using type = integer_engine<Net, Scheme>;
  static_assert(type::binding::coded_input, "emit_header: the network's first layers are kept float");
  detail::source_text to;
  to.line("#pragma once");
  to.line("");
  to.line("// clang-format off");
  to.line("// Written by dyadic::emit_header. Its stages: name | layers | shapes and formats | policies");
  std::string description = "// ";
  describe<type>([&](char const* piece, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (piece[i] != '\n') {
        description += piece[i];
        continue;
      }
      to.line(description);
      description = "// ";
    }
  });
  to.line("");
  to.line("#include <dyadic/integer.hpp>");
  if (!options.include.empty()) to.line("#include " + options.include);
  to.line("");
  to.line("static_assert(dyadic::description_hash<" + options.type +
          "> == " + std::to_string(description_hash<type>) + "U,");
  to.line("              \"the type is not the one that this network was emitted from\");");
  to.line("");
  to.line("inline constexpr " + options.type + " " + options.name + " = {");
  to.indented([&] {
    detail::initialiser members{to};
    walk(engine, members);
  });
  to.line("};");
  to.line("");
  auto const made_up = model_file::test_bytes<type>();
  detail::write_reference(engine,
                          options.image.empty() ? std::span<std::uint8_t const>(made_up) : options.image,
                          options.name, to);
  return to.take();
}

/// Writes that header. The image must be of the network's size or empty. The file is written whole or not at
/// all.
template <class Net, class Scheme>
result<void> emit_header(integer_engine<Net, Scheme> const& engine, std::string const& path,
                         header_options const& options) {
  constexpr std::size_t size = integer_engine<Net, Scheme>::input_size;
  if (!options.image.empty() && options.image.size() != size)
    return make_error(fault::wrong_size, "emit_header: an image of %zu bytes given, the network takes %zu",
                      options.image.size(), size);
  if (options.type.empty())
    return make_error(fault::wrong_size, "emit_header: the option `type` must spell the engine's type");
  std::string const text = header_text(engine, options);
  return model_file::write_bytes(path, std::as_bytes(std::span(text)));
}

}  // namespace dyadic
