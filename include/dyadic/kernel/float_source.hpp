#pragma once

#include <cstddef>

namespace dyadic::kernel {

// A source is what a float kernel reads a matrix from: `float const*`, or integer codes that become floats
// while they are read. `float_at(source, offset, row, column)` is the element at `offset` from the source's
// start.

/// Codes of one scale: value = scale * (code - zero).
template <class Code> struct dequantized {
  Code const* codes;
  float scale;
  int zero = 0;
};

/// Codes whose matrix row has a scale of its own: value = scales[row] * code. Weights [out][...] are stored
/// so.
template <class Code> struct dequantized_rows {
  Code const* codes;
  float const* scales;
};
template <class Code> dequantized_rows(Code const*, float const*) -> dequantized_rows<Code>;

/// Codes whose matrix column has a scale of its own: value = scales[column] * code. Depthwise weights
/// [height][width][channel] are stored so, and it is what `dequantized_rows` is when it is read transposed.
template <class Code> struct dequantized_columns {
  Code const* codes;
  float const* scales;
};

constexpr float float_at(float const* source, std::ptrdiff_t offset, std::ptrdiff_t,
                         std::ptrdiff_t) noexcept {
  return source[offset];
}
template <class Code>
constexpr float float_at(dequantized<Code> source, std::ptrdiff_t offset, std::ptrdiff_t,
                         std::ptrdiff_t) noexcept {
  return source.scale * static_cast<float>(static_cast<int>(source.codes[offset]) - source.zero);
}
template <class Code>
constexpr float float_at(dequantized_rows<Code> source, std::ptrdiff_t offset, std::ptrdiff_t row,
                         std::ptrdiff_t) noexcept {
  return source.scales[row] * static_cast<float>(source.codes[offset]);
}
template <class Code>
constexpr float float_at(dequantized_columns<Code> source, std::ptrdiff_t offset, std::ptrdiff_t,
                         std::ptrdiff_t column) noexcept {
  return source.scales[column] * static_cast<float>(source.codes[offset]);
}

/// The same elements with rows and columns exchanged (the caller exchanges the strides).
constexpr float const* transposed(float const* source) noexcept { return source; }
template <class Code> constexpr dequantized<Code> transposed(dequantized<Code> source) noexcept {
  return source;
}
template <class Code> constexpr dequantized_columns<Code> transposed(dequantized_rows<Code> source) noexcept {
  return {source.codes, source.scales};
}
template <class Code> constexpr dequantized_rows<Code> transposed(dequantized_columns<Code> source) noexcept {
  return {source.codes, source.scales};
}

/// The source that starts `offset` elements later in the same rows and columns of scales.
constexpr float const* advanced(float const* source, std::ptrdiff_t offset) noexcept {
  return source + offset;
}
template <class Code>
constexpr dequantized<Code> advanced(dequantized<Code> source, std::ptrdiff_t offset) noexcept {
  return {source.codes + offset, source.scale, source.zero};
}
template <class Code>
constexpr dequantized_rows<Code> advanced(dequantized_rows<Code> source, std::ptrdiff_t offset) noexcept {
  return {source.codes + offset, source.scales};
}
template <class Code>
constexpr dequantized_columns<Code> advanced(dequantized_columns<Code> source,
                                             std::ptrdiff_t offset) noexcept {
  return {source.codes + offset, source.scales};
}

/// The source that starts at matrix row `row`, which is `offset` elements later.
constexpr float const* from_row(float const* source, std::ptrdiff_t, std::ptrdiff_t offset) noexcept {
  return source + offset;
}
template <class Code>
constexpr dequantized<Code> from_row(dequantized<Code> source, std::ptrdiff_t,
                                     std::ptrdiff_t offset) noexcept {
  return advanced(source, offset);
}
template <class Code>
constexpr dequantized_rows<Code> from_row(dequantized_rows<Code> source, std::ptrdiff_t row,
                                          std::ptrdiff_t offset) noexcept {
  return {source.codes + offset, source.scales + row};
}

/// Reals that are stored in some form of its own: `Form::at(*slot, i)` is number i.
template <class Form> struct stored {
  typename Form::slot const* slot;
  std::ptrdiff_t first = 0;
};
template <class Form>
constexpr float float_at(stored<Form> source, std::ptrdiff_t offset, std::ptrdiff_t,
                         std::ptrdiff_t) noexcept {
  return Form::at(*source.slot, static_cast<std::size_t>(source.first + offset));
}
template <class Form> constexpr stored<Form> transposed(stored<Form> source) noexcept { return source; }
template <class Form> constexpr stored<Form> advanced(stored<Form> source, std::ptrdiff_t offset) noexcept {
  return {source.slot, source.first + offset};
}
template <class Form>
constexpr stored<Form> from_row(stored<Form> source, std::ptrdiff_t, std::ptrdiff_t offset) noexcept {
  return advanced(source, offset);
}

}  // namespace dyadic::kernel
