#pragma once

#include <array>

#include <dyadic/kernel/native.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/network/chain.hpp>

/// Layers whose input goes through several branches that meet again: `add`, `multiply`, `concat`, `residual`.
/// Every branch has a grid of its own; where they meet all are brought to the output's grid in one rounding.
namespace dyadic {

/// The layers of one branch: `concat<branch<conv2d<8>, relu>, branch<max_pool<3>, conv2d<4>>>`. A branch may
/// be `named`; one of a single layer may be that layer.
template <class... Layers> struct branch {
  static constexpr auto name = fixed_string("branch");
  static constexpr auto kind = fixed_string("branch");
  using role = role::stage;
  using words = list<>;
  template <class> static constexpr bool takes = false;  ///< it stands in a layer of branches, not by itself
};
/// A branch that gives its input: `multiply<identity, branch<...>>`.
using identity = branch<>;

/// Is it a branch, or a layer that stands for a branch of one layer?
template <class Type> inline constexpr bool is_branch = layer_description<typename unnamed<Type>::type>;
template <class... Layers> inline constexpr bool is_branch<layers<Layers...>> = true;

/// The members of a layer of branches, told apart: branches, and policy words.
template <class... Members> struct joining_members {
  using branches = join<std::conditional_t<is_branch<Members>, list<Members>, list<>>...>;
  using words = join<std::conditional_t<is_branch<Members>, list<>, list<Members>>...>;
  static_assert(branches::size >= 2, "add, multiply and concat take two branches or more");
};

/// A tensor that meets others: the format and shape that its branch ends in.
template <class Format, class Shape> struct joined_input {
  using format = Format;
  using shape = Shape;
  using element = typename Format::element;
  static constexpr auto size = static_cast<std::size_t>(Shape::size);
  static constexpr auto channels = static_cast<std::size_t>(Shape::channels);

  static element const* of(tensor const& t) noexcept { return t.as<element>(); }
  static float real(element number, code_grid where) noexcept {
    if constexpr (Format::is_real)
      return number;
    else
      return decode(number, where);
  }
};

/// A branch without stages: the input's numbers, perhaps under another shape.
template <class Format> struct identity_branch {
  using input_format = Format;
  using output_format = Format;
  using slot = no_slot;
  using cache = no_slot;
  static constexpr std::array<segment, 0> segments{};
};
template <class Branch> inline constexpr bool is_identity = false;
template <class Format> inline constexpr bool is_identity<identity_branch<Format>> = true;

/// The rule of the grid on which branches meet: the scheme's, or the layer's own.
template <class Layer, class Policies, bool Last> struct joined_rule {
  using type = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
};
template <class Layer, class Policies, bool Last>
  requires requires { typename Layer::template output_rule<Policies, Last>; }
struct joined_rule<Layer, Policies, Last> {
  using type = typename Layer::template output_rule<Policies, Last>;
};

/// The integers of branches and of their meeting.
template <class Branches, class Join> struct joined_slot {
  Branches branches;
  Join join;
  code_output output;
};

/// The arithmetic of branches that meet. `Stage::joining` says how: it has
///   integers                     what the meeting needs in deployment
///   settle(grids, out)           those integers, for the branches' grids and the output's
///   values(tensors, to, images)  the results as reals, before activation and rounding
///   infer(arch, integers, output, y, images, codes...)
///   backward(tensors, dy, gradients, images)  of each branch; the first may be dy itself if `keeps_gradient`
template <class Stage, class Policies, bool Last, class... Branches> struct joined_bound {
  using stage = Stage;
  using policy = typename Policies::rescale;
  using output_rule = typename joined_rule<typename Stage::layer, Policies, Last>::type;
  using branches = list<Branches...>;
  static constexpr std::size_t count = sizeof...(Branches);
  using indices = std::make_index_sequence<count>;
  template <std::size_t Index> using at = type_at<Index, Branches...>;
  static constexpr bool is_real = (Branches::output_format::is_real && ...);
  /// Do some branches end in codes and some in reals? Then there is no such stage.
  static constexpr bool is_mixed = !is_real && (Branches::output_format::is_real || ...);
  using arithmetic = typename Stage::template joining<policy, typename Branches::output_format...>;
  using input_format = typename at<0>::input_format;
  using output_format = std::conditional_t<is_real, real, coded_by<typename output_rule::grid>>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  template <std::size_t Index> using element = typename at<Index>::output_format::element;
  using finish = code_finish<output_rule, typename Stage::activation>;
  static constexpr auto size = static_cast<std::size_t>(Stage::output::size);
  static constexpr auto in_size = static_cast<std::size_t>(Stage::input::size);
  static constexpr auto sizes = Stage::branch_sizes;

  using join_integers = std::conditional_t<is_real, no_slot, typename arithmetic::integers>;
  using slot = joined_slot<holders<typename Branches::slot...>, join_integers>;
  using cache = joined_slot<holders<typename Branches::cache...>, join_integers>;
  static constexpr auto range = [] {
    if constexpr (is_real) {
      return std::array<segment, 0>{};
    } else {
      auto own = range_segments<typename output_rule::range>();
      for (segment& s : own) s.stage = Stage::name.c_str();
      return own;
    }
  }();
  static constexpr auto segments = joined_segments(Branches::segments..., range);
  static constexpr auto float_offsets = [] {
    std::array<std::size_t, count + 1> offsets{};
    std::size_t index = 0;
    ((offsets[index + 1] = offsets[index] + float_count<Branches>(), ++index), ...);
    return offsets;
  }();
  static constexpr std::size_t range_at = float_offsets[count];

  struct kept {
    tensor* tensors;  // that the branches give
    std::byte* saved[count];
    void* numbers[count];
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    kept k{carve.take<tensor>(count), {}, {}};
    for_each([&]<std::size_t I>(constant<I>) {
      if constexpr (!is_identity<at<I>>) {
        k.saved[I] = carve.take<std::byte>(at<I>::saved_bytes(images));
        k.numbers[I] = carve.take<element<I>>(images * sizes[I]);
      }
    });
    return k;
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count_only;
    keep(count_only, images);
    return count_only.used();
  }
  struct work {
    float* gradients[count];
    float* input_gradient;
    float* values;  ///< of the meeting, before rounding
    std::byte* scratch;
  };
  static work lay_out(carver& carve, pass const& p) noexcept {
    work w{};
    std::size_t scratch = 0;
    for_each([&]<std::size_t I>(constant<I>) {
      if constexpr (I > 0 || !arithmetic::keeps_gradient)
        w.gradients[I] = carve.take<float>(p.images * sizes[I]);
      if constexpr (!is_identity<at<I>>)
        scratch = scratch_of<at<I>>(p) > scratch ? scratch_of<at<I>>(p) : scratch;
    });
    w.input_gradient = carve.take<float>(p.images * in_size);
    w.values = carve.take<float>(is_real ? 0 : p.images * size);
    w.scratch = carve.take<std::byte>(scratch);
    return w;
  }
  static std::size_t scratch_bytes(pass const& p) noexcept {
    carver count_only;
    lay_out(count_only, p);
    return count_only.used();
  }

  using memory = stage_memory<cache>;
  template <std::size_t Index>
  static stage_memory<typename at<Index>::cache> memory_of(memory const& m, std::byte* saved = nullptr,
                                                           std::byte* scratch = nullptr) noexcept {
    float* const gradients = m.gradients == nullptr ? nullptr : m.gradients + float_offsets[Index];
    return {m.parameters + float_offsets[Index], gradients, &get<Index>(m.slot->branches), saved, scratch};
  }

  static void initialise(generator& random, float* parameters) noexcept {
    for_each_chain(
        [&]<std::size_t I>(constant<I>) { at<I>::initialise(random, parameters + float_offsets[I]); });
  }
  static void refresh(memory const& m) noexcept {
    for_each_chain([&]<std::size_t I>(constant<I>) { at<I>::refresh(memory_of<I>(m)); });
  }
  static unready check(memory const& m) noexcept {
    unready found = nullptr;
    for_each_chain([&]<std::size_t I>(constant<I>) {
      found = found != nullptr ? found : at<I>::check(memory_of<I>(m));
    });
    if constexpr (!is_real)
      if (found == nullptr && !output_rule::range::ready(m.parameters + range_at))
        found = Stage::name.c_str();
    return found;
  }
  static code_grid settle(memory const& m, code_grid in) noexcept {
    code_grid grids[count];
    for (code_grid& grid : grids) grid = in;
    for_each_chain([&]<std::size_t I>(constant<I>) { grids[I] = at<I>::settle(memory_of<I>(m), in); });
    return settle_join(m, grids);
  }
  static void deploy(memory const& m, slot& to) noexcept {
    for_each_chain([&]<std::size_t I>(constant<I>) { at<I>::deploy(memory_of<I>(m), get<I>(to.branches)); });
    to.join = m.slot->join;
    to.output = m.slot->output;
  }

  static void forward(pass const& p, memory const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p);
    for_each([&]<std::size_t I>(constant<I>) {
      k.tensors[I] = x;
      if constexpr (!is_identity<at<I>>) {
        k.tensors[I] = {k.numbers[I], {}};
        at<I>::forward(p, memory_of<I>(m, k.saved[I], w.scratch), x, k.tensors[I]);
      }
    });
    std::size_t const numbers = p.images * size;
    if constexpr (is_real) {
      activated_values(p, k.tensors, y.as<float>());
    } else {
      if (p.observe) {
        activated_values(p, k.tensors, w.values);
        output_rule::range::template observe<typename output_rule::grid>(m.parameters + range_at,
                                                                         seen_in(p, w.values, numbers));
      }
      code_grid grids[count];
      for (std::size_t i = 0; i < count; ++i) grids[i] = k.tensors[i].where;
      y.where = settle_join(m, grids);
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        p.split(p.images, [&](work_part part) {
          arithmetic::infer(kernel::native{}, m.slot->join, m.slot->output,
                            y.as<out_element>() + part.first * size, part.count,
                            static_cast<element<I> const*>(k.tensors[I].template as<element<I>>() +
                                                           part.first * sizes[I])...);
        });
      }(indices{});
    }
  }

  static void backward(pass const& p, memory const& m, tensor x, tensor y, float* dy, float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work w = lay_out(scratch, p);
    if constexpr (is_real) {
      float const* const out = y.as<float>();
      p.split(p.images * size, [&](work_part part) {
        for (std::size_t i = part.first; i < part.first + part.count; ++i)
          dy[i] = out[i] > Stage::activation::low && out[i] < Stage::activation::high ? dy[i] : 0.0F;
      });
    } else {
      values(p, k.tensors, w.values);
      if constexpr (!output_rule::range::learned) {
        p.split(p.images * size, [&](work_part part) {
          typename finish::backward_pass{y.where, size}(w.values + part.first, dy + part.first, part.count);
        });
      } else {
        typename finish::backward_pass through{y.where, size};
        through(w.values, dy, p.images * size);
        through.learn(m.parameters + range_at, m.gradients + range_at);
      }
    }
    if constexpr (arithmetic::keeps_gradient) w.gradients[0] = dy;
    p.split(p.images, [&](work_part part) {
      float* gradients[count];
      for (std::size_t i = 0; i < count; ++i) gradients[i] = w.gradients[i] + part.first * sizes[i];
      arithmetic::backward(from_image(k.tensors, part.first).data(), dy + part.first * size, gradients,
                           part.count);
    });
    for_each([&]<std::size_t I>(constant<I>) {
      float const* given = w.gradients[I];
      if constexpr (!is_identity<at<I>>) {
        float* const into = dx == nullptr || I == 0 ? dx : w.input_gradient;
        at<I>::backward(p, memory_of<I>(m, k.saved[I], w.scratch), x, k.tensors[I], w.gradients[I], into);
        given = into;
      }
      if (dx == nullptr) return;
      if (given == dx) return;
      p.split(p.images * in_size, [&](work_part part) {
        for (std::size_t i = part.first; i < part.first + part.count; ++i)
          dx[i] = I == 0 ? given[i] : dx[i] + given[i];
      });
    });
  }

  /// Room for what the branches give.
  static constexpr code_room branch_room(std::size_t images) noexcept {
    code_room all{};
    for_each_chain(
        [&]<std::size_t I>(constant<I>) { all = all + code_room::of<element<I>>(sizes[I] * images); });
    return all;
  }
  static constexpr code_room room(std::size_t images) noexcept {
    code_room inner{};
    for_each_chain([&]<std::size_t I>(constant<I>) { inner = inner.widened(at<I>::room(images)); });
    return branch_room(images) + inner;
  }

  template <class Watch>
  static void watch_kept(std::size_t images, std::byte* saved, Watch const& watch) noexcept {
    carver carve{saved};
    kept const k = keep(carve, images);
    for_each_chain([&]<std::size_t I>(constant<I>) { at<I>::watch_kept(images, k.saved[I], watch); });
  }

  template <class Arch, class Watch>
  static constexpr void infer_watched(Arch arch, slot const& s, in_element const* x, out_element* y,
                                      std::size_t images, code_scratch scratch, Watch const& watch) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      code_scratch const inner = scratch.from(branch_room(images));
      (infer_branch<I>(arch, s, x, images, scratch, inner, watch), ...);
      if constexpr (is_real) {
        tensor const tensors[count] = {{const_cast<float*>(output_of<I>(x, images, scratch)), {}}...};
        arithmetic::values(tensors, y, images);
        for (std::size_t i = 0; i < images * size; ++i) y[i] = finish::activate(y[i]);
      } else {
        arithmetic::infer(arch, s.join, s.output, y, images, output_of<I>(x, images, scratch)...);
      }
    }(indices{});
  }

 private:
  template <std::size_t Index> struct constant {};

  template <class Visit> static constexpr void for_each(Visit const& visit) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (visit(constant<I>{}), ...); }(indices{});
  }
  /// Those of the branches that have stages.
  template <class Visit> static constexpr void for_each_chain(Visit const& visit) noexcept {
    for_each([&]<std::size_t I>(constant<I> index) {
      if constexpr (!is_identity<at<I>>) visit(index);
    });
  }

  /// The branches' tensors from an image on.
  static std::array<tensor, count> from_image(tensor const* all, std::size_t first) noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<tensor, count>{
          tensor{all[I].template as<element<I>>() + first * sizes[I], all[I].where}...};
    }(indices{});
  }
  /// The results as reals, before the activation and behind it.
  static void values(pass const& p, tensor const* given, float* results) noexcept {
    p.split(p.images, [&](work_part part) {
      arithmetic::values(from_image(given, part.first).data(), results + part.first * size, part.count);
    });
  }
  static void activated_values(pass const& p, tensor const* given, float* results) noexcept {
    values(p, given, results);
    p.split(p.images * size, [&](work_part part) {
      for (std::size_t i = part.first; i < part.first + part.count; ++i)
        results[i] = finish::activate(results[i]);
    });
  }

  static code_grid settle_join(memory const& m, code_grid const (&grids)[count]) noexcept {
    if constexpr (is_real) {
      return {};
    } else {
      code_grid const out =
          output_rule::range::template place<typename output_rule::grid>(m.parameters + range_at);
      m.slot->output = finish::output(out);
      m.slot->join = arithmetic::settle(grids, out);
      return out;
    }
  }

  /// What a branch gives in deployment: outputs of one width lie one behind the other.
  template <std::size_t Index>
  static constexpr element<Index> const* output_of(in_element const* x, std::size_t images,
                                                   code_scratch scratch) noexcept {
    if constexpr (is_identity<at<Index>>)
      return x;
    else
      return place_of<Index>(images, scratch);
  }
  template <std::size_t Index>
  static constexpr element<Index>* place_of(std::size_t images, code_scratch scratch) noexcept {
    std::size_t offset = 0;
    for_each_chain([&]<std::size_t I>(constant<I>) {
      if constexpr (I < Index && sizeof(element<I>) == sizeof(element<Index>)) offset += sizes[I] * images;
    });
    return scratch.at<element<Index>>(offset);
  }
  template <std::size_t Index, class Arch, class Watch>
  static constexpr void infer_branch(Arch arch, slot const& s, in_element const* x, std::size_t images,
                                     code_scratch scratch, code_scratch inner, Watch const& watch) noexcept {
    if constexpr (!is_identity<at<Index>>)
      at<Index>::infer_watched(arch, get<Index>(s.branches), x, place_of<Index>(images, scratch), images,
                               inner, watch);
  }
};

}  // namespace dyadic
