#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/room.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/network/holder.hpp>

namespace dyadic {

template <class Bound> constexpr std::size_t float_count() noexcept {
  std::size_t count = 0;
  for (segment const& s : Bound::segments) count += s.count;
  return count;
}
template <class Bound> constexpr bool is_trained() noexcept {
  for (segment const& s : Bound::segments)
    if (s.trained) return true;
  return false;
}
/// The segments of a bound stage, each with the name of its stage; branches have named theirs.
template <class Bound> constexpr auto located_segments() noexcept {
  auto segments = Bound::segments;
  if constexpr (
      requires { Bound::stage::name; } && !requires { typename Bound::branches; })
    for (segment& s : segments) s.stage = Bound::stage::name.c_str();
  return segments;
}

/// Bound stages one behind the other. A chain is itself what a bound stage is, so that branches can hold one.
template <class... Bounds> struct chain {
  static constexpr std::size_t size = sizeof...(Bounds);
  static_assert(size > 0);
  using indices = std::make_index_sequence<size>;
  template <std::size_t Index> using at = type_at<Index, Bounds...>;
  using stage = chain;
  using input = typename at<0>::stage::input;
  using output = typename at<size - 1>::stage::output;
  using input_format = typename at<0>::input_format;
  using output_format = typename at<size - 1>::output_format;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using slot = holders<typename Bounds::slot...>;
  using cache = holders<typename Bounds::cache...>;
  using memory = stage_memory<cache>;

  static constexpr auto segments = joined_segments(located_segments<Bounds>()...);
  /// Where each stage's floats begin in the block.
  static constexpr auto float_offsets = [] {
    std::array<std::size_t, size + 1> offsets{};
    std::size_t index = 0;
    ((offsets[index + 1] = offsets[index] + float_count<Bounds>(), ++index), ...);
    return offsets;
  }();
  /// Stages before this one have nothing to train.
  static constexpr std::size_t first_trained = [] {
    std::size_t index = 0;
    bool found = false;
    ((found = found || is_trained<Bounds>(), index += found ? 0 : 1), ...);
    return index;
  }();

  template <std::size_t Index>
  static constexpr auto output_size = static_cast<std::size_t>(at<Index>::stage::output::size);
  template <std::size_t Index>
  static constexpr auto input_size = static_cast<std::size_t>(at<Index>::stage::input::size);
  template <std::size_t Index> using output_element = typename at<Index>::output_format::element;
  template <std::size_t Index> using stage_element = typename at<Index>::input_format::element;

  /// What a pass keeps: tensors[0] is the input, tensors[i + 1] what stage i gives.
  struct kept {
    tensor* tensors;
    std::byte* saved[size];
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    kept k{carve.take<tensor>(size + 1), {}};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((k.saved[I] = carve.take<std::byte>(at<I>::saved_bytes(images))), ...);
      (hold<I>(k, carve.take<output_element<I>>(I + 1 < size ? images * output_size<I> : 0)), ...);
    }(indices{});
    return k;
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }

