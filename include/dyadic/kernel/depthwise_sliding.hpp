#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/finish_lanes.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/row_codes.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/kernel/unroll.hpp>

/// Depthwise convolution by windows of 3x3 or 5x5 that slide along a row in steps of 1 or 2: the rows of each
/// column of pixels are interleaved once, in registers, for all windows that the column belongs to.
namespace dyadic::kernel::detail {

/// Where windows find their pixels: in an image that is padded, or, if they need no line that is not there,
/// in `image` itself, beside whose lines stand zeros.
struct sliding_source {
  std::int8_t const* padded;
  std::int8_t const* image;  ///< or null
  std::int8_t zero;
};

/// What a pass along a row of windows reads and writes: distances are in elements.
struct sliding_row {
  std::int8_t const* lines;    ///< the first pixel of the windows' first line
  std::int8_t const* zeros;    ///< stand for pixels beside the lines
  std::ptrdiff_t pixel, line;  ///< from pixel to pixel, from a window's row to its next
  std::ptrdiff_t part;         ///< from one row of windows to the next that is computed beside it
  std::ptrdiff_t first, end;   ///< the windows' first pixel, and how many a line has
  std::size_t windows;
  std::ptrdiff_t to;  ///< where the first window's results begin
};

/// The kernels of one instruction set for blocks of channels that fill its registers: a lane has 16 channels
/// of one row of windows; few channels leave room for several rows.
template <class Arch> class sliding_windows {
  using dot = dot_product<Arch>;
  using codes = row_codes<Arch>;
  static constexpr std::size_t registers = codes::registers, lanes = row_lanes<Arch>::count;
  static constexpr std::size_t most_windows = 32, most_units = 10;

  struct unit {
    typename dot::weight of[registers];
  };
  struct started {
    typename dot::sums of[registers];
  };
  /// Keeps the sums of a strip for later.
  struct kept_sums {
    struct sink {
      std::int32_t* to;
      sink(kept_sums const&, std::int32_t* sums) noexcept : to(sums) {}
      template <std::size_t> void take(typename dot::sums const (&sums)[registers]) noexcept {
        DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r, to += dot::width) dot::store(sums[r], to);
      }
    };
    static typename dot::sums start(std::size_t, typename dot::sums const& sum) noexcept { return sum; }
  };
  template <class Finish, class Result>
  using slide = void (*)(sliding_row const*, std::size_t, unit const*, started const&, Finish const&,
                         Result*) noexcept;

 public:
  static constexpr std::size_t width = lanes * unit_outputs;

  static constexpr bool takes(window_shape const& shape) noexcept {
    bool const square =
        shape.kernel_height == shape.kernel_width && (shape.kernel_height == 3 || shape.kernel_height == 5);
    bool const filled = shape.out_height >= static_cast<int>(lanes) ||
                        static_cast<std::size_t>(shape.in_channels) % width == 0;
    return square && filled && shape.dilation_width == 1 && shape.stride_width <= 2;
  }

  /// Can windows read an image that is not padded? Not where registers of a pixel's last channels reach into
  /// what follows.
  static constexpr bool takes_image(window_shape const& shape) noexcept {
    auto const left = static_cast<std::size_t>(shape.in_channels) % width;
    return takes(shape) && shape.spread_height == 1 && shape.spread_width == 1 &&
           left % (width / parts_of(left)) == 0;
  }

  /// The lines of the padded image from its top, and those before its end, that windows of `takes_image`
  /// need.
  struct lines {
    int top, bottom;
  };
  static constexpr lines framed(window_shape const& shape) noexcept {
    auto const left = static_cast<std::size_t>(shape.in_channels) % width;
    int const beside = left == 0 ? 0 : static_cast<int>(parts_of(left)) - 1;
    int const covered = beside * shape.stride_height + shape.covered_height();
    int const height = shape.padded_height();
    auto const reach = [&](int pad) {
      return pad == 0 ? 0 : pad - 1 + covered < height ? pad - 1 + covered : height;
    };
    return {reach(shape.pad_top), reach(shape.pad_bottom)};
  }

