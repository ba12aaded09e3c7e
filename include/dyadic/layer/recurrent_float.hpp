#pragma once

#include <array>
#include <cstddef>

#include <dyadic/kernel/float_dense.hpp>
#include <dyadic/kernel/float_elementwise.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/layer/room.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// Where a recurrent layer's float numbers are: weights [gates * units][channels], recurrent weights [gates *
/// units][units], the bias and, where the cell has one, the recurrent part's bias.
template <class Layer, class In> struct recurrent_layout {
  using cell = typename Layer::cell;
  static constexpr auto steps = static_cast<std::size_t>(In::extent(0));
  static constexpr auto channels = static_cast<std::size_t>(In::channels);
  static constexpr std::size_t units = Layer::units;
  static constexpr std::size_t rows = cell::gates * units;
  static constexpr std::size_t weights = rows * channels;
  static constexpr std::size_t recurrent_weights = rows * units;
  static constexpr std::size_t recurrent_at = weights;
  static constexpr std::size_t bias = weights + recurrent_weights;
  static constexpr std::size_t recurrent_bias = bias + rows;
  static constexpr std::size_t trained = bias + rows * (cell::recurrent_bias ? 2 : 1);

  static constexpr auto segments = [] {
    std::array<segment, cell::recurrent_bias ? 4 : 3> all{};
    all[0] = {"weight", weights, true, parameter_kind::weight};
    all[1] = {"recurrent_weight", recurrent_weights, true, parameter_kind::weight};
    all[2] = {"bias", rows, true, parameter_kind::bias};
    if constexpr (cell::recurrent_bias) all[3] = {"recurrent_bias", rows, true, parameter_kind::bias};
    return all;
  }();

  /// Uniform weights: of variance 2 / (channels + units) (Glorot and Bengio 2010), the recurrent ones 1 /
  /// units.
  static void initialise(generator& random, float* parameters) noexcept {
    auto const fill = [&](float* to, std::size_t count, double variance) {
      float const bound = static_cast<float>(__builtin_sqrt(3 * variance));
      for (std::size_t i = 0; i < count; ++i) to[i] = random.uniform(-bound, bound);
    };
    fill(parameters, weights, 2.0 / static_cast<double>(channels + units));
    fill(parameters + recurrent_at, recurrent_weights, 1.0 / static_cast<double>(units));
    for (std::size_t i = bias; i < trained; ++i)
      parameters[i] = i < bias + rows ? cell::initial_bias((i - bias) / units) : 0.0F;
  }
};

