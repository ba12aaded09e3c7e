#pragma once

#include <array>
#include <cstddef>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/float_convolution.hpp>
#include <dyadic/kernel/float_dense.hpp>
#include <dyadic/kernel/float_depthwise.hpp>
#include <dyadic/kernel/float_elementwise.hpp>
#include <dyadic/layer/code_line.hpp>
#include <dyadic/layer/room.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// Where a linear stage's float numbers are: weights [out][kernel row][kernel column][in] (depthwise [kernel
/// row] [kernel column][channel]), then gamma and beta or the bias, then the running mean and variance.
template <class Stage> struct linear_layout {
  static constexpr std::size_t channels = Stage::channels;
  static constexpr bool normed = Stage::norm::present;
  static constexpr std::size_t bias = Stage::weight_count;   // without batch norm
  static constexpr std::size_t gamma = Stage::weight_count;  // with batch norm
  static constexpr std::size_t beta = gamma + channels;
  static constexpr std::size_t mean = beta + channels;
  static constexpr std::size_t variance = mean + channels;
  static constexpr std::size_t end = normed ? variance + channels : bias + channels;

  static constexpr auto segments = [] {
    segment const weight{"weight", Stage::weight_count, true, parameter_kind::weight};
    if constexpr (normed)
      return std::array<segment, 5>{weight, segment{"gamma", channels, true, parameter_kind::norm},
                                    segment{"beta", channels, true, parameter_kind::norm},
                                    segment{"mean", channels}, segment{"variance", channels}};
    else
      return std::array<segment, 2>{weight, segment{"bias", channels, true, parameter_kind::bias}};
  }();

  /// Uniform weights of variance 2 / fan-in before a rectifier or batch norm (He et al. 2015), else 1 /
  /// fan-in.
  static void initialise(generator& random, float* parameters) noexcept {
    bool const rectified = normed || Stage::activation::low == 0;
    float const bound =
        static_cast<float>(__builtin_sqrt((rectified ? 6.0 : 3.0) / static_cast<double>(Stage::depth)));
    for (std::size_t i = 0; i < Stage::weight_count; ++i) parameters[i] = random.uniform(-bound, bound);
    for (std::size_t c = 0; c < channels; ++c) {
      if constexpr (normed) {
        parameters[gamma + c] = 1;
        parameters[beta + c] = 0;
        parameters[mean + c] = 0;
        parameters[variance + c] = 1;
      } else {
        parameters[bias + c] = 0;
      }
    }
  }
};

/// The three products of a linear layer in floats, whatever its inputs and weights are stored as.
template <class Stage> struct linear_products {
  static constexpr kernel::window_shape shape = Stage::geometry;
  static constexpr bool is_dense = shape.in_height == 1 && shape.in_width == 1 && shape.taps() == 1 &&
                                   shape.out_height == 1 && shape.out_width == 1 && shape.groups == 1 &&
                                   !Stage::layer::depthwise;
  static constexpr std::ptrdiff_t inputs = shape.in_channels;
  static constexpr std::ptrdiff_t outputs = shape.out_channels;

  static constexpr std::size_t workspace(std::size_t images) noexcept {
    auto const n = static_cast<std::ptrdiff_t>(images);
    if constexpr (is_dense)
      return static_cast<std::size_t>(kernel::dense_workspace(n, inputs, outputs));
    else if constexpr (Stage::layer::depthwise)
      return static_cast<std::size_t>(kernel::depthwise_workspace(shape));
    else
      return static_cast<std::size_t>(kernel::convolution_workspace(shape));
  }
  /// What `forward` alone needs, for one image of a dense layer or any number of a convolution.
  static constexpr std::size_t forward_workspace() noexcept {
    if constexpr (is_dense)
      return static_cast<std::size_t>(kernel::float_matmul_workspace(1, outputs, inputs));
    else if constexpr (Stage::layer::depthwise)
      return static_cast<std::size_t>(kernel::depthwise_workspace(shape));
    else
      return static_cast<std::size_t>(kernel::convolution_forward_workspace(shape));
  }
  template <class Source, class Weights>
  static void forward(std::size_t images, Source x, Weights weight, float* y, float* work) noexcept {
    auto const n = static_cast<std::ptrdiff_t>(images);
    kernel::native const arch{};
    if constexpr (is_dense)
      kernel::dense_forward(arch, n, inputs, outputs, x, weight, y, work);
    else if constexpr (Stage::layer::depthwise)
      kernel::depthwise_forward(arch, shape, n, x, weight, y, work);
    else
      kernel::convolution_forward(arch, shape, n, x, weight, y, work);
  }
  template <class Weights>
  static void backward_input(std::size_t images, float const* dy, Weights weight, float* dx,
                             float* work) noexcept {
    auto const n = static_cast<std::ptrdiff_t>(images);
    kernel::native const arch{};
    if constexpr (is_dense)
      kernel::dense_backward_input(arch, n, inputs, outputs, dy, weight, dx, work);
    else if constexpr (Stage::layer::depthwise)
      kernel::depthwise_backward_input(arch, shape, n, dy, weight, dx, work);
    else
      kernel::convolution_backward_input(arch, shape, n, dy, weight, dx, work);
  }
  template <class Source>
  static void backward_weights(std::size_t images, Source x, float const* dy, float* dw,
                               float* work) noexcept {
    auto const n = static_cast<std::ptrdiff_t>(images);
    kernel::native const arch{};
    if constexpr (is_dense)
      kernel::dense_backward_weights(arch, n, inputs, outputs, x, dy, dw, work);
    else if constexpr (Stage::layer::depthwise)
      kernel::depthwise_backward_weights(arch, shape, n, x, dy, dw, work);
    else
      kernel::convolution_backward_weights(arch, shape, n, x, dy, dw, work);
  }
};

