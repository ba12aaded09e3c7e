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

/// The three products of a linear layer in floats, whatever its inputs and weights are stored as. Threads
/// share images, or columns of a result that is a matrix: the order of no sum changes. `work` is room for
/// `workspace` floats.
template <class Stage> struct linear_products {
  static constexpr kernel::window_shape shape = Stage::geometry;
  static constexpr bool depthwise = Stage::layer::depthwise;
  static constexpr bool is_dense = shape.in_height == 1 && shape.in_width == 1 && shape.taps() == 1 &&
                                   shape.out_height == 1 && shape.out_width == 1 && shape.groups == 1 &&
                                   !depthwise;
  /// Rows of a matrix that an image is where the layer is a product of matrices, else 0.
  static constexpr std::ptrdiff_t image_rows = depthwise ? 0 : kernel::float_detail::dense_rows(shape);
  /// Numbers that an output is summed over, each times a weight.
  static constexpr std::ptrdiff_t inputs = kernel::float_detail::kernel_size(shape);
  static constexpr std::ptrdiff_t outputs = shape.out_channels;

  static std::size_t workspace(pass const& p) noexcept {
    std::size_t const sums =
        image_rows > 0 || depthwise
            ? 0
            : static_cast<std::size_t>(kernel::weight_sums_size(shape) + kernel::float_detail::line_floats);
    return p.threads() * own_workspace(p.images) + sums;
  }
  /// What `forward` alone needs, for one image of a dense layer or any number of a convolution.
  static constexpr std::size_t forward_workspace() noexcept {
    if constexpr (is_dense)
      return static_cast<std::size_t>(kernel::float_matmul_workspace(1, outputs, inputs));
    else if constexpr (depthwise)
      return static_cast<std::size_t>(kernel::depthwise_workspace(shape));
    else
      return static_cast<std::size_t>(kernel::convolution_forward_workspace(shape));
  }
  template <class Source, class Weights>
  static void forward(pass const& p, Source x, Weights weight, float* y, float* work) noexcept {
    if constexpr (image_rows > 0)
      split_matrix(p, outputs, work, [&](auto first, auto rows, auto of, float* own) {
        kernel::dense_forward(arch, rows, inputs, outputs, kernel::advanced(x, first * inputs), weight,
                              y + first * outputs, own, of);
      });
    else
      split_images(p, work, [&](auto first, auto images, float* own, std::size_t) {
        auto const from = kernel::advanced(x, first * kernel::input_size(shape));
        float* const to = y + first * kernel::output_size(shape);
        if constexpr (depthwise)
          kernel::depthwise_forward(arch, shape, images, from, weight, to, own);
        else
          kernel::convolution_forward(arch, shape, images, from, weight, to, own);
      });
  }
  /// The gradients of the weights, added to dw, and of the inputs where dx is not null.
  template <class Source, class Weights>
  static void backward(pass const& p, Source x, float const* dy, float* dw, Weights weight, float* dx,
                       float* work) noexcept {
    if constexpr (image_rows > 0) {
      auto const rows = static_cast<std::ptrdiff_t>(p.images) * image_rows;
      auto const to_weights = [&](work_part part) {
        kernel::dense_backward_weights(arch, rows, inputs, outputs, x, dy, dw, own_of(p, part, work),
                                       range(part));
      };
      p.split(static_cast<std::size_t>(inputs), to_weights, vector);
      if (dx == nullptr) return;
      split_matrix(p, inputs, work, [&](auto first, auto count, auto of, float* own) {
        kernel::dense_backward_input(arch, count, inputs, outputs, dy + first * outputs, weight,
                                     dx + first * inputs, own, of);
      });
    } else {
      // The sums over images pass from thread to thread. The first begins with them and the others have the
      // inputs to do meanwhile; where that is not enough, they pass row by row of the kernel.
      float* const sums = kernel::float_detail::aligned(work + p.threads() * own_workspace(p.images));
      std::size_t const enough = dx == nullptr ? 1 : 2;
      std::size_t const turns = depthwise || p.threads() <= enough ? 1 : shape.kernel_height;
      split_images(p, work, [&](auto first, auto images, float* own, std::size_t worker) {
        auto const given = kernel::advanced(x, first * kernel::input_size(shape));
        float const* const from = dy + first * kernel::output_size(shape);
        auto const to_inputs = [&] {
          if (dx == nullptr) return;
          float* const to = dx + first * kernel::input_size(shape);
          if constexpr (depthwise)
            kernel::depthwise_backward_input(arch, shape, images, from, weight, to, own);
          else
            kernel::convolution_backward_input(arch, shape, images, from, weight, to, own);
        };
        if (worker != 0) to_inputs();
        for (std::size_t turn = 0; turn < turns; ++turn)
          p.in_turn(worker, turn, [&] {
            auto const share = inputs / static_cast<std::ptrdiff_t>(turns);
            if constexpr (depthwise)
              kernel::depthwise_backward_weights(arch, shape, images, given, from, dw, own);
            else
              kernel::convolution_weight_sums(arch, shape, images, given, from, sums, first > 0, own,
                                              {static_cast<std::ptrdiff_t>(turn) * share, share});
          });
        if (worker == 0) to_inputs();
      });
      if constexpr (!depthwise) kernel::add_weight_sums(shape, sums, dw);
    }
  }

 private:
  static constexpr kernel::native arch{};
  static constexpr std::size_t vector = 16;     ///< columns that are worth a thread
  static constexpr std::size_t tile_rows = 12;  ///< more than would be done another way

  /// What each thread needs.
  static constexpr std::size_t own_workspace(std::size_t images) noexcept {
    auto const rows = static_cast<std::ptrdiff_t>(images) * image_rows;
    std::ptrdiff_t floats = kernel::float_detail::line_floats;  // to the next thread's
    if constexpr (image_rows > 0)
      floats += kernel::dense_workspace(rows, inputs, outputs);
    else if constexpr (depthwise)
      floats += kernel::depthwise_workspace(shape);
    else
      floats += kernel::convolution_workspace(shape);
    return static_cast<std::size_t>(floats);
  }
  static constexpr kernel::result_range range(work_part part) noexcept {
    return {static_cast<std::ptrdiff_t>(part.first), static_cast<std::ptrdiff_t>(part.count)};
  }
  static float* own_of(pass const& p, work_part part, float* work) noexcept {
    return work + part.worker * own_workspace(p.images);
  }
  template <class Call> static void split_images(pass const& p, float* work, Call const& call) noexcept {
    p.split(p.images, [&](work_part part) {
      kernel::result_range const of = range(part);
      call(of.first, of.count, own_of(p, part, work), part.worker);
    });
  }
  /// The longer side of a matrix product, so that what each thread packs is the smaller operand.
  template <class Call>
  static void split_matrix(pass const& p, std::ptrdiff_t columns, float* work, Call const& call) noexcept {
    auto const rows = static_cast<std::ptrdiff_t>(p.images) * image_rows;
    if (columns > rows)
      p.split(
          static_cast<std::size_t>(columns),
          [&](work_part part) { call(std::ptrdiff_t{0}, rows, range(part), own_of(p, part, work)); }, vector);
    else
      p.split(
          static_cast<std::size_t>(rows),
          [&](work_part part) {
            call(range(part).first, range(part).count, kernel::result_range{}, own_of(p, part, work));
          },
          tile_rows);
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

  static work lay_out(carver& carve, pass const& p) noexcept {
    return carve.take<float>(products::workspace(p));
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
  static void product(pass const& p, float const* x, float const* weight, float* y, work with) noexcept {
    products::forward(p, x, weight, y, with);
  }
  static void backward(pass const& p, stage_memory<cache> const& m, float const* x, float const* dy,
                       float* dx, work with) noexcept {
    products::backward(p, x, dy, m.gradients, static_cast<float const*>(m.parameters), dx, with);
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
  struct work {
    typename Weights::work product;
    kernel::shared_rows shared;
  };
  static work lay_out(carver& carve, pass const& p) noexcept {
    std::size_t const sums = p.shared == nullptr ? 0 : kernel::shared_rows::room(p.images * positions);
    auto const product = Weights::lay_out(carve, p);
    return {product, {p.shared, carve.take<float>(sums)}};
  }
  static std::size_t scratch_bytes(pass const& p) noexcept {
    carver count;
    lay_out(count, p);
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
    work const w = lay_out(scratch, p);
    auto const rows = static_cast<std::ptrdiff_t>(p.images * positions);
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    kernel::native const arch{};
    float* const out = y.as<float>();
    float const* const in = x.as<float>();
    Weights::draw(p, m);
    auto const& weight = Weights::trained(m);
    if constexpr (normed) {
      product(p, in, weight, k.product, w.product);
      float const* const mean = m.parameters + layout::mean;
      float const* variance = m.parameters + layout::variance;
      if (p.batch_statistics) {
        kernel::batch_statistics(arch, rows, columns, k.product, k.mean, k.deviation, w.shared);
        move_statistics(p, channels, Stage::norm::momentum, k.mean, m.parameters + layout::mean);
        move_statistics(p, channels, Stage::norm::momentum, k.deviation, m.parameters + layout::variance);
        variance = k.deviation;
      } else {
        for (std::size_t c = 0; c < channels; ++c) k.mean[c] = mean[c];
      }
      kernel::reciprocal_deviation(arch, columns, variance, Stage::norm::epsilon, k.deviation);
    } else {
      product(p, in, weight, out, w.product);
    }
    p.split(p.images * positions, [&](work_part part) {
      auto const count = static_cast<std::ptrdiff_t>(part.count);
      float* const to = out + part.first * channels;
      if constexpr (normed)
        kernel::batch_norm_forward(arch, count, columns, k.product + part.first * channels, k.mean,
                                   k.deviation, m.parameters + layout::gamma, m.parameters + layout::beta,
                                   to);
      else
        kernel::bias_add(arch, count, columns, m.parameters + layout::bias, to);
      if constexpr (!std::is_same_v<typename Stage::activation, no_activation>)
        kernel::clamp_forward(arch, count * columns, Stage::activation::low, Stage::activation::high, to, to);
    });
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p);
    auto const rows = static_cast<std::ptrdiff_t>(p.images * positions);
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    kernel::native const arch{};
    if constexpr (!std::is_same_v<typename Stage::activation, no_activation>)
      p.split(p.images * positions, [&](work_part part) {
        std::size_t const from = part.first * channels;
        kernel::clamp_backward(arch, static_cast<std::ptrdiff_t>(part.count) * columns,
                               Stage::activation::low, Stage::activation::high,
                               static_cast<float const*>(y.as<float>() + from), dy + from, dy + from);
      });
    if constexpr (normed) {
      float const* const gamma = m.parameters + layout::gamma;
      float* const dgamma = m.gradients + layout::gamma;
      float* const dbeta = m.gradients + layout::beta;
      if (p.batch_statistics)
        kernel::batch_norm_backward(arch, rows, columns, k.product, dy, k.mean, k.deviation, gamma, dy,
                                    dgamma, dbeta, w.shared);
      else
        kernel::batch_norm_backward_frozen(arch, rows, columns, k.product, dy, k.mean, k.deviation, gamma, dy,
                                           dgamma, dbeta, w.shared);
    } else {
      kernel::bias_gradient(arch, rows, columns, dy, m.gradients + layout::bias, w.shared);
    }
    Weights::backward(p, m, x.as<float>(), dy, dx, w.product);
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
    product({.images = images}, x, Weights::deployed(s), y, Weights::from(scratch));
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
  static void product(pass const& p, float const* x, Given const& weight, float* y, Work work) noexcept {
    if constexpr (Deployed && products::is_dense) {
      if (!p.keep) return one_by_one(p.images, x, weight, y, work);
    }
    Weights::product(p, x, weight, y, work);
  }
  template <class Given, class Work>
  static void one_by_one(std::size_t images, float const* x, Given const& weight, float* y,
                         Work work) noexcept {
    if constexpr (requires { Weights::one_by_one(images, x, weight, y, work); }) {
      Weights::one_by_one(images, x, weight, y, work);
    } else {
      for (std::size_t i = 0; i < images; ++i)
        Weights::product({.images = 1}, x + i * static_cast<std::size_t>(products::inputs), weight,
                         y + i * channels, work);
    }
  }
};

}  // namespace dyadic
