#pragma once

#include <array>

#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/network/chain.hpp>

namespace dyadic {

/// The layers of a residual's shortcut: usually one 1x1 convolution and its batch norm.
template <class... Layers> struct shortcut {};

/// Adds what its layers give to their input: `residual<conv2d<...>, batch_norm, relu, conv2d<...>,
/// batch_norm>`. A last `shortcut<...>` transforms the input where the shapes differ. The two branches have
/// grids of their own; the addition brings both to the output's grid in one rounding. An activation behind it
/// joins that rounding.
template <class... Layers> struct residual {
  static constexpr auto name = fixed_string("residual");
  static constexpr auto kind = fixed_string("residual");
  using role = role::branch;
  using words = list<>;
};

/// The integers of an addition of two branches.
template <class Body, class Shortcut, class Addition> struct residual_slot {
  Body body;
  Shortcut shortcut;
  Addition addition;
  code_output output;
};

/// A shortcut that gives its input.
template <class Format, class Shape> struct identity_branch {
  using output_format = Format;
  using slot = no_slot;
  using cache = no_slot;
  using output = Shape;
  static constexpr std::array<segment, 0> segments{};
};

/// A residual's arithmetic over two bound branches. `Identity` says that the shortcut is the input itself.
template <class Stage, class Policies, class Body, class Shortcut, bool Last> struct residual_bound {
  using stage = Stage;
  using policy = typename Policies::rescale;
  using output_rule = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
  using body = Body;
  using shortcut = Shortcut;
  static constexpr bool identity = !requires { Shortcut::size; };
  using body_format = typename Body::output_format;
  using shortcut_format = typename Shortcut::output_format;
  static constexpr bool is_real = body_format::is_real;
  static_assert(
      body_format::is_real == shortcut_format::is_real,
      "residual: both branches end in codes or both in float; keep all of their last layers float, or none");
  using input_format = typename Body::input_format;
  using output_format = std::conditional_t<is_real, real, coded_by<typename output_rule::grid>>;
  using in_element = typename input_format::element;
  using body_element = typename body_format::element;
  using shortcut_element = typename shortcut_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, typename Stage::activation>;
  static constexpr auto size = static_cast<std::size_t>(Stage::output::size);
  static constexpr auto in_size = static_cast<std::size_t>(Stage::input::size);

  using slot = residual_slot<typename Body::slot, typename Shortcut::slot, typename policy::addition>;
  struct cache {
    typename Body::cache body;
    typename Shortcut::cache shortcut;
    typename policy::addition addition;
    code_output output;
  };
  static constexpr auto range = [] {
    if constexpr (is_real) {
      return std::array<segment, 0>{};
    } else {
      auto own = range_segments<typename output_rule::range>();
      for (segment& s : own) s.stage = Stage::name.c_str();
      return own;
    }
  }();
  static constexpr auto segments = joined_segments(Body::segments, Shortcut::segments, range);
  static constexpr std::size_t shortcut_at = float_count<Body>();
  static constexpr std::size_t range_at = shortcut_at + float_count<Shortcut>();

  struct kept {
    std::byte* body;
    std::byte* shortcut;
    body_element* a;
    shortcut_element* b;
    tensor* tensors;  // of a and b
    float* values;    // the sums before activation and rounding
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    kept k{};
    k.body = carve.take<std::byte>(Body::saved_bytes(images));
    if constexpr (!identity) k.shortcut = carve.take<std::byte>(Shortcut::saved_bytes(images));
    k.a = carve.take<body_element>(images * size);
    if constexpr (!identity) k.b = carve.take<shortcut_element>(images * size);
    k.tensors = carve.take<tensor>(2);
    k.values = carve.take<float>(is_real ? 0 : images * size);
    return k;
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }
  struct work {
    float* gradient;        // of the sum, for the shortcut
    float* input_gradient;  // of the shortcut
    std::byte* scratch;
  };
  static work lay_out(carver& carve, std::size_t images) noexcept {
    std::size_t scratch = Body::scratch_bytes(images);
    if constexpr (!identity)
      scratch = Shortcut::scratch_bytes(images) > scratch ? Shortcut::scratch_bytes(images) : scratch;
    return {carve.take<float>(images * size), carve.take<float>(images * in_size),
            carve.take<std::byte>(scratch)};
  }
  static std::size_t scratch_bytes(std::size_t images) noexcept {
    carver count;
    lay_out(count, images);
    return count.used();
  }

  using memory = stage_memory<cache>;
  static auto body_of(memory const& m, std::byte* saved = nullptr, std::byte* scratch = nullptr) noexcept {
    return stage_memory<typename Body::cache>{m.parameters, m.gradients, &m.slot->body, saved, scratch};
  }
  static auto shortcut_of(memory const& m, std::byte* saved = nullptr,
                          std::byte* scratch = nullptr) noexcept {
    float* const gradients = m.gradients == nullptr ? nullptr : m.gradients + shortcut_at;
    return stage_memory<typename Shortcut::cache>{m.parameters + shortcut_at, gradients, &m.slot->shortcut,
                                                  saved, scratch};
  }

  static void initialise(generator& random, float* parameters) noexcept {
    Body::initialise(random, parameters);
    if constexpr (!identity) Shortcut::initialise(random, parameters + shortcut_at);
  }
  static void refresh(memory const& m) noexcept {
    Body::refresh(body_of(m));
    if constexpr (!identity) Shortcut::refresh(shortcut_of(m));
  }
  static unready check(memory const& m) noexcept {
    unready found = Body::check(body_of(m));
    if constexpr (!identity) found = found != nullptr ? found : Shortcut::check(shortcut_of(m));
    if constexpr (!is_real)
      if (found == nullptr && !output_rule::range::ready(m.parameters + range_at))
        found = Stage::name.c_str();
    return found;
  }
  static code_grid settle(memory const& m, code_grid in) noexcept {
    code_grid const a = Body::settle(body_of(m), in);
    code_grid b = in;
    if constexpr (!identity) b = Shortcut::settle(shortcut_of(m), in);
    return settle_sum(m, a, b);
  }
  static void deploy(memory const& m, slot& to) noexcept {
    Body::deploy(body_of(m), to.body);
    if constexpr (!identity) Shortcut::deploy(shortcut_of(m), to.shortcut);
    to.addition = m.slot->addition;
    to.output = m.slot->output;
  }

  static void forward(pass const& p, memory const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p.images);
    tensor& a = k.tensors[0];
    tensor& b = k.tensors[1];
    a = {k.a, {}};
    Body::forward(p, body_of(m, k.body, w.scratch), x, a);
    b = x;
    if constexpr (!identity) {
      b = {k.b, {}};
      Shortcut::forward(p, shortcut_of(m, k.shortcut, w.scratch), x, b);
    }
    std::size_t const count = p.images * size;
    body_element const* const left = a.template as<body_element>();
    shortcut_element const* const right = b.template as<shortcut_element>();
    if constexpr (is_real) {
      float* const out = y.as<float>();
      for (std::size_t i = 0; i < count; ++i) out[i] = finish::activate(left[i] + right[i]);
    } else {
      if (p.observe || p.keep) {
        for (std::size_t i = 0; i < count; ++i)
          k.values[i] = decode(left[i], a.where) + decode(right[i], b.where);
      }
      if (p.observe) {
        observation seen = seen_in(k.values, count);
        seen.low = finish::activate(seen.low);
        seen.high = finish::activate(seen.high);
        output_rule::range::template observe<typename output_rule::grid>(m.parameters + range_at, seen);
      }
      y.where = settle_sum(m, a.where, b.where);
      sum(kernel::native{}, m.slot->addition, m.slot->output, left, right, y.as<out_element>(), count);
    }
  }