/// The backward pass of a recurrent layer through all steps, in floats whatever the forward pass ran on. What
/// that kept is shown by `Kept`:
///   row(image, step)       what `Cell::backward` wants of one step; the pointer is good until the next call
///   previous(image, step)  the reals of the state before a step; as `row`
///   hidden(image, step, dy, dh, sum)  sum = gradients of the outputs and of the recurrent input, back
///   through
///                          their roundings; `dy` null where the step has no output
///   parts(image, step, dx, dh)        sets to 0 what does not pass the parts' roundings
template <class Layer, class In> struct recurrent_backward {
  using layout = recurrent_layout<Layer, In>;
  using cell = typename Layer::cell;
  static constexpr std::size_t steps = layout::steps, channels = layout::channels, units = layout::units,
                               rows = layout::rows;

  struct work {
    float* dx;       ///< of the input's parts of the pre-activations [images][steps][rows]
    float* dh;       ///< of the recurrent parts
    float* d_state;  ///< [images][units]
    float* carried;  ///< of the hidden state, through the recurrent weights [images][units]
    float* floats;
  };
  static constexpr std::size_t workspace(std::size_t images) noexcept {
    auto const n = static_cast<std::ptrdiff_t>(images);
    constexpr auto r = static_cast<std::ptrdiff_t>(rows), u = static_cast<std::ptrdiff_t>(units);
    std::ptrdiff_t const input = kernel::dense_workspace(n * static_cast<std::ptrdiff_t>(steps),
                                                         static_cast<std::ptrdiff_t>(channels), r);
    std::ptrdiff_t const recurrent = kernel::dense_workspace(n * static_cast<std::ptrdiff_t>(steps), u, r);
    return static_cast<std::size_t>(input > recurrent ? input : recurrent);
  }
  static work lay_out(carver& carve, std::size_t images) noexcept {
    return {carve.take<float>(images * steps * rows), carve.take<float>(images * steps * rows),
            carve.take<float>(images * units), carve.take<float>(images * units),
            carve.take<float>(workspace(images))};
  }

  static constexpr std::size_t position(std::size_t step) noexcept {
    return Layer::reversed ? steps - 1 - step : step;
  }

  /// `x` and `before` are the inputs and the hidden states before each step, [images][steps][...], as
  /// sources; `weight` and `recurrent_weight` too. `gradients` are the layer's.
  template <class Kept, class X, class Before, class Weights, class Recurrent>
  static void run(std::size_t images, Kept& kept, X x, Before before, Weights weight,
                  Recurrent recurrent_weight, float const* dy, float* gradients, float* d_input,
                  work const& w) noexcept {
    constexpr kernel::native arch{};
    constexpr auto r = static_cast<std::ptrdiff_t>(rows), u = static_cast<std::ptrdiff_t>(units),
                   c = static_cast<std::ptrdiff_t>(channels), s = static_cast<std::ptrdiff_t>(steps);
    auto const n = static_cast<std::ptrdiff_t>(images);
    for (std::size_t i = 0; i < images * units; ++i) w.d_state[i] = w.carried[i] = 0;
    for (std::size_t step = steps; step-- > 0;) {
      std::size_t const at = position(step);
      for (std::size_t image = 0; image < images; ++image) {
        std::size_t const row = image * steps + at;
        float const* dy_here = nullptr;
        if constexpr (Layer::sequences)
          dy_here = dy + row * units;
        else if (step + 1 == steps)
          dy_here = dy + image * units;
        float sum[units];
        kept.hidden(image, at, dy_here, w.carried + image * units, sum);
        float const* const values = kept.row(image, at);
        cell::backward(units, values, kept.previous(image, at), sum, w.d_state + image * units,
                       w.dx + row * rows, w.dh + row * rows);
        kept.parts(image, at, w.dx + row * rows, w.dh + row * rows);
      }
      if (step > 0)
        kernel::float_matmul(arch, n, u, r, static_cast<float const*>(w.dh + at * rows), s * r, 1,
                             recurrent_weight, u, 1, w.carried, u, w.floats, false);
    }
    auto const* const dx = static_cast<float const*>(w.dx);
    auto const* const dh = static_cast<float const*>(w.dh);
    kernel::bias_gradient(arch, n * s, r, dx, gradients + layout::bias);
    if constexpr (cell::recurrent_bias)
      kernel::bias_gradient(arch, n * s, r, dh, gradients + layout::recurrent_bias);
    kernel::dense_backward_weights(arch, n * s, c, r, x, dx, gradients, w.floats);
    kernel::dense_backward_weights(arch, n * s, u, r, before, dh, gradients + layout::recurrent_at, w.floats);
    if (d_input != nullptr) kernel::dense_backward_input(arch, n * s, c, r, dx, weight, d_input, w.floats);
  }
};

