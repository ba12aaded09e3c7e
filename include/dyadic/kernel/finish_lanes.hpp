#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/row_codes.hpp>

namespace dyadic::kernel::detail {

/// Channels that stand in lanes of 16 beside each other, and several rows of them if they are few: register
/// r of four has the channels 4r to 4r + 3 of every lane.
struct lane_block {
  std::size_t first_channel, channels;
  std::size_t parts, share;              ///< rows of pixels, and the channels that each has room for
  std::ptrdiff_t pixel_step, part_step;  ///< in elements of the result
};

/// Finishes sums that stand in lanes: puts them in order for `finish`.
template <class Arch, class Output, class Code>
void finish_in_order(Arch arch, std::int32_t const* sums, std::size_t pixels, Output const& output,
                     lane_block const& block, Code* y) noexcept {
  constexpr std::size_t lanes = row_lanes<Arch>::count, width = lanes * 16;
  constexpr std::size_t together = lanes == 1 ? 1 : 8;
  auto const part = [&](std::int32_t const* from, std::size_t count, Code* to) {
    finish<false>(arch,
                  finish_shape{count, block.channels, block.first_channel, static_cast<std::ptrdiff_t>(width),
                               block.pixel_step},
                  from, output, to, nullptr);
  };
  if constexpr (lanes == 1) {
    part(sums, pixels, y);
  } else {
    while (pixels != 0) {
      std::size_t const count = pixels < together ? pixels : together;
      alignas(64) std::int32_t ordered[together * width];
      for (std::size_t p = 0; p < count; ++p)
        for (std::size_t r = 0; r < 4; ++r)
          for (std::size_t lane = 0; lane < lanes; ++lane, sums += 4)
            __builtin_memcpy(ordered + p * width + lane * 16 + r * 4, sums, 16);
      for (std::size_t i = 0; i < block.parts; ++i)
        part(ordered + i * block.share, count, y + static_cast<std::ptrdiff_t>(i) * block.part_step);
      y += static_cast<std::ptrdiff_t>(count) * block.pixel_step;
      pixels -= count;
    }
  }
}

/// Finishes the sums of one lane_block. This is any output function; specializations know more.
template <class Arch, class Output, class Code> class lane_finish {
 public:
  lane_finish(Output const& output, lane_block const& block) noexcept : output_(output), block_(block) {}

  void operator()(Arch arch, std::int32_t const* sums, std::size_t pixels, Code* y) const noexcept {
    finish_in_order(arch, sums, pixels, output_, block_, y);
  }

 private:
  Output const& output_;
  lane_block block_;
};

}  // namespace dyadic::kernel::detail
