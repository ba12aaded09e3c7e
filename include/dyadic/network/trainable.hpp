#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <dyadic/core/buffer.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/network/bind.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/soundness.hpp>
#include <dyadic/network/words.hpp>

namespace dyadic {

/// A batch as the engines take it: bytes (mapped by the input's sensor map) or reals, `images` of them.
struct image_source {
  std::uint8_t const* bytes = nullptr;
  float const* reals = nullptr;
  std::size_t images = 0;
};

/// A network whose numbers can be trained: in float32, or with the integer forward pass of `Scheme`. A value:
/// copying copies the numbers. One heap block holds parameters, running statistics and ranges (`segments`
/// says where); the integers follow from it. Work space grows on demand and is then reused; one engine serves
/// one thread.
template <class Net, class Scheme> class trainable_engine {
 public:
  using network = Net;
  using scheme = Scheme;
  using binding = network_binding<sound_scheme<Scheme, typename Net::input, typename Net::stages>,
                                  typename Net::input, typename Net::stages>;
  using bound = typename binding::type;
  using body = typename binding::body;
  using out_element = typename bound::out_element;
  static constexpr bool is_real = bound::output_format::is_real;
  static constexpr auto input_size = static_cast<std::size_t>(Net::input_shape::size);
  static constexpr auto output_size = static_cast<std::size_t>(Net::output_shape::size);
  static constexpr auto segments = bound::segments;
  static constexpr std::size_t float_count = bound::float_offsets[bound::size];

  /// Fresh weights; a quantized network is then uncalibrated until it has seen data.
  explicit trainable_engine(seed start) : block_(float_count), cache_(1) {
    generator random = generator::from(start);
    bound::initialise(random, block_.data());
    refresh();
  }

  /// All floats, in the order of `segments`. After writing, call `refresh`.
  std::span<float, float_count> floats() noexcept {
    return std::span<float, float_count>(block_.data(), float_count);
  }
  std::span<float const, float_count> floats() const noexcept {
    return std::span<float const, float_count>(block_.data(), float_count);
  }
  /// The gradients of the last backward pass, in the same order.
  std::span<float> gradients() noexcept { return {gradients_.data(), gradients_.size()}; }

  /// Makes the integers anew from the floats.
  void refresh() noexcept { bound::refresh(memory()); }

  /// Success, or which stage has no range yet.
  result<void> calibrated() const noexcept {
    unready const stage = bound::check(memory());
    if (stage == nullptr) return {};
    return make_error(fault::not_calibrated, "the network is not calibrated: stage \"%s\" has no range yet",
                      stage);
  }

  /// Runs a batch; the network's outputs as reals, [images][output_size], valid until the next call.
  float* forward(pass p, image_source given) const {
    p.images = given.images;
    reserve(p);
    places const at = lay_out(p);
    load(p, given, at.input);
    tensor const x{at.input, {}};
    tensor y{at.codes, {}};
    bound::forward(p, memory(at.saved, at.scratch), x, y);
    output_ = y.where;
    work_.last = given.images;
    work_.codes = static_cast<out_element const*>(at.codes);
    if constexpr (!is_real)
      for (std::size_t i = 0; i < given.images * output_size; ++i)
        at.outputs[i] = decode(static_cast<out_element const*>(at.codes)[i], y.where);
    return at.outputs;
  }

  /// The gradients of all floats for the batch of the last forward call, which had `keep` set; the outputs'
  /// gradients [images][output_size] are overwritten.
  void backward(pass p, std::size_t images, float* output_gradients) {
    p.images = images;
    if (gradients_.size() == 0) gradients_ = buffer<float>(float_count);
    std::memset(gradients_.data(), 0, float_count * sizeof(float));
    places const at = lay_out(p);
    bound::backward(p, memory(at.saved, at.scratch), {at.input, {}}, {at.codes, output_}, output_gradients,
                    nullptr);
  }

  /// The inputs of the last forward call as reals, [images][input_size].
  float const* inputs() const noexcept { return lay_out({.images = work_.last}).input; }
  /// The output codes of the last forward call, [images][output_size].
  out_element const* output_codes() const noexcept { return work_.codes; }

  /// Shows what each stage gave in the last forward call: `watch(stage name, codes or reals, count)`, in the
  /// order of the integer engine's `infer_watched`. A watch of five arguments is also shown the code_grid and
  /// an object of the format (`coded<...>` or `real`).
  template <class Watch> void watch_stages(Watch const& watch) const noexcept {
    if (work_.last != 0) bound::watch_kept(work_.last, lay_out({.images = work_.last}).saved, watch);
  }

  /// One image's outputs as reals, in evaluation mode. Sizes must be the network's.
  result<void> predict(std::span<std::uint8_t const> image, std::span<float> outputs) const {
    return predict({image.data(), nullptr, 1}, image.size(), outputs);
  }
  result<void> predict(std::span<float const> image, std::span<float> outputs) const {
    return predict({nullptr, image.data(), 1}, image.size(), outputs);
  }

  /// Bytes of work space that a pass over so many images takes.
  static std::size_t work_bytes(std::size_t images) noexcept {
    return lay_out({.images = images}, nullptr).used;
  }

  /// Bytes that a pass over so many images keeps for its backward pass: what the stages keep and give, and
  /// the inputs as reals where the first of them reads those again.
  static std::size_t kept_bytes(std::size_t images) noexcept {
    std::size_t const inputs = reads_inputs_again ? input_size * sizeof(float) : 0;
    return bound::saved_bytes(images) + images * (inputs + output_size * sizeof(out_element));
  }

  /// Everything evaluation and deployment need, made from the floats without data.
  void settle() const noexcept { bound::settle(memory(), {}); }

  using chain_memory = stage_memory<typename bound::cache>;
  /// The stages' memory, without room for a pass.
  chain_memory memory(std::byte* saved = nullptr, std::byte* scratch = nullptr) const noexcept {
    auto* const self = const_cast<trainable_engine*>(this);
    return {self->block_.data(), self->gradients_.size() == 0 ? nullptr : self->gradients_.data(),
            self->cache_.data(), saved, scratch};
  }

 private:
  static constexpr bool reads_inputs_again = [] {
    using first = typename bound::template at<0>;
    if constexpr (requires { first::learned; })
      return first::learned;
    else
      return true;
  }();

  struct places {
    float* input;
    void* codes;
    float* outputs;
    std::byte* saved;
    std::byte* scratch;
    std::size_t used;
  };
  places lay_out(pass const& p) const noexcept { return lay_out(p, work_.data_or_null()); }
  /// Scratch is last: the other places do not depend on the number of threads.
  static places lay_out(pass const& p, std::byte* block) noexcept {
    carver carve{block};
    places at{};
    at.input = carve.take<float>(p.images * input_size);
    at.outputs = carve.take<float>(p.images * output_size);
    at.codes = is_real ? static_cast<void*>(at.outputs) : carve.take<out_element>(p.images * output_size);
    at.saved = carve.take<std::byte>(bound::saved_bytes(p.images));
    at.scratch = carve.take<std::byte>(bound::scratch_bytes(p));
    at.used = carve.used();
    return at;
  }
  void reserve(pass const& p) const {
    std::size_t const needed = lay_out(p, nullptr).used;
    if (needed <= work_.block.size()) return;
    work_ = {};
    work_.block = buffer<std::byte>(needed);
  }

  static void load(pass const& p, image_source given, float* to) noexcept {
    if (given.reals != nullptr) {
      std::memcpy(to, given.reals, given.images * input_size * sizeof(float));
      return;
    }
    constexpr std::size_t maps = Net::input::map_count;
    float table[maps][256];
    for (std::size_t m = 0; m < maps; ++m)
      for (std::size_t byte = 0; byte < 256; ++byte)
        table[m][byte] = Net::input::real_of(static_cast<std::uint8_t>(byte), m);
    p.split(given.images, [&](work_part part) {
      for (std::size_t i = part.first * input_size; i < (part.first + part.count) * input_size; ++i)
        to[i] = table[i % maps][given.bytes[i]];
    });
  }

  result<void> predict(image_source image, std::size_t size, std::span<float> outputs) const {
    if (size != input_size || outputs.size() != output_size)
      return make_error(fault::wrong_size,
                        "predict: %zu inputs and %zu outputs given, the network has %zu and %zu", size,
                        outputs.size(), input_size, output_size);
    if (auto ready = calibrated(); !ready) return ready.error();
    float const* const y = forward({}, image);
    for (std::size_t i = 0; i < output_size; ++i) outputs[i] = y[i];
    return {};
  }

  /// Work space is not part of the value: a copy starts without.
  struct workspace {
    buffer<std::byte> block;
    std::size_t last = 0;  ///< images of the last forward call
    out_element const* codes = nullptr;
    workspace() = default;
    workspace(workspace const&) noexcept {}
    workspace(workspace&& other) noexcept : block{std::move(other.block)} {}
    workspace& operator=(workspace other) noexcept {
      block = std::move(other.block);
      return *this;
    }
    std::byte* data_or_null() const noexcept { return const_cast<std::byte*>(block.data()); }
  };

  buffer<float> block_;
  mutable buffer<typename bound::cache> cache_;
  buffer<float> gradients_;
  mutable workspace work_;
  mutable code_grid output_{};

  // Last: to clang, members behind an assertion that fails are not there.
  static_assert(sound<typename diagnosis<Scheme, typename Net::input, typename Net::stages, false>::type>,
                "the scheme is not for this network: the type in this message says why");
};

/// Arithmetic: everything in float32.
struct float32 {
  using scheme = all_float;
  static constexpr bool only_integers = false;
  template <class Net> using engine = trainable_engine<Net, all_float>;
};

/// Arithmetic: floats that are trained, and the integer forward pass of `Scheme`.
template <class Scheme> struct trainable {
  using scheme = Scheme;
  static constexpr bool only_integers = false;
  template <class Net> using engine = trainable_engine<Net, Scheme>;
};

}  // namespace dyadic