/// A recurrent stage in float32. `Deployed`: it stands in a quantized network; then evaluation and deployment
/// go image by image, so that no bit depends on the number of images.
template <class Stage, bool Deployed> struct recurrent_float {
  using stage = Stage;
  using layer = typename Stage::layer;
  using cell = typename layer::cell;
  using layout = recurrent_layout<layer, typename Stage::input>;
  using gradient = recurrent_backward<layer, typename Stage::input>;
  using input_format = real;
  using output_format = real;
  static constexpr std::size_t steps = layout::steps, channels = layout::channels, units = layout::units,
                               rows = layout::rows, kept_size = cell::kept_rows * units,
                               in_size = steps * channels,
                               out_size = static_cast<std::size_t>(Stage::output::size);
  struct slot {
    float parameters[layout::trained];
  };
  using cache = no_slot;
  static constexpr auto segments = layout::segments;

  struct kept {
    float* values;  ///< [images][steps][kept_size]
    float* states;  ///< before each step
    float* hidden;  ///< before each step
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    return {carve.take<float>(images * steps * kept_size), carve.take<float>(images * steps * units),
            carve.take<float>(images * steps * units)};
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }
  struct work {
    float* parts;            ///< [images][steps][rows]
    float* recurrent_parts;  ///< [images][rows]
    float* floats;
  };
  static work lay_out(carver& carve, std::size_t images) noexcept {
    return {carve.take<float>(images * steps * rows), carve.take<float>(images * rows),
            carve.take<float>(gradient::workspace(images))};
  }
  static std::size_t scratch_bytes(std::size_t images) noexcept {
    carver forward, backward;
    lay_out(forward, images);
    gradient::lay_out(backward, images);
    return forward.used() > backward.used() ? forward.used() : backward.used();
  }

  static void initialise(generator& random, float* parameters) noexcept {
    layout::initialise(random, parameters);
  }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const&, code_grid) noexcept { return {}; }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p.images);
    if (Deployed && !p.keep)
      for (std::size_t i = 0; i < p.images; ++i)
        run(1, m.parameters, x.as<float>() + i * in_size, y.as<float>() + i * out_size, k, w);
    else
      run(p.images, m.parameters, x.as<float>(), y.as<float>(), k, w);
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor, float* dy,
                       float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    seen from{k};
    float const* const weight = m.parameters;
    gradient::run(p.images, from, static_cast<float const*>(x.as<float>()),
                  static_cast<float const*>(k.hidden), weight, weight + layout::recurrent_at, dy, m.gradients,
                  dx, gradient::lay_out(scratch, p.images));
  }

  static void deploy(stage_memory<cache> const& m, slot& to) noexcept {
    for (std::size_t i = 0; i < layout::trained; ++i) to.parameters[i] = m.parameters[i];
  }
  static constexpr std::size_t image_reals =
      steps * (rows + kept_size + 2 * units) + rows + gradient::workspace(1);
  static constexpr code_room room(std::size_t) noexcept { return {0, 0, image_reals}; }
  template <class Arch>
  static void infer(Arch, slot const& s, float const* x, float* y, std::size_t images,
                    code_scratch scratch) noexcept {
    float* at = scratch.reals;
    auto const take = [&at](std::size_t count) {
      float* const taken = at;
      at += count;
      return taken;
    };
    kept const k{take(steps * kept_size), take(steps * units), take(steps * units)};
    work const w{take(steps * rows), take(rows), at};
    for (std::size_t i = 0; i < images; ++i) run(1, s.parameters, x + i * in_size, y + i * out_size, k, w);
  }

 private:
  struct seen {
    kept k;
    float const* row(std::size_t image, std::size_t at) const noexcept {
      return k.values + (image * steps + at) * kept_size;
    }
    float const* previous(std::size_t image, std::size_t at) const noexcept {
      return k.states + (image * steps + at) * units;
    }
    void hidden(std::size_t, std::size_t, float const* dy, float const* dh, float* sum) const noexcept {
      for (std::size_t u = 0; u < units; ++u) sum[u] = dh[u] + (dy == nullptr ? 0.0F : dy[u]);
    }
    void parts(std::size_t, std::size_t, float*, float*) const noexcept {}
  };

  static void run(std::size_t images, float const* parameters, float const* x, float* y, kept const& k,
                  work const& w) noexcept {
    constexpr kernel::native arch{};
    constexpr auto r = static_cast<std::ptrdiff_t>(rows), u = static_cast<std::ptrdiff_t>(units),
                   s = static_cast<std::ptrdiff_t>(steps);
    auto const n = static_cast<std::ptrdiff_t>(images);
    kernel::dense_forward(arch, n * s, static_cast<std::ptrdiff_t>(channels), r, x, parameters, w.parts,
                          w.floats);
    kernel::bias_add(arch, n * s, r, parameters + layout::bias, w.parts);
    for (std::size_t image = 0; image < images; ++image)
      for (std::size_t i = 0; i < units; ++i)
        k.states[(image * steps + gradient::position(0)) * units + i] =
            k.hidden[(image * steps + gradient::position(0)) * units + i] = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      std::size_t const at = gradient::position(step);
      kernel::float_matmul(arch, n, r, u, static_cast<float const*>(k.hidden + at * units), s * u, 1,
                           parameters + layout::recurrent_at, 1, u, w.recurrent_parts, r, w.floats, false);
      if constexpr (cell::recurrent_bias)
        kernel::bias_add(arch, n, r, parameters + layout::recurrent_bias, w.recurrent_parts);
      for (std::size_t image = 0; image < images; ++image) {
        std::size_t const row = image * steps + at;
        float state[units], hidden[units];
        cell::step(units, w.parts + row * rows, w.recurrent_parts + image * rows, k.states + row * units,
                   k.values + row * kept_size, state, hidden);
        float* out = nullptr;
        if constexpr (layer::sequences)
          out = y + row * units;
        else if (step + 1 == steps)
          out = y + image * units;
        if (out != nullptr)
          for (std::size_t i = 0; i < units; ++i) out[i] = hidden[i];
        if (step + 1 == steps) continue;
        std::size_t const next = image * steps + gradient::position(step + 1);
        for (std::size_t i = 0; i < units; ++i) {
          k.states[next * units + i] = state[i];
          k.hidden[next * units + i] = hidden[i];
        }
      }
    }
  }
};

}  // namespace dyadic