  /// `shape` must outlive it.
  explicit sliding_windows(window_shape const& shape) noexcept
      : shape_(shape), size_(static_cast<std::size_t>(shape.kernel_width)) {}

  template <int StorageBits, class Output, class Code>
  void run(Arch arch, sliding_source const& source, std::uint8_t const* weights, Output const& output,
           Code* y) noexcept {
    for (std::int8_t& code : zeros_) code = source.zero;
    auto const channels = static_cast<std::size_t>(shape_.in_channels);
    std::ptrdiff_t const pixel_step = shape_.in_channels;
    std::size_t const block_bytes = (size_ * size_ + unit_inputs - 1) / unit_inputs * unit_bytes<StorageBits>;
    for (std::size_t first = 0; first < channels;) {
      std::size_t const left = channels - first, parts = parts_of(left);
      std::size_t const share = width / parts, taken = left < share ? left : share;
      load<StorageBits>(weights + first / unit_outputs * block_bytes, block_bytes,
                        (taken + unit_outputs - 1) / unit_outputs, parts);
      lane_block const block{first, taken, parts, share, pixel_step, pixel_step * shape_.out_width};
      lane_finish<Arch, Output, Code> const finish(output, block);
      sliding_source const from{source.padded + first,
                                source.image == nullptr ? nullptr : source.image + first, source.zero};
      if (!from_registers(parts, finish, from, y + first)) {
        auto const pass = chosen<1, kept_sums, std::int32_t>(parts);
        for_each_strip(most_windows, parts, from, [&](sliding_row const& row) {
          sliding_row kept = row;
          kept.to = 0;
          pass(&kept, 1, weights_, start_, kept_sums{}, sums_);
          finish(arch, sums_, row.windows, y + first + row.to);
        });
      }
      first += taken;
    }
  }

 private:
  /// Rows of windows beside each other: the registers' largest share that `left` channels fill, or whose
  /// reading stays within the slack.
  static constexpr std::size_t parts_of(std::size_t left) noexcept {
    std::size_t parts = 1;
    while (parts < lanes && (width / parts / 2 >= left || width / parts > left + read_slack)) parts *= 2;
    return parts;
  }

  /// Calls `body(row)` for all rows of windows, `parts` at a time, in strips; the last rows may come twice.
  template <class Body>
  void for_each_strip(std::size_t most, std::size_t parts, sliding_source const& source,
                      Body const& body) const noexcept {
    int const together = static_cast<int>(parts);
    kind const padded = kind_of(source.padded, shape_.padded_width(), 0);
    kind const image = kind_of(source.image, shape_.in_width, -shape_.pad_left);
    int const covered = (together - 1) * shape_.stride_height + shape_.covered_height();
    for (int at = 0; at < shape_.out_height; at += together) {
      int const top = at + together <= shape_.out_height ? at : shape_.out_height - together;
      int const line = top * shape_.stride_height, above = line - shape_.pad_top;
      bool const inside = source.image != nullptr && above >= 0 && above + covered <= shape_.in_height;
      kind const& of = inside ? image : padded;
      sliding_row row = of.row;
      row.lines += (inside ? above : line) * of.line;
      row.to = static_cast<std::ptrdiff_t>(top) * shape_.out_width * row.pixel;
      for (std::size_t left = static_cast<std::size_t>(shape_.out_width); left != 0; left -= row.windows) {
        row.windows = left < most ? left : most;
        body(row);
        row.first += static_cast<std::ptrdiff_t>(row.windows) * shape_.stride_width;
        row.to += static_cast<std::ptrdiff_t>(row.windows) * row.pixel;
      }
    }
  }
  /// What rows have in common that read the padded image, or the image itself.
  struct kind {
    sliding_row row;
    std::ptrdiff_t line;  ///< in elements
  };
  kind kind_of(std::int8_t const* start, int pixels, int first) const noexcept {
    std::ptrdiff_t const pixel = shape_.in_channels, line = pixels * pixel;
    return {{start, zeros_, pixel, shape_.dilation_height * line, shape_.stride_height * line, first, pixels,
             0, 0},
            line};
  }