  static void backward(pass const& p, memory const& m, tensor x, tensor y, float* dy, float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p.images);
    std::size_t const count = p.images * size;
    if constexpr (is_real) {
      float const* const out = y.as<float>();
      for (std::size_t i = 0; i < count; ++i)
        dy[i] = out[i] > Stage::activation::low && out[i] < Stage::activation::high ? dy[i] : 0.0F;
    } else {
      typename finish::backward_pass through{y.where, size};
      through(k.values, dy, count);
      if constexpr (output_rule::range::learned) m.gradients[range_at] += through.step_gradient();
    }
    for (std::size_t i = 0; i < count; ++i) w.gradient[i] = dy[i];
    Body::backward(p, body_of(m, k.body, w.scratch), x, k.tensors[0], dy, dx);
    if constexpr (identity) {
      if (dx != nullptr)
        for (std::size_t i = 0; i < count; ++i) dx[i] += w.gradient[i];
    } else {
      float* const into = dx == nullptr ? nullptr : w.input_gradient;
      Shortcut::backward(p, shortcut_of(m, k.shortcut, w.scratch), x, k.tensors[1], w.gradient, into);
      if (dx != nullptr)
        for (std::size_t i = 0; i < p.images * in_size; ++i) dx[i] += into[i];
    }
  }

  static constexpr code_room branch_room(std::size_t images) noexcept {
    code_room both = code_room::of<body_element>(size * images);
    if constexpr (!identity) both = both + code_room::of<shortcut_element>(size * images);
    return both;
  }
  static constexpr code_room room(std::size_t images) noexcept {
    code_room inner = Body::room(images);
    if constexpr (!identity) inner = inner.widened(Shortcut::room(images));
    return branch_room(images) + inner;
  }

  template <class Watch>
  static void watch_kept(std::size_t images, std::byte* saved, Watch const& watch) noexcept {
    carver carve{saved};
    kept const k = keep(carve, images);
    Body::watch_kept(images, k.body, watch);
    if constexpr (!identity) Shortcut::watch_kept(images, k.shortcut, watch);
  }

  template <class Arch, class Watch>
  static constexpr void infer_watched(Arch arch, slot const& s, in_element const* x, out_element* y,
                                      std::size_t images, code_scratch scratch, Watch const& watch) noexcept {
    code_scratch const inner = scratch.from(branch_room(images));
    body_element* const a = scratch.at<body_element>(0);
    Body::infer_watched(arch, s.body, x, a, images, inner, watch);
    auto const* const b = [&] {
      if constexpr (identity) {
        return x;
      } else {
        constexpr bool shared = sizeof(body_element) == sizeof(shortcut_element);
        shortcut_element* const out = scratch.at<shortcut_element>(shared ? size * images : 0);
        Shortcut::infer_watched(arch, s.shortcut, x, out, images, inner, watch);
        return static_cast<shortcut_element const*>(out);
      }
    }();
    if constexpr (is_real)
      for (std::size_t i = 0; i < images * size; ++i) y[i] = finish::activate(a[i] + b[i]);
    else
      sum(arch, s.addition, s.output, a, b, y, images * size);
  }

 private:
  static code_grid settle_sum(memory const& m, code_grid a, code_grid b) noexcept {
    if constexpr (is_real) return {};
    code_grid const out =
        output_rule::range::template place<typename output_rule::grid>(m.parameters + range_at);
    m.slot->output = finish::output(out);
    m.slot->addition =
        policy::add({a.scale, a.zero}, {b.scale, b.zero}, out.scale,
                    body_format::bits > shortcut_format::bits ? body_format::bits : shortcut_format::bits);
    return out;
  }

  template <class Arch>
  static constexpr void sum(Arch arch, typename policy::addition const& addition, code_output const& output,
                            body_element const* a, shortcut_element const* b, out_element* y,
                            std::size_t count) noexcept {
    static_assert(std::is_same_v<body_element, shortcut_element>,
                  "residual: both branches' codes have one width");
    kernel::add(
        arch, count, a, b,
        [&](int left, int right) noexcept {
          return static_cast<out_element>(clamp<std::int64_t>(
              policy::apply(addition, left, right, output.zero), output.low, output.high));
        },
        y);
  }
};

}  // namespace dyadic