/// The weights of a linear stage in float32 as they are. What a stage needs to know of its weights:
///   slot        what deployment stores; `rest` are its floats behind the weights
///   cache       what the trainable engine keeps
///   segments    floats behind the layout's
///   refresh     makes the cache anew
///   draw        makes what a pass draws by chance
///   trained, deployed      the weights, as `product` takes them
///   work, lay_out, room    what a product needs beside them
///   product     y = x times the weights
///   one_by_one  the same of a dense layer, each image alone; else `product` does it
///   backward    gradients of the weights, and of the inputs where dx is not null
template <class Stage> struct float_weights {
  using layout = linear_layout<Stage>;
  using products = linear_products<Stage>;
  struct slot {
    float parameters[layout::end];
  };
  using cache = no_slot;
  static constexpr std::array<segment, 0> segments{};
  using work = float*;

  static work lay_out(carver& carve, std::size_t images) noexcept {
    return carve.take<float>(products::workspace(images));
  }
  static constexpr code_room room(std::size_t) noexcept { return {0, 0, products::forward_workspace()}; }
  static constexpr work from(code_scratch scratch) noexcept { return scratch.reals; }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static void draw(pass const&, stage_memory<cache> const&) noexcept {}
  static float const* trained(stage_memory<cache> const& m) noexcept { return m.parameters; }
  static float const* deployed(slot const& s) noexcept { return s.parameters; }
  static float const* rest(slot const& s) noexcept { return s.parameters + Stage::weight_count; }
  static void deploy(stage_memory<cache> const& m, slot& to) noexcept {
    for (std::size_t i = 0; i < layout::end; ++i) to.parameters[i] = m.parameters[i];
  }
  static void product(std::size_t images, float const* x, float const* weight, float* y, work with) noexcept {
    products::forward(images, x, weight, y, with);
  }
  static void backward(std::size_t images, stage_memory<cache> const& m, float const* x, float const* dy,
                       float* dx, work with) noexcept {
    products::backward_weights(images, x, dy, m.gradients, with);
    if (dx != nullptr)
      products::backward_input(images, dy, static_cast<float const*>(m.parameters), dx, with);
  }
};

