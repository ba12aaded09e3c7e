#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <type_traits>

#include <dyadic/network/integer.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/network/walk.hpp>
#include <dyadic/quantize/accumulator.hpp>

namespace dyadic {

/// One line of a summary: a stage, or a conversion between codes and reals.
struct summary_row {
  char const* name = "";  ///< within a branch: behind the name of the branch
  char const* what = "";
  char const* shape = "";      ///< of one image's output
  std::size_t depth = 0;       ///< branches around it
  std::size_t parameters = 0;  ///< that are trained
  std::size_t macs = 0;        ///< multiply-adds for one image
  char const* weights = "";    ///< "8 bits", "4.25 bits" with a byte for each 32, "float32"
  char const* codes = "";      ///< "8 bits -128..127", "float32": of the outputs
  int accumulator_bits = 0;    ///< proven, sign included
  std::size_t bytes = 0;       ///< in the deployed engine
};

namespace detail {

template <class Format> constexpr auto bits_text() noexcept {
  if constexpr (Format::is_real)
    return Format::name;
  else if constexpr (Format::bits == 1)
    return fixed_string("1 bit");
  else
    return decimal<Format::bits>() + " bits";
}
/// Bits of a weight; with a group's byte shared by its weights, in hundredths.
template <class Bound> constexpr auto weight_bits_text() noexcept {
  using granularity = typename Bound::weight_rule::granularity;
  if constexpr (is_grouped<granularity>) {
    constexpr auto inputs = static_cast<long long>(granularity::group_inputs);
    return decimal_fraction<Bound::weight_format::bits * 100 + (800 + inputs / 2) / inputs, 2>() + " bits";
  } else {
    return bits_text<typename Bound::weight_format>();
  }
}
template <class Bound> inline constexpr auto weight_bits_in = weight_bits_text<Bound>();
template <class Format> constexpr auto codes_text() noexcept {
  if constexpr (Format::is_real)
    return Format::name;
  else
    return bits_text<Format>() + " " + decimal<Format::low>() + ".." + decimal<Format::high>();
}
template <class Format> inline constexpr auto codes_in = codes_text<Format>();

template <class Stage> constexpr summary_row row_of_stage(std::size_t depth) noexcept {
  summary_row row{};
  row.name = Stage::name.c_str();
  for (char const* at = row.name; depth > 0 && *at != '\0'; ++at)
    if (*at == '/') row.name = at;
  row.what = Stage::text.c_str();
  row.shape = Stage::output::name.c_str();
  row.depth = depth;
  if constexpr (!requires { typename Stage::branches; }) {  // what branches hold has rows of its own
    row.parameters = Stage::parameter_count;
    row.macs = Stage::mac_count;
  }
  return row;
}

/// Bytes of a bound stage in the engine; in a float network, of its floats.
template <class Bound, class Scheme> constexpr std::size_t stage_bytes() noexcept {
  if constexpr (Scheme::kept_float::value)
    return float_count<Bound>() * sizeof(float);
  else
    return std::is_empty_v<typename Bound::slot> ? 0 : sizeof(typename Bound::slot);
}

template <class Bound, class Scheme> constexpr summary_row row_of_bound(std::size_t depth) noexcept {
  summary_row row = row_of_stage<typename Bound::stage>(depth);
  row.codes = codes_in<typename Bound::output_format>.c_str();
  row.bytes = stage_bytes<Bound, Scheme>();
  boost::hana::for_each(members_of<Bound>, [&row](auto branch) {
    row.bytes -= stage_bytes<typename decltype(branch)::type, Scheme>();
  });
  if constexpr (requires { Bound::accumulator_bound; })
    row.accumulator_bits = accumulator_bits(Bound::accumulator_bound);
  if constexpr (requires { typename Bound::weight_format; }) {
    row.weights = weight_bits_in<Bound>.c_str();
  } else if constexpr (requires { Bound::stage::weight_count; }) {
    row.weights = real::name.c_str();
  }
  return row;
}

/// What a summary goes through: an engine's bound stages, or a description's stages.
template <class Described> constexpr auto tree_of() noexcept {
  if constexpr (requires { typename Described::binding; })
    return boost::hana::type_c<typename Described::binding::type>;
  else
    return boost::hana::type_c<typename Described::stages>;
}
template <class Described> using tree = typename decltype(tree_of<Described>())::type;

template <class Described> constexpr bool begins_with_codes() noexcept {
  if constexpr (requires { typename Described::binding; })
    return Described::binding::coded_input;
  else
    return false;
}

}  // namespace detail

/// The rows of a summary: of an engine's type, or of a network that is only described.
template <class Described>
inline constexpr auto summary_rows = [] {
  constexpr bool bound = requires { typename Described::binding; };
  constexpr bool coded = detail::begins_with_codes<Described>();
  std::array<summary_row, stage_count<detail::tree<Described>> + (coded ? 0 : 1)> rows{};
  std::size_t at = 0;
  if constexpr (!coded) {
    if constexpr (bound)
      rows[at++] = {
          .name = "input", .shape = Described::network::input_shape::name.c_str(), .codes = "float32"};
    else
      rows[at++] = {.name = "input", .shape = Described::input_shape::name.c_str()};
  }
  for_each_stage<detail::tree<Described>>([&](auto type, std::size_t depth) {
    using node = typename decltype(type)::type;
    if constexpr (bound)
      rows[at++] = detail::row_of_bound<node, typename Described::scheme>(depth);
    else
      rows[at++] = detail::row_of_stage<node>(depth);
  });
  return rows;
}();

namespace detail {

/// A cell of the table, or another short piece of text; what is too long is cut.
struct short_text {
  char text[120]{};
  std::size_t size = 0;