  template <class Finish, class Code>
  bool from_registers(std::size_t parts, Finish const& finish, sliding_source const& source,
                      Code* y) const noexcept {
    if constexpr (requires { finish.takes_registers(); })
      if (finish.takes_registers()) {
        constexpr std::size_t most_rows = 8;
        sliding_row rows[most_rows];
        std::size_t count = 0;
        auto const pass = chosen<1, Finish, Code>(parts);
        for_each_strip(static_cast<std::size_t>(shape_.out_width), parts, source,
                       [&](sliding_row const& row) {
                         rows[count++] = row;
                         if (count == most_rows)
                           pass(rows, std::exchange(count, 0), weights_, start_, finish, y);
                       });
        pass(rows, count, weights_, start_, finish, y);
        return true;
      }
    return false;
  }

  template <std::size_t Parts, class Finish, class Result>
  slide<Finish, Result> chosen(std::size_t parts) const noexcept {
    if constexpr (Parts < lanes)
      if (parts != Parts) return chosen<2 * Parts, Finish, Result>(parts);
    bool const steps = shape_.stride_width == 2;
    if (size_ == 3) return steps ? &pass<3, 2, Parts, Finish, Result> : &pass<3, 1, Parts, Finish, Result>;
    return steps ? &pass<5, 2, Parts, Finish, Result> : &pass<5, 1, Parts, Finish, Result>;
  }

