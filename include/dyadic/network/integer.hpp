#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <dyadic/core/index_of_largest.hpp>
#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/dispatched.hpp>
#include <dyadic/kernel/quantize.hpp>
#include <dyadic/network/bind.hpp>

namespace dyadic {

/// Room between stages, typed so that the same function runs in constant expressions. Bytes are the same for
/// every instruction set; a size of one stands for an unused width.
template <class Input, std::size_t InputCodes, code_room Room> struct scratch_room {
  alignas(64) Input input[InputCodes + kernel::read_slack]{};
  alignas(64) std::int8_t narrow[Room.narrow + kernel::read_slack]{};
  alignas(Room.wide == 0 ? 2 : 64) std::int16_t wide[Room.wide + (Room.wide == 0 ? 1 : kernel::read_slack)]{};

  constexpr code_scratch pointers() noexcept { return {narrow, wide, nullptr}; }
};
template <class Input, std::size_t InputCodes, code_room Room>
  requires(Room.reals > 0)
struct scratch_room<Input, InputCodes, Room> {
  alignas(64) Input input[InputCodes + kernel::read_slack]{};
  alignas(64) std::int8_t narrow[Room.narrow + kernel::read_slack]{};
  alignas(64) std::int16_t wide[Room.wide + kernel::read_slack]{};
  alignas(64) float reals[Room.reals + kernel::read_slack]{};