  short_text& add(char const* more) noexcept {
    while (*more != '\0' && size + 1 < sizeof text) text[size++] = *more++;
    return *this;
  }
  /// With a comma before each three digits.
  short_text& add(std::size_t number) noexcept {
    char digits[32]{};
    std::size_t at = sizeof digits - 1;
    for (std::size_t count = 0; count == 0 || number != 0; ++count, number /= 10) {
      if (count != 0 && count % 3 == 0) digits[--at] = ',';
      digits[--at] = static_cast<char>('0' + number % 10);
    }
    return add(digits + at);
  }
  short_text& fill(std::size_t count, char with = ' ') noexcept {
    for (; count > 0 && size + 1 < sizeof text; --count) text[size++] = with;
    return *this;
  }
};

struct summary_column {
  char const* title;
  bool right;
  short_text (*cell)(summary_row const&);
};

inline constexpr auto counted = [](std::size_t number) {
  return number == 0 ? short_text{} : short_text{}.add(number);
};
inline constexpr summary_column summary_columns[] = {
    {"stage", false, [](summary_row const& r) { return short_text{}.fill(2 * r.depth).add(r.name); }},
    {"what", false, [](summary_row const& r) { return short_text{}.add(r.what); }},
    {"output", false, [](summary_row const& r) { return short_text{}.add(r.shape); }},
    {"parameters", true, [](summary_row const& r) { return counted(r.parameters); }},
    {"MACs", true, [](summary_row const& r) { return counted(r.macs); }},
    {"weights", false, [](summary_row const& r) { return short_text{}.add(r.weights); }},
    {"outputs", false, [](summary_row const& r) { return short_text{}.add(r.codes); }},
    {"accumulator", false,
     [](summary_row const& r) {
       if (r.accumulator_bits == 0) return short_text{};
       return short_text{}.add(static_cast<std::size_t>(r.accumulator_bits)).add(" bits");
     }},
    {"bytes", true, [](summary_row const& r) { return counted(r.bytes); }},
};
inline constexpr std::size_t described_columns = 5;  ///< that a network has before it is bound

template <class Sink>
void write_table(summary_row const* rows, std::size_t count, std::size_t columns, Sink& sink) {
  std::size_t widths[std::size(summary_columns)]{};
  for (std::size_t c = 0; c < columns; ++c) {
    widths[c] = short_text{}.add(summary_columns[c].title).size;
    for (std::size_t r = 0; r < count; ++r) {
      std::size_t const width = summary_columns[c].cell(rows[r]).size;
      if (width > widths[c]) widths[c] = width;
    }
  }
  auto const line = [&](auto const& cell_of) {
    std::size_t blanks = 0;  // not written before something follows
    for (std::size_t c = 0; c < columns; ++c) {
      short_text const cell = cell_of(c);
      std::size_t const missing = widths[c] - cell.size;
      if (summary_columns[c].right) blanks += missing;
      if (cell.size != 0) {
        short_text const before = short_text{}.fill(blanks);
        sink(static_cast<char const*>(before.text), before.size);
        sink(static_cast<char const*>(cell.text), cell.size);
        blanks = 0;
      }
      blanks += (summary_columns[c].right ? 0 : missing) + 2;
    }
    sink("\n", std::size_t{1});
  };
  line([](std::size_t c) { return short_text{}.add(summary_columns[c].title); });
  line([&](std::size_t c) { return short_text{}.fill(widths[c], '-'); });
  for (std::size_t r = 0; r < count; ++r)
    line([&](std::size_t c) { return summary_columns[c].cell(rows[r]); });
}

template <class Described, class Sink> void write_totals(Sink& sink) {
  auto const totals = [&sink](std::size_t parameters, std::size_t macs) {
    short_text line;
    line.add(parameters).add(" parameters, ").add(macs).add(" multiply-adds for an image");
    sink(static_cast<char const*>(line.text), line.size);
  };
  short_text line;
  if constexpr (!requires { typename Described::binding; }) {
    totals(Described::parameter_count, Described::mac_count);
  } else {
    using net = typename Described::network;
    using scheme = typename Described::scheme;
    using deployed = integer_engine<net, scheme>;
    totals(net::parameter_count, net::mac_count);
    if constexpr (scheme::kept_float::value)
      line.add("; ")
          .add(float_count<typename Described::binding::type>() * sizeof(float))
          .add(" bytes of float32");
    else
      line.add("; ")
          .add(all_integer<deployed> ? "integer" : "mixed")
          .add(" engine ")
          .add(sizeof(deployed))
          .add(" bytes, scratch ")
          .add(deployed::scratch_bytes);
  }
  line.add("\n");
  sink(static_cast<char const*>(line.text), line.size);
}

}  // namespace detail

/// A callable that takes text, piece by piece: characters and their number.
template <class Sink>
concept text_sink = std::invocable<Sink&, char const*, std::size_t>;

/// Writes a table of a network's stages, of an engine's type or of a description, and a line of totals.
template <class Described, text_sink Sink> void summary(Sink&& sink) {
  constexpr auto const& rows = summary_rows<Described>;
  constexpr bool bound = requires { typename Described::binding; };
  detail::write_table(rows.data(), rows.size(),
                      bound ? std::size(detail::summary_columns) : detail::described_columns, sink);
  detail::write_totals<Described>(sink);
}
template <class Described> void summary(std::FILE* to = stdout) {
  summary<Described>([to](char const* text, std::size_t count) { std::fwrite(text, 1, count, to); });
}
/// The same of a float, trainable or integer engine.
template <class Engine>
  requires requires { typename Engine::binding; }
void summary(Engine const&, std::FILE* to = stdout) {
  summary<Engine>(to);
}
template <class Engine, text_sink Sink>
  requires requires { typename Engine::binding; }
void summary(Engine const&, Sink&& sink) {
  summary<Engine>(sink);
}

}  // namespace dyadic