  /// Two gradients between stages, then the largest scratch of a stage.
  struct work {
    float* gradients[2];
    std::byte* scratch;
  };
  static work lay_out(carver& carve, pass const& p) noexcept {
    std::size_t largest = 0, scratch = 0;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((largest = I + 1 < size && output_size<I> > largest ? output_size<I> : largest), ...);
      ((scratch = scratch_of<at<I>>(p) > scratch ? scratch_of<at<I>>(p) : scratch), ...);
    }(indices{});
    return {{carve.take<float>(p.images * largest), carve.take<float>(p.images * largest)},
            carve.take<std::byte>(scratch)};
  }
  static std::size_t scratch_bytes(pass const& p) noexcept {
    carver count;
    lay_out(count, p);
    return count.used();
  }

  template <std::size_t Index>
  static stage_memory<typename at<Index>::cache> memory_of(memory const& m, std::byte* saved = nullptr,
                                                           std::byte* scratch = nullptr) noexcept {
    float* const gradients = m.gradients == nullptr ? nullptr : m.gradients + float_offsets[Index];
    return {m.parameters + float_offsets[Index], gradients, &get<Index>(*m.slot), saved, scratch};
  }

  static void initialise(generator& random, float* parameters) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (at<I>::initialise(random, parameters + float_offsets[I]), ...);
    }(indices{});
  }
  static void refresh(memory const& m) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (at<I>::refresh(memory_of<I>(m)), ...); }(indices{});
  }
  static unready check(memory const& m) noexcept {
    unready found = nullptr;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((found = found != nullptr ? found : at<I>::check(memory_of<I>(m))), ...);
    }(indices{});
    return found;
  }
  static code_grid settle(memory const& m, code_grid in) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((in = at<I>::settle(memory_of<I>(m), in)), ...);
    }(indices{});
    return in;
  }
  static void deploy(memory const& m, slot& to) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (deploy_stage<I>(m, get<I>(to)), ...); }(indices{});
  }

  static void forward(pass const& p, memory const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p);
    k.tensors[0] = x;
    k.tensors[size] = y;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (forward_stage<I>(p, memory_of<I>(m, k.saved[I], w.scratch), k.tensors[I], k.tensors[I + 1]), ...);
    }(indices{});
    y = k.tensors[size];
  }

  /// dy is overwritten. The pass must be the one of the forward call.
  static void backward(pass const& p, memory const& m, tensor, tensor, float* dy, float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    work const w = lay_out(scratch, p);
    kept const k = kept_again(saved, p.images);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (backward_stage<size - 1 - I>(p, m, k, w, dy, dx), ...);
    }(indices{});
  }

  /// Shows what the last forward pass left, in the order of `infer_watched`: `watch(stage name, numbers,
  /// count)`, or where it takes them also where the codes lie and their format.
  template <class Watch>
  static void watch_kept(std::size_t images, std::byte* saved, Watch const& watch) noexcept {
    carver carve{saved};
    kept const k = kept_again(carve, images);
    [&]<std::size_t... I>(std::index_sequence<I...>) { (watch_stage<I>(k, images, watch), ...); }(indices{});
  }

  /// Room that deployment needs between input and output for a group of images: tensors lie alternately at
  /// the front and the back, what a stage needs for itself between its input and its output.
  static constexpr code_room room(std::size_t images) noexcept {
    code_room all{};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((all = all.widened((tensor_room<I>() + tensor_room<I + 1>()) * images + own_room<I>(images))), ...);
    }(indices{});
    return all;
  }

  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, in_element const* x, out_element* y,
                              std::size_t images, code_scratch scratch) noexcept {
    infer_watched(arch, s, x, y, images, scratch, ignore{});
  }

  /// As `infer`; `watch(stage name, codes, count)` sees what each stage gives, those of branches too.
  template <class Arch, class Watch>
  static constexpr void infer_watched(Arch arch, slot const& s, in_element const* x, out_element* y,
                                      std::size_t images, code_scratch scratch, Watch const& watch) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (infer_stage<I>(arch, s, x, y, images, scratch, watch), ...);
    }(indices{});
  }

 private:
  struct ignore {
    template <class Element>
    constexpr void operator()(char const*, Element const*, std::size_t) const noexcept {}
  };

  template <std::size_t Index> static void hold(kept const& k, output_element<Index>* data) noexcept {
    if (k.tensors != nullptr) k.tensors[Index + 1] = {data, {}};
  }
  /// The same addresses as in the forward call, and the tensors as it left them.
  static kept kept_again(carver& carve, std::size_t images) noexcept {
    kept k{carve.take<tensor>(size + 1), {}};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((k.saved[I] = carve.take<std::byte>(at<I>::saved_bytes(images))), ...);
    }(indices{});
    return k;
  }

  template <std::size_t Index>
  static void backward_stage(pass const& p, memory const& m, kept const& k, work const& w, float* dy,
                             float* dx) noexcept {
    if (Index < first_trained && dx == nullptr) return;
    float* const from = Index + 1 == size ? dy : w.gradients[Index % 2];
    float* to = dx;
    if constexpr (Index > 0)
      to = Index == first_trained && dx == nullptr ? nullptr : w.gradients[(Index - 1) % 2];
    auto const one = [&](pass const& part, std::size_t first) {
      at<Index>::backward(part, memory_of<Index>(m, k.saved[Index], w.scratch),
                          input_from<Index>(k.tensors[Index], first),
                          output_from<Index>(k.tensors[Index + 1], first), from + first * output_size<Index>,
                          to == nullptr ? nullptr : to + first * input_size<Index>);
    };
    if constexpr (is_by_image<at<Index>>)
      p.split_images(one);
    else
      one(p, 0);
  }
  template <std::size_t Index>
  static void forward_stage(pass const& p, stage_memory<typename at<Index>::cache> const& m, tensor x,
                            tensor& y) noexcept {
    if constexpr (is_by_image<at<Index>>) {
      tensor const whole = y;
      p.split_images([&](pass const& part, std::size_t first) {
        tensor to = output_from<Index>(whole, first);
        at<Index>::forward(part, m, input_from<Index>(x, first), to);
        if (first == 0) y.where = to.where;
      });
    } else {
      at<Index>::forward(p, m, x, y);
    }
  }
  template <std::size_t Index> static tensor input_from(tensor const& x, std::size_t image) noexcept {
    return {x.as<stage_element<Index>>() + image * input_size<Index>, x.where};
  }
  template <std::size_t Index> static tensor output_from(tensor const& y, std::size_t image) noexcept {
    return {y.as<output_element<Index>>() + image * output_size<Index>, y.where};
  }

  template <std::size_t Index, class Watch>
  static void watch_stage(kept const& k, std::size_t images, Watch const& watch) noexcept {
    if constexpr (requires { at<Index>::watch_kept(images, k.saved[Index], watch); })
      at<Index>::watch_kept(images, k.saved[Index], watch);
    if constexpr (requires { at<Index>::stage::name; }) {
      using format = typename at<Index>::output_format;
      char const* const name = at<Index>::stage::name.c_str();
      tensor const& y = k.tensors[Index + 1];
      output_element<Index> const* const numbers = y.template as<output_element<Index>>();
      if constexpr (requires { watch(name, numbers, images, y.where, format{}); })
        watch(name, numbers, images * output_size<Index>, y.where, format{});
      else
        watch(name, numbers, images * output_size<Index>);
    }
  }
  template <std::size_t Index>
  static void deploy_stage(memory const& m, typename at<Index>::slot& to) noexcept {
    auto const one = memory_of<Index>(m);
    if constexpr (requires { at<Index>::deploy(one, to); })
      at<Index>::deploy(one, to);
    else if constexpr (!std::is_same_v<typename at<Index>::slot, no_slot>)
      to = one.slot->integers;
  }

  /// The room of tensor `Index` of one image; the chain's own input and output lie elsewhere.
  template <std::size_t Index> static constexpr code_room tensor_room() noexcept {
    if constexpr (Index == 0 || Index == size)
      return {};
    else
      return code_room::of<output_element<Index - 1>>(output_size<Index - 1>);
  }
  template <std::size_t Index> static constexpr code_room own_room(std::size_t images) noexcept {
    if constexpr (requires { at<Index>::room(images); })
      return at<Index>::room(images);
    else
      return code_room::of<stage_element<Index>>(at<Index>::infer_scratch);
  }
  /// Tensors of odd index lie at the front.
  template <std::size_t Index> static constexpr std::size_t offset_of(std::size_t images) noexcept {
    using element = output_element<Index - 1>;
    if constexpr (Index % 2 == 1) return 0;
    code_room const all = room(images);
    std::size_t const end = sizeof(element) == 1 ? all.narrow : sizeof(element) == 2 ? all.wide : all.reals;
    return end - output_size<Index - 1> * images;
  }

  template <std::size_t Index, class Arch, class Watch>
  static constexpr void infer_stage(Arch arch, slot const& s, in_element const* x, out_element* y,
                                    std::size_t images, code_scratch scratch, Watch const& watch) noexcept {
    auto const* from = [&] {
      if constexpr (Index == 0)
        return x;
      else
        return static_cast<output_element<Index - 1> const*>(
            scratch.at<output_element<Index - 1>>(offset_of<Index>(images)));
    }();
    auto* to = [&] {
      if constexpr (Index + 1 == size)
        return y;
      else
        return scratch.at<output_element<Index>>(offset_of<Index + 1>(images));
    }();
    constexpr std::size_t front = Index % 2 == 1 ? Index : Index + 1;
    code_scratch const own = scratch.from(tensor_room<front>() * images);
    if constexpr (requires { at<Index>::infer_watched(arch, get<Index>(s), from, to, images, own, watch); })
      at<Index>::infer_watched(arch, get<Index>(s), from, to, images, own, watch);
    else if constexpr (requires { at<Index>::room(images); })
      at<Index>::infer(arch, get<Index>(s), from, to, images, own);
    else
      at<Index>::infer(arch, get<Index>(s), from, to, images, own.template at<stage_element<Index>>(0));
    if constexpr (requires { at<Index>::stage::name; })
      watch(at<Index>::stage::name.c_str(), static_cast<output_element<Index> const*>(to),
            images * output_size<Index>);
  }
};

}  // namespace dyadic
