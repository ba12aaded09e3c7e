#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>

namespace dyadic::kernel {

/// How two tensors of up to three axes meet element by element: the extents of the result, and how far apart
/// in each operand neighbours on an axis lie. 0: the operand has one number there, which meets all.
struct broadcast_shape {
  std::size_t extents[3];
  std::size_t a[3];
  std::size_t b[3];
};

/// Calls `visit(element of the result, of a, of b)` in the order of the result.
template <class Visit>
constexpr void for_each_pair(broadcast_shape const& shape, Visit const& visit) noexcept {
  std::size_t at = 0;
  for (std::size_t i = 0; i < shape.extents[0]; ++i)
    for (std::size_t j = 0; j < shape.extents[1]; ++j) {
      std::size_t const a = i * shape.a[0] + j * shape.a[1], b = i * shape.b[0] + j * shape.b[1];
      for (std::size_t k = 0; k < shape.extents[2]; ++k) visit(at++, a + k * shape.a[2], b + k * shape.b[2]);
    }
}

/// y = finish((a - zero_a) * (b - zero_b)), the product an integer of type `Product`, which holds it.
template <class Product, compiled Arch, class A, class B, class Finish, class Code>
constexpr void multiply(Arch, broadcast_shape const& shape, A const* a, B const* b, std::int32_t zero_a,
                        std::int32_t zero_b, Finish const& finish, Code* y) noexcept {
  for_each_pair(shape, [&](std::size_t to, std::size_t from_a, std::size_t from_b) {
    y[to] = finish(static_cast<Product>(a[from_a] - zero_a) * static_cast<Product>(b[from_b] - zero_b));
  });
}

}  // namespace dyadic::kernel
