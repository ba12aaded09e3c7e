// Compiled once for each instruction set, DYADIC_KERNEL_UNIT, with its flags. The table is the object's only
// symbol that other units see: cmake/kernels.cmake makes all others local, so that no function compiled with
// wider flags takes the place of another unit's.
#include <concepts>

#include <dyadic/kernel/binary.hpp>
#include <dyadic/kernel/depthwise.hpp>
#include <dyadic/kernel/gather.hpp>
#include <dyadic/kernel/kernel_table.hpp>
#include <dyadic/kernel/matmul.hpp>

namespace dyadic::kernel {
namespace {

using arch = DYADIC_KERNEL_UNIT;
static_assert(compiled<arch>, "the flags of this unit do not compile for its instruction set");

/// Hands tiles on; a result is a place counted in bytes, an element each.
struct handed_on {
  tile_receiver const& receiver;
  std::byte* origin;
};

template <bool>
void finish(arch, finish_shape const& shape, std::int32_t const* sums, handed_on const& output, std::byte* y,
            std::uint8_t*) noexcept {
  output.receiver.receive(output.receiver, shape, sums, y - output.origin);
}

template <int StorageBits>
void matmul_sums(matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                 std::int32_t const* weight_sums, tile_receiver const& receiver, std::byte* y) noexcept {
  detail::tiled_matmul<StorageBits>(arch{}, shape, x, weights, weight_sums, handed_on{receiver, y}, y);
}

void bit_sums(matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
              std::int32_t const* weight_sums, tile_receiver const& receiver, std::byte* y) noexcept {
  detail::bit_matmul(arch{}, shape, x, weights, weight_sums, handed_on{receiver, y}, y);
}

template <int StorageBits>
void depthwise_sums(window_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                    std::int32_t const*, tile_receiver const& receiver, std::byte* y) noexcept {
  detail::blocked_depthwise<StorageBits>(arch{}, shape, x, weights, handed_on{receiver, y}, y);
}

template <class Output>
void depthwise_codes(window_shape const& shape, std::int8_t const* x, std::int8_t zero, std::int8_t* frame,
                     std::uint8_t const* weights, Output const& output, typename Output::code* y) noexcept {
  if (frame != nullptr)
    padded_depthwise<8>(arch{}, shape, x, zero, frame, weights, output, y);
  else
    depthwise<8>(arch{}, shape, x, weights, output, y);
}

template <class Output>
void matmul_codes(matmul_shape const& shape, bool narrow, std::int8_t const* x, std::uint8_t const* weights,
                  std::int32_t const* weight_sums, Output const& output, typename Output::code* y) noexcept {
  if (narrow)
    gathered_matmul<8>(arch{}, shape, x, weights, weight_sums, output, y);
  else
    matmul<8>(arch{}, shape, x, weights, weight_sums, output, y);
}

template <class Output>
void finish_codes(finish_shape const& shape, std::int32_t const* sums, Output const& output,
                  typename Output::code* y) noexcept {
  finish<false>(arch{}, shape, sums, output, y, nullptr);
}

}  // namespace
}  // namespace dyadic::kernel

#define DYADIC_JOIN(a, b) a##b
#define DYADIC_TABLE(unit) DYADIC_JOIN(dyadic_kernels_, unit)
extern "C" {
extern dyadic::kernel::kernel_table const DYADIC_TABLE(DYADIC_KERNEL_UNIT);
constinit dyadic::kernel::kernel_table const DYADIC_TABLE(DYADIC_KERNEL_UNIT){
    dyadic::kernel::arch::name.c_str(),
    {&dyadic::kernel::matmul_sums<2>, &dyadic::kernel::matmul_sums<4>, &dyadic::kernel::matmul_sums<8>},
    &dyadic::kernel::bit_sums,
    {&dyadic::kernel::depthwise_sums<2>, &dyadic::kernel::depthwise_sums<4>,
     &dyadic::kernel::depthwise_sums<8>},
    &dyadic::kernel::finish_codes,
    &dyadic::kernel::finish_codes,
    &dyadic::kernel::finish_codes,
    &dyadic::kernel::finish_codes,
    &dyadic::kernel::depthwise_codes,
    &dyadic::kernel::depthwise_codes,
    &dyadic::kernel::matmul_codes,
    &dyadic::kernel::matmul_codes,
};
}