  constexpr code_scratch pointers() noexcept { return {narrow, wide, reals}; }
};

/// A network as integers: an aggregate without a float member, heap, exception or virtual call, that can be
/// constexpr. Weights are stored once, in the one layout that the kernels of every instruction set read. What
/// a user pays is sizeof of this and `scratch_bytes`. Inference never writes the engine.
template <class Net, class Scheme> struct integer_engine {
  using network = Net;
  using scheme = Scheme;
  using binding = network_binding<Scheme, typename Net::input, typename Net::stages>;
  using encoder = typename binding::encode;
  using body = typename binding::body;
  using code = typename body::in_element;
  using output_code = typename body::out_element;
  static constexpr auto input_size = static_cast<std::size_t>(Net::input_shape::size);
  static constexpr auto output_size = static_cast<std::size_t>(Net::output_shape::size);
  static constexpr bool output_is_real = body::output_format::is_real;

  std::conditional_t<binding::coded_input, typename encoder::slot, no_slot> input;
  typename body::slot stages;
  code_output output;

  /// Scratch for groups of `Images` images.
  template <std::size_t Images = 1>
  using scratch = scratch_room<code, Images * input_size, body::room(Images)>;
  static constexpr std::size_t scratch_bytes = sizeof(scratch<1>);

  /// Codes to codes, for as many images as both spans hold; gives that number. The images are worked on in
  /// groups of as many as the scratch holds, and the codes do not depend on it. The inputs are codes of the
  /// input's grid, as `encode` gives them; for other numbers that their type holds (-128 on symmetric<8>, any
  /// above 7 on 4 bits) the outputs have no meaning; tables read them as the nearest code.
  template <class Scratch, class Arch = kernel::native>
  constexpr std::size_t infer(std::span<code const> inputs, std::span<output_code> outputs, Scratch& room,
                              Arch arch = {}) const noexcept {
    std::size_t const images = fitting(inputs.size() / input_size, outputs.size() / output_size);
    for (std::size_t done = 0, group = 0; done < images; done += group) {
      group = fitting(images - done, capacity<Scratch>);
      for (std::size_t i = 0; i < group * input_size; ++i) room.input[i] = inputs[done * input_size + i];
      run(arch, room, outputs.data() + done * output_size, group);
    }
    return images;
  }
  /// One image, scratch on the stack.
  template <class Arch = kernel::native>
  constexpr std::array<output_code, output_size> infer(std::span<code const, input_size> image,
                                                       Arch arch = {}) const noexcept {
    std::array<output_code, output_size> codes{};
    scratch<1> room;
    infer(std::span<code const>(image), std::span<output_code>(codes), room, arch);
    return codes;
  }

  /// Sensor bytes to output codes, by the input's tables, or their map where the network takes reals; else as
  /// `infer`.
  template <class Scratch, class Arch = kernel::native>
  constexpr std::size_t infer_bytes(std::span<std::uint8_t const> images_bytes,
                                    std::span<output_code> outputs, Scratch& room,
                                    Arch arch = {}) const noexcept {
    std::size_t const images = fitting(images_bytes.size() / input_size, outputs.size() / output_size);
    for (std::size_t done = 0, group = 0; done < images; done += group) {
      group = fitting(images - done, capacity<Scratch>);
      encode_bytes(images_bytes.data() + done * input_size, room.input, group * input_size);
      run(arch, room, outputs.data() + done * output_size, group);
    }
    return images;
  }

  /// The class of one image of sensor bytes: the index of the largest output code.
  template <class Arch = kernel::native>
  constexpr int classify(std::span<std::uint8_t const, input_size> image, Arch arch = {}) const noexcept {
    std::array<output_code, output_size> codes{};
    scratch<1> room;
    infer_bytes(std::span<std::uint8_t const>(image), std::span<output_code>(codes), room, arch);
    return static_cast<int>(index_of_largest(codes.data(), output_size));
  }

  /// The input codes of sensor bytes, by table.
  constexpr void encode(std::span<std::uint8_t const> bytes_in, std::span<code> codes) const noexcept
    requires(binding::coded_input)
  {
    encode_bytes(bytes_in.data(), codes.data(), fitting(bytes_in.size(), codes.size()));
  }
  /// The input codes of reals: the float boundary.
  constexpr void encode(std::span<float const> reals, std::span<code> codes) const noexcept
    requires(binding::coded_input)
  {
    kernel::quantize(kernel::native{}, fitting(reals.size(), codes.size()), reals.data(),
                     input.output.where(), encoder::grid::low, encoder::grid::high, codes.data());
  }
  /// The reals of output codes: the float boundary.
  constexpr void decode(std::span<output_code const> codes, std::span<float> reals) const noexcept {
    for (std::size_t i = 0; i < fitting(codes.size(), reals.size()); ++i) {
      if constexpr (output_is_real)
        reals[i] = codes[i];
      else
        reals[i] = dyadic::decode(codes[i], output.where());
    }
  }

  /// As `infer` for images whose codes are in `room.input` already; at most as many as the scratch holds.
  template <class Scratch, class Arch = kernel::native>
  constexpr void infer_encoded(Scratch& room, std::span<output_code> outputs, std::size_t images,
                               Arch arch = {}) const noexcept {
    run(arch, room, outputs.data(), images);
  }
  /// As `infer_encoded`; `watch(index, codes, count)` sees what each stage
  /// gives.
  template <class Scratch, class Watch, class Arch = kernel::native>
  constexpr void infer_watched(Scratch& room, std::span<output_code> outputs, std::size_t images,
                               Watch const& watch, Arch arch = {}) const noexcept {
    if constexpr (binding::coded_input)
      watch(encoder::name.c_str(), static_cast<code const*>(room.input), images * input_size);
    body::infer_watched(arch, stages, static_cast<code const*>(room.input), outputs.data(), images,
                        room.pointers(), watch);
  }

 private:
  static constexpr std::size_t fitting(std::size_t a, std::size_t b) noexcept { return a < b ? a : b; }

  template <class Scratch>
  static constexpr std::size_t capacity = [] {
    constexpr std::size_t codes = sizeof(Scratch::input) / sizeof(code) - kernel::read_slack;
    static_assert(codes % input_size == 0 && codes > 0,
                  "infer: this is not a scratch<Images> of this network");
    return codes / input_size;
  }();

  template <class Arch, class Scratch>
  constexpr void run(Arch arch, Scratch& room, output_code* outputs, std::size_t images) const noexcept {
    body::infer(arch, stages, static_cast<code const*>(room.input), outputs, images, room.pointers());
  }
  constexpr void encode_bytes(std::uint8_t const* from, code* to, std::size_t count) const noexcept {
    constexpr std::size_t maps = Net::input::map_count;
    for (std::size_t i = 0; i < count; ++i) {
      if constexpr (binding::coded_input)
        to[i] = input.tables[i % maps][from[i]];
      else
        to[i] = Net::input::real_of(from[i], i % maps);
    }
  }
};

/// Does every stage of the network work on integers under this scheme?
template <class Engine>
inline constexpr bool all_integer =
    Engine::binding::coded_input && Engine::body::room(1).reals == 0 && !Engine::output_is_real;

/// Arithmetic: integers only, made by `to_integer`.
template <class Scheme> struct integer {
  using scheme = Scheme;
  static constexpr bool only_integers = true;
  template <class Net> using engine = integer_engine<Net, Scheme>;
};

/// Arithmetic: integers, and float32 in the layers that are kept so.
template <class Scheme> struct mixed {
  using scheme = Scheme;
  static constexpr bool only_integers = false;
  template <class Net> using engine = integer_engine<Net, Scheme>;
};

}  // namespace dyadic