  template <std::size_t Size, std::size_t Stride, std::size_t Parts, class Finish, class Result>
  [[gnu::noinline]] static void pass(sliding_row const* rows, std::size_t count, unit const* weights,
                                     started const& from, Finish const& finish, Result* to) noexcept {
    // A column belongs to that many windows.
    constexpr std::size_t held = (Size + Stride - 1) / Stride;
    constexpr std::size_t units = (Size + unit_inputs - 1) / unit_inputs;
    constexpr bool fits = units == 1;  // the weights, in registers
    unit own[fits ? Size : 1];
    if constexpr (fits) DYADIC_UNROLL for (std::size_t x = 0; x < Size; ++x) own[x] = weights[x];
    unit const* const weight = fits ? own : weights;

    typename dot::sums start[registers], sum[held][registers];
    DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) start[r] = finish.start(r, from.of[r]);
    for (std::size_t i = 0; i < count; ++i) {
      sliding_row const& row = rows[i];
      typename Finish::sink sink(finish, to + row.to);
      DYADIC_UNROLL for (std::size_t a = 0; a < held; ++a)
          DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) sum[a][r] = start[r];
      std::ptrdiff_t column = row.first;
      for (std::size_t x = 0; x < row.windows + held - 1; ++x) {
        DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) sum[0][r] = start[r];
        DYADIC_UNROLL for (std::size_t c = 0; c < Stride; ++c, ++column) {
          bool const inside = column >= 0 && column < row.end;
          std::int8_t const* const pixel = inside ? row.lines + column * row.pixel : row.zeros;
          std::ptrdiff_t const line = inside ? row.line : 0, part = inside ? row.part : 0;
          DYADIC_UNROLL for (std::size_t u = 0; u < units; ++u) {
            typename codes::factor factor[registers];
            interleave<Size, Parts>(pixel, line, part, u, factor);
            DYADIC_UNROLL for (std::size_t a = 0; a < held; ++a) {
              if (a * Stride + c >= Size) continue;
              typename dot::weight const* const w = weight[(a * Stride + c) * units + u].of;
              DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) sum[a][r] =
                  dot::dot4(sum[a][r], factor[r], w[r]);
            }
          }
          // Before, windows end that would have begun left of the first.
          if (c == (Size - 1) % Stride && x >= held - 1) sink.template take<Parts>(sum[held - 1]);
        }
        DYADIC_UNROLL for (std::size_t a = held - 1; a > 0; --a)
            DYADIC_UNROLL for (std::size_t r = 0; r < registers; ++r) {
          sum[a][r] = sum[a - 1][r];
          dot::tie(sum[a][r]);
        }
      }
    }
  }

  /// Rows 4u to 4u + 3 of a column of pixels. Past the last row, whose weights are 0, any will do.
  template <std::size_t Size, std::size_t Parts>
  [[gnu::always_inline]] static void interleave(std::int8_t const* pixel, std::ptrdiff_t line,
                                                std::ptrdiff_t part, std::size_t u,
                                                typename codes::factor (&to)[registers]) noexcept {
    typename codes::row row[unit_inputs];
    DYADIC_UNROLL for (std::size_t i = 0; i < unit_inputs; ++i) {
      auto const at = static_cast<std::ptrdiff_t>(u * unit_inputs + i);
      row[i] = at < static_cast<std::ptrdiff_t>(Size) ? codes::template load<Parts>(pixel + at * line, part)
                                                      : row[i - 1];
    }
    codes::interleave(row[0], row[1], row[2], row[3], to);
  }

  /// The weights of kernel column x, rows 4u to 4u + 3, become unit x * units + u, every row of windows
  /// having its own; what the sums start from takes the activations' offset back.
  template <int StorageBits>
  void load(std::uint8_t const* packed, std::size_t block_bytes, std::size_t blocks,
            std::size_t parts) noexcept {
    std::size_t const units = (size_ + unit_inputs - 1) / unit_inputs;
    typename codes::factor no_codes[registers];
    std::int8_t const nothing[width]{};
    auto const no_row = codes::template load<1>(nothing, 0);
    codes::interleave(no_row, no_row, no_row, no_row, no_codes);
    alignas(64) std::int32_t const zeros[dot::width]{};
    started offset;
    for (auto& sum : offset.of) sum = dot::start(zeros);
    for (std::size_t x = 0; x < size_; ++x)
      for (std::size_t u = 0; u < units; ++u) {
        alignas(64) std::uint8_t bytes[lanes * unit_weights]{};
        for (std::size_t block = 0; block < blocks; ++block) {
          std::uint32_t rows[unit_outputs]{};
          for (std::size_t i = u * unit_inputs; i < size_ && i < (u + 1) * unit_inputs; ++i)
            add_tap<StorageBits>(packed + block * block_bytes, i * size_ + x, i % unit_inputs, rows);
          for (std::size_t lane = block; lane < lanes; lane += lanes / parts)
            for (std::size_t r = 0; r < registers; ++r)
              __builtin_memcpy(bytes + (r * lanes + lane) * 16, rows + 4 * r, 16);
        }
        unit& to = weights_[x * units + u];
        for (std::size_t i = 0; i < lanes; ++i) {
          typename dot::weight some[dot::registers];
          dot::template load<8>(bytes + i * unit_weights, some);
          for (std::size_t r = 0; r < dot::registers; ++r) to.of[i * dot::registers + r] = some[r];
        }
        for (std::size_t r = 0; r < registers; ++r)
          offset.of[r] = dot::dot4(offset.of[r], no_codes[r], to.of[r]);
      }
    for (std::size_t r = 0; r < registers; ++r) start_.of[r] = dot::subtract(dot::start(zeros), offset.of[r]);
  }
  /// Puts a tap's weights of 16 channels into byte `to` of each channel's word.
  template <int StorageBits>
  static void add_tap(std::uint8_t const* block, std::size_t tap, std::size_t to,
                      std::uint32_t (&rows)[unit_outputs]) noexcept {
    std::uint8_t const* const from = block + tap / unit_inputs * unit_bytes<StorageBits>;
    std::size_t const place = tap % unit_inputs;
    std::uint32_t words[unit_outputs];
    if constexpr (StorageBits == 8) {
      __builtin_memcpy(words, from, sizeof words);
      for (std::uint32_t& word : words) word = word >> place * 8 & 255;
    } else {
      for (std::size_t c = 0; c < unit_outputs; ++c)
        words[c] = static_cast<std::uint8_t>(unit_weight<StorageBits>(from, c * unit_inputs + place));
    }
    for (std::size_t c = 0; c < unit_outputs; ++c) rows[c] |= words[c] << to * 8;
  }

  window_shape const& shape_;
  std::size_t size_;
  started start_;
  unit weights_[most_units];
  alignas(64) std::int8_t zeros_[width];
  alignas(64) std::int32_t sums_[most_windows * width];
};

}  // namespace dyadic::kernel::detail
