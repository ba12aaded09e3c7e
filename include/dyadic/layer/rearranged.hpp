#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/native.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// How far apart neighbours on an axis of a shape lie.
template <class Shape> constexpr std::ptrdiff_t step_of(int axis) noexcept {
  std::ptrdiff_t step = 1;
  for (int a = axis + 1; a < Shape::rank; ++a) step *= Shape::extent(a);
  return step;
}

/// Rows and columns at the borders of an image; of a sequence left is before the first step.
struct margins {
  int top = 0;
  int bottom = 0;
  int left = 0;
  int right = 0;
};
/// "1,1,2,2": top, bottom, left, right.
template <margins Around> constexpr auto margins_name() noexcept {
  return decimal<Around.top>() + "," + decimal<Around.bottom>() + "," + decimal<Around.left>() + "," +
         decimal<Around.right>();
}
/// The same number at each border of an image.
constexpr margins all_around(int count) noexcept { return {count, count, count, count}; }

/// An image or sequence of other height and width.
template <class In, int Height, int Width>
using resized =
    std::conditional_t<In::rank == 3, shape<(Height > 0 ? Height : 1), (Width > 0 ? Width : 1), In::channels>,
                       shape<(Width > 0 ? Width : 1), In::channels>>;

/// The arithmetic of layers that only move numbers, of up to three axes; codes keep their grid. A layer says
/// where the numbers of an output's index on one axis come from: `Layer::from<In>(axis, index)` is the
/// distance in the input, or negative for nothing, which gives zeros.
template <class Stage, class Format> struct rearranged_bound {
  using stage = Stage;
  using layer = typename Stage::layer;
  using in = typename Stage::input;
  using out = typename Stage::output;
  using input_format = Format;
  using output_format = Format;
  using element = typename Format::element;
  static constexpr std::array<segment, 0> segments{};
  static constexpr auto in_size = static_cast<std::size_t>(in::size);
  static constexpr auto out_size = static_cast<std::size_t>(out::size);
  static constexpr bool fills = layer::fills && !Format::is_real;

  struct zero_slot {
    std::int32_t zero;  ///< the code that is put in
  };
  using slot = std::conditional_t<fills, zero_slot, no_slot>;
  struct cache {
    slot integers;
  };

  static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const& m, code_grid in_grid) noexcept {
    if constexpr (fills) m.slot->integers.zero = in_grid.zero;
    return in_grid;
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    y.where = settle(m, x.where);
    infer(kernel::native{}, m.slot->integers, x.as<element>(), y.as<element>(), p.images, nullptr);
  }
  /// What comes from one place goes back there, summed where it was repeated.
  static void backward(pass const& p, stage_memory<cache> const&, tensor, tensor, float* dy,
                       float* dx) noexcept {
    if (dx == nullptr) return;
    for (std::size_t i = 0; i < p.images * in_size; ++i) dx[i] = 0;
    for (std::size_t image = 0; image < p.images; ++image)
      for_each([&](std::size_t to, std::ptrdiff_t from) {
        if (from >= 0) dx[image * in_size + static_cast<std::size_t>(from)] += dy[image * out_size + to];
      });
  }

  template <class Slot, class Visitor>
    requires fills
  static void walk(Slot& s, Visitor& visit) {
    visit.number("zero", s.zero, {Format::low, Format::high});
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch, slot const& s, element const* x, element* y, std::size_t images,
                              void*) noexcept {
    element zero{};
    if constexpr (fills) zero = static_cast<element>(s.zero);
    for (std::size_t image = 0; image < images; ++image)
      for_each([&](std::size_t to, std::ptrdiff_t from) {
        y[image * out_size + to] = from < 0 ? zero : x[image * in_size + static_cast<std::size_t>(from)];
      });
  }

 private:
  /// Axes are counted so that the last is the third.
  static constexpr int extent(int axis) noexcept {
    int const own = axis - (3 - out::rank);
    return own < 0 ? 1 : out::extent(own);
  }
  static constexpr std::ptrdiff_t from(int axis, int index) noexcept {
    int const own = axis - (3 - out::rank);
    return own < 0 ? 0 : layer::template from<in>(own, index);
  }
  /// Calls `visit(element of the output, of the input or negative)` in the order of the output.
  template <class Visit> static constexpr void for_each(Visit const& visit) noexcept {
    std::size_t to = 0;
    for (int i = 0; i < extent(0); ++i)
      for (int j = 0; j < extent(1); ++j) {
        std::ptrdiff_t const row = from(0, i), column = from(1, j);
        if (row < 0 || column < 0)
          for (int k = 0; k < extent(2); ++k) visit(to++, std::ptrdiff_t{-1});
        else
          for (int k = 0; k < extent(2); ++k) {
            std::ptrdiff_t const channel = from(2, k);
            visit(to++, channel < 0 ? channel : row + column + channel);
          }
      }
  }
};

/// What layers that only move numbers have in common.
struct rearranging {
  using role = role::stage;
  using words = list<>;
  static constexpr bool makes_codes = false;
  static constexpr bool fills = false;  ///< puts zeros in?
  template <class Stage, class Policies, class Format, bool Last>
  using bound = rearranged_bound<Stage, Format>;
};

}  // namespace dyadic
