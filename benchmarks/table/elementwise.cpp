// Operations without weights: between reals, accumulators and codes, sums of codes, pools, tables.
#include <cstring>

#include "dyadic/kernel/add_codes.hpp"
#include "dyadic/kernel/elementwise.hpp"
#include "dyadic/kernel/quantize.hpp"
#include "dyadic/quantize/grid.hpp"

#include "problem.hpp"

namespace benched {
namespace {

/// Dyadic's `compute(arch, y)` against itself by the reference. Both are called on the same data.
template <class Code, class Compute>
contender dyadic_contender(std::size_t size, Compute const& compute, std::string rescale = "") {
  struct results {
    std::vector<Code> y, expected;
  };
  auto const made = std::make_shared<results>(results{std::vector<Code>(size), std::vector<Code>(size)});
  return {.implementation = "dyadic",
          .rescale = std::move(rescale),
          .variant = {},
          .run = [made, compute] { compute(kernel::native{}, made->y.data()); },
          .correct =
              [made, compute] {
                compute(kernel::reference{}, made->expected.data());
                return made->y == made->expected;
              }};
}

constexpr dyadic::code_grid place{0.125F, 3};

contest quantize(std::size_t size) {
  auto const reals = std::make_shared<std::vector<float>>();
  for (std::int16_t const number : random_codes<std::int16_t>(size, 12))
    reals->push_back(static_cast<float>(number) / 64);
  contest made;
  made.contenders.push_back(dyadic_contender<std::int8_t>(size, [reals](auto arch, std::int8_t* y) {
    kernel::quantize(arch, reals->size(), reals->data(), place, -128, 127, y);
  }));
  return made;
}

contest dequantize(std::size_t size) {
  auto const codes = std::make_shared<std::vector<std::int8_t>>(random_codes<std::int8_t>(size, 8));
  contest made;
  made.contenders.push_back(dyadic_contender<float>(size, [codes](auto, float* y) {
    for (std::size_t i = 0; i < codes->size(); ++i) y[i] = dyadic::decode((*codes)[i], place);
  }));
  return made;
}

using shared_sums = std::shared_ptr<std::vector<std::int32_t> const>;

template <class Policy> contender requantizing(shared_sums const& sums) {
  constexpr std::size_t channels = 64;
  auto const held = std::make_shared<parameters<Policy>>(channels, [](std::size_t) {
    return dyadic::rescale_line{
        .input_scale = 1, .weight_scale = 1, .output_scale = 700, .accumulator_bound = 1 << 26};
  });
  auto const compute = [=](auto arch, std::int8_t* y) {
    kernel::apply_output(arch, sums->data(), sums->size() / channels, channels, held->output(3), y);
  };
  return dyadic_contender<std::int8_t>(sums->size(), compute, Policy::name.c_str());
}

contest requantize(std::size_t size) {
  shared_sums const sums =
      std::make_shared<std::vector<std::int32_t> const>(random_codes<std::int32_t>(size, 18));
  contest made;
  made.contenders.push_back(requantizing<dyadic::xnnpack_fp32>(sums));
  made.contenders.push_back(requantizing<dyadic::multiplier<31>>(sums));
#ifdef BENCHED_ONEDNN
  add_onednn_requantize(sums, 1.0F / 700, 3, made);
#endif
  return made;
}

template <class Policy> contender adding(std::size_t size) {
  auto const a = std::make_shared<std::vector<std::int8_t>>(random_codes<std::int8_t>(size, 8, 1));
  auto const b = std::make_shared<std::vector<std::int8_t>>(random_codes<std::int8_t>(size, 8, 2));
  auto const by = Policy::add({0.1F, 3}, {0.07F, -5}, 0.13F);
  auto const compute = [=](auto arch, std::int8_t* y) {
    kernel::add_codes<Policy>(arch, a->size(), a->data(), b->data(), by, {7, -128, 127}, y);
  };
  return dyadic_contender<std::int8_t>(size, compute, Policy::name.c_str());
}

contest add(std::size_t size) {
  contest made;
  made.contenders.push_back(adding<dyadic::xnnpack_fp32>(size));
  made.contenders.push_back(adding<dyadic::multiplier<31>>(size));
  return made;
}

contest pool(int side, int channels) {
  kernel::window_shape const shape{.in_height = side,
                                   .in_width = side,
                                   .in_channels = channels,
                                   .out_height = side / 2,
                                   .out_width = side / 2,
                                   .out_channels = channels,
                                   .kernel_height = 2,
                                   .kernel_width = 2,
                                   .stride_height = 2,
                                   .stride_width = 2};
  auto const size = static_cast<std::size_t>(side * side * channels);
  auto const codes = std::make_shared<std::vector<std::int8_t>>(random_codes<std::int8_t>(size, 8));
  contest made;
  made.contenders.push_back(dyadic_contender<std::int8_t>(
      size / 4, [=](auto arch, std::int8_t* y) { kernel::max_pool(arch, shape, codes->data(), y); }));
  return made;
}

contest table(std::size_t size) {
  auto const bytes = std::make_shared<std::vector<std::uint8_t>>(random_codes<std::uint8_t>(size, 8));
  auto const codes = std::make_shared<std::vector<std::int8_t>>(random_codes<std::int8_t>(256, 8, 5));
  contest made;
  made.contenders.push_back(dyadic_contender<std::int8_t>(size, [=](auto arch, std::int8_t* y) {
    kernel::look_up(arch, size, bytes->data(), codes->data(), y);
  }));
  return made;
}

}  // namespace

std::vector<entry> elementwise_entries() {
  std::vector<entry> entries;
  auto const add_entry = [&](std::string name, std::function<contest()> make) {
    entries.push_back({"elementwise", std::move(name), std::move(make)});
  };
  for (std::size_t const size : {std::size_t{4096}, std::size_t{65536}, std::size_t{1048576}}) {
    std::string const count = std::to_string(size);
    add_entry("quantize " + count, [size] { return quantize(size); });
    add_entry("dequantize " + count, [size] { return dequantize(size); });
    add_entry("requantize " + count, [size] { return requantize(size); });
    add_entry("add " + count, [size] { return add(size); });
    add_entry("table " + count, [size] { return table(size); });
  }
  add_entry("max pool 2x2 32x32x16", [] { return pool(32, 16); });
  add_entry("max pool 2x2 56x56x64", [] { return pool(56, 64); });
  return entries;
}

}  // namespace benched