/// A linear stage in float32: product, batch norm or bias, activation. `Deployed`: the stage is a float
/// island in a quantized network; then evaluation and deployment take dense layers image by image, so that
/// the order of the sums, and with it every bit, does not depend on the number of images.
template <class Stage, bool Deployed, class Weights = float_weights<Stage>> struct linear_float {
  using stage = Stage;
  using layout = linear_layout<Stage>;
  using products = linear_products<Stage>;
  using input_format = real;
  using output_format = real;
  using slot = typename Weights::slot;
  using cache = typename Weights::cache;
  static constexpr auto segments = joined_segments(layout::segments, Weights::segments);
  static constexpr std::size_t channels = Stage::channels;
  static constexpr bool normed = Stage::norm::present;
  static constexpr std::size_t positions = static_cast<std::size_t>(Stage::output::size) / channels;

  struct kept {
    float* product;  // before the batch norm
    float* mean;
    float* deviation;  // 1 / sqrt(variance + epsilon)
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    std::size_t const elements = normed ? images * positions * channels : 0;
    return {carve.take<float>(elements), carve.take<float>(channels), carve.take<float>(channels)};
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }
  static std::size_t scratch_bytes(std::size_t images) noexcept {
    carver count;
    Weights::lay_out(count, images);
    return count.used();
  }

  static void initialise(generator& random, float* parameters) noexcept {
    layout::initialise(random, parameters);
  }
  static void refresh(stage_memory<cache> const& m) noexcept { Weights::refresh(m); }
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const&, code_grid) noexcept { return {}; }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    auto const work = Weights::lay_out(scratch, p.images);
    auto const rows = static_cast<std::ptrdiff_t>(p.images * positions);
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    kernel::native const arch{};
    float* const out = y.as<float>();
    float const* const in = x.as<float>();
    Weights::draw(p, m);
    auto const& weight = Weights::trained(m);
    if constexpr (normed) {
      product(p.keep, p.images, in, weight, k.product, work);
      float const* mean = m.parameters + layout::mean;
      float const* variance = m.parameters + layout::variance;
      if (p.batch_statistics) {
        kernel::batch_statistics(arch, rows, columns, k.product, k.mean, k.deviation);
        move_statistics(p, channels, Stage::norm::momentum, k.mean, m.parameters + layout::mean);
        move_statistics(p, channels, Stage::norm::momentum, k.deviation, m.parameters + layout::variance);
        mean = k.mean;
        variance = k.deviation;
      } else {
        for (std::size_t c = 0; c < channels; ++c) k.mean[c] = mean[c];
        mean = k.mean;
      }
      kernel::reciprocal_deviation(arch, columns, variance, Stage::norm::epsilon, k.deviation);
      kernel::batch_norm_forward(arch, rows, columns, k.product, mean, k.deviation,
                                 m.parameters + layout::gamma, m.parameters + layout::beta, out);
    } else {
      product(p.keep, p.images, in, weight, out, work);
      kernel::bias_add(arch, rows, columns, m.parameters + layout::bias, out);
    }
    if constexpr (!std::is_same_v<typename Stage::activation, no_activation>)
      kernel::clamp_forward(arch, rows * columns, Stage::activation::low, Stage::activation::high, out, out);
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    auto const work = Weights::lay_out(scratch, p.images);
    auto const rows = static_cast<std::ptrdiff_t>(p.images * positions);
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    kernel::native const arch{};
    if constexpr (!std::is_same_v<typename Stage::activation, no_activation>)
      kernel::clamp_backward(arch, rows * columns, Stage::activation::low, Stage::activation::high,
                             static_cast<float const*>(y.as<float>()), dy, dy);
    if constexpr (normed) {
      float const* const gamma = m.parameters + layout::gamma;
      float* const dgamma = m.gradients + layout::gamma;
      float* const dbeta = m.gradients + layout::beta;
      if (p.batch_statistics)
        kernel::batch_norm_backward(arch, rows, columns, k.product, dy, k.mean, k.deviation, gamma, dy,
                                    dgamma, dbeta);
      else
        kernel::batch_norm_backward_frozen(arch, rows, columns, k.product, dy, k.mean, k.deviation, gamma, dy,
                                           dgamma, dbeta);
    } else {
      kernel::bias_gradient(arch, rows, columns, dy, m.gradients + layout::bias);
    }
    Weights::backward(p.images, m, x.as<float>(), dy, dx, work);
  }

  static void deploy(stage_memory<cache> const& m, slot& to) noexcept { Weights::deploy(m, to); }
  static constexpr code_room room(std::size_t images) noexcept {
    code_room const needed = Weights::room(images);
    return {needed.narrow, needed.wide, needed.reals + 2 * channels};
  }
  /// The evaluation forward of training, operation for operation.
  template <class Arch>
  static void infer(Arch, slot const& s, float const* x, float* y, std::size_t images,
                    code_scratch scratch) noexcept {
    auto const rows = static_cast<std::ptrdiff_t>(images * positions);
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    kernel::native const arch{};
    float const* const rest = Weights::rest(s);
    product(false, images, x, Weights::deployed(s), y, Weights::from(scratch));
    if constexpr (normed) {
      float* const deviation = scratch.reals;
      kernel::reciprocal_deviation(arch, columns, rest + (layout::variance - first), Stage::norm::epsilon,
                                   deviation);
      kernel::batch_norm_forward(arch, rows, columns, static_cast<float const*>(y),
                                 rest + (layout::mean - first), static_cast<float const*>(deviation),
                                 rest + (layout::gamma - first), rest + (layout::beta - first), y);
    } else {
      kernel::bias_add(arch, rows, columns, rest + (layout::bias - first), y);
    }
    if constexpr (!std::is_same_v<typename Stage::activation, no_activation>)
      kernel::clamp_forward(arch, rows * columns, Stage::activation::low, Stage::activation::high, y, y);
  }

 private:
  /// The floats behind the weights.
  static constexpr std::size_t first = Stage::weight_count;

  template <class Given, class Work>
  static void product(bool training, std::size_t images, float const* x, Given const& weight, float* y,
                      Work work) noexcept {
    if constexpr (Deployed && products::is_dense) {
      if (!training) return one_by_one(images, x, weight, y, work);
    }
    Weights::product(images, x, weight, y, work);
  }
  template <class Given, class Work>
  static void one_by_one(std::size_t images, float const* x, Given const& weight, float* y,
                         Work work) noexcept {
    if constexpr (requires { Weights::one_by_one(images, x, weight, y, work); }) {
      Weights::one_by_one(images, x, weight, y, work);
    } else {
      for (std::size_t i = 0; i < images; ++i)
        Weights::product(1, x + i * static_cast<std::size_t>(products::inputs), weight, y + i * channels,
                         work);
    }
  }
};

}  // namespace dyadic
