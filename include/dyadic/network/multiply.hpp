#pragma once

#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/multiply.hpp>
#include <dyadic/network/join.hpp>

namespace dyadic {

/// Shapes that meet element by element as NumPy's do: axes are counted from the last; an extent of 1, or a
/// missing one, meets all of the other's.
template <class A, class B> struct broadcasting {
  static constexpr int rank = A::rank > B::rank ? A::rank : B::rank;

  template <class Shape> static constexpr int extent_of(int axis) noexcept {
    int const own = axis - (rank - Shape::rank);
    return own < 0 ? 1 : Shape::extent(own);
  }
  static constexpr int extent(int axis) noexcept {
    int const a = extent_of<A>(axis), b = extent_of<B>(axis);
    return a > b ? a : b;
  }
  static constexpr bool fits = [] {
    bool all = rank <= 3;
    for (int axis = 0; axis < rank; ++axis) {
      int const a = extent_of<A>(axis), b = extent_of<B>(axis);
      all = all && (a == b || a == 1 || b == 1);
    }
    return all;
  }();

  template <std::size_t... Axes>
  static shape<extent(static_cast<int>(Axes))...> output_of(std::index_sequence<Axes...>);
  using output = decltype(output_of(std::make_index_sequence<static_cast<std::size_t>(rank)>{}));

  static constexpr kernel::broadcast_shape steps = [] {
    kernel::broadcast_shape s{{1, 1, 1}, {}, {}};
    std::size_t step_a = 1, step_b = 1;
    for (int axis = rank - 1; fits && axis >= 0; --axis) {
      int const to = 3 - rank + axis, a = extent_of<A>(axis), b = extent_of<B>(axis);
      s.extents[to] = static_cast<std::size_t>(extent(axis));
      s.a[to] = a == 1 ? 0 : step_a;
      s.b[to] = b == 1 ? 0 : step_b;
      step_a *= static_cast<std::size_t>(a);
      step_b *= static_cast<std::size_t>(b);
    }
    return s;
  }();
};

/// The integers of a product: the channel of the scale a * b / output.
template <class Policy> struct product_integers {
  std::int32_t zero_a;
  std::int32_t zero_b;
  typename Policy::template channels<1> rescale;
};

/// The product of two tensors: (a - zero_a) * (b - zero_b), an exact integer, requantized once by the rescale
/// policy's linear formula, or by its formula for products where it has one.
template <class Policy, class A, class B> struct product_of {
  using meeting = broadcasting<typename A::shape, typename B::shape>;
  static constexpr auto size = static_cast<std::size_t>(meeting::output::size);
  static constexpr bool keeps_gradient = false;
  using integers = product_integers<Policy>;

  template <class Input> static constexpr std::int64_t reach() noexcept {
    if constexpr (Input::format::is_real)
      return 0;
    else
      return Input::format::high - Input::format::low;
  }
  /// The largest magnitude of a product.
  static constexpr std::int64_t bound = reach<A>() * reach<B>();
  using product = std::conditional_t<(bound > INT32_MAX), std::int64_t, std::int32_t>;

  static constexpr integers settle(code_grid const (&grids)[2], code_grid out) noexcept {
    integers made{grids[0].zero, grids[1].zero, {}};
    rescale_line const line{.input_scale = grids[0].scale,
                            .weight_scale = grids[1].scale,
                            .output_scale = out.scale,
                            .accumulator_bound = bound};
    if constexpr (requires { Policy::product(line); })
      made.rescale.set(0, Policy::product(line));
    else
      made.rescale.set(0, Policy::linear(line));
    return made;
  }

  static void values(tensor const* given, float* to, std::size_t images) noexcept {
    for_each_pair(images, [&](std::size_t i, std::size_t a, std::size_t b) {
      to[i] = A::real(A::of(given[0])[a], given[0].where) * B::real(B::of(given[1])[b], given[1].where);
    });
  }
  static void backward(tensor const* given, float const* dy, float* const* gradients,
                       std::size_t images) noexcept {
    for (std::size_t i = 0; i < images * A::size; ++i) gradients[0][i] = 0;
    for (std::size_t i = 0; i < images * B::size; ++i) gradients[1][i] = 0;
    for_each_pair(images, [&](std::size_t i, std::size_t a, std::size_t b) {
      gradients[0][a] += dy[i] * B::real(B::of(given[1])[b], given[1].where);
      gradients[1][b] += dy[i] * A::real(A::of(given[0])[a], given[0].where);
    });
  }

  template <class Arch, class Code>
  static constexpr void infer(Arch arch, integers const& by, code_output const& output, Code* y,
                              std::size_t images, typename A::element const* a,
                              typename B::element const* b) noexcept {
    auto const channel = by.rescale.get(0);
    auto const finish = [&](product accumulator) noexcept {
      return requantized_code<Policy, Code>(channel, accumulator, output);
    };
    for (std::size_t image = 0; image < images; ++image)
      kernel::multiply<product>(arch, meeting::steps, a + image * A::size, b + image * B::size, by.zero_a,
                                by.zero_b, finish, y + image * size);
  }

 private:
  template <class Visit> static void for_each_pair(std::size_t images, Visit const& visit) noexcept {
    for (std::size_t image = 0; image < images; ++image)
      kernel::for_each_pair(meeting::steps, [&](std::size_t i, std::size_t a, std::size_t b) {
        visit(image * size + i, image * A::size + a, image * B::size + b);
      });
  }
};

/// The product of what two branches give. One may be narrower: a vector of channels meets every pixel of an
/// image, `multiply<identity, branch<global_average_pool, dense<4>, relu, dense<16>, sigmoid>>` (squeeze and
/// excitation, Hu et al. 2018). An activation behind it joins its rounding.
template <class... Members> struct multiply {
  static constexpr auto name = fixed_string("multiply");
  static constexpr auto kind = fixed_string("multiply");
  using role = role::branch;
  using branches = typename joining_members<Members...>::branches;
  using words = typename joining_members<Members...>::words;
  static_assert(branches::size <= 2, "multiply: two branches; nest it for more");

  template <class... Shapes> static constexpr bool joins = broadcasting<Shapes...>::fits;
  template <class... Shapes> using output = typename broadcasting<Shapes...>::output;
  template <class Policy, class... Inputs> using joining = product_of<Policy, Inputs...>;
};

}  // namespace dyadic
