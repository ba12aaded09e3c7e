#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

/// A network that was trained for some steps, and whether every code of every stage is the same in the
/// trainable engine's evaluation, the integer engine on this machine's kernels and the integer engine on the
/// reference.
namespace parity {

/// What one stage gave; reals count by their bits.
struct stage_codes {
  std::string stage;
  std::vector<std::int32_t> codes;

  bool operator==(stage_codes const&) const = default;
};
using trace = std::vector<stage_codes>;

inline auto record_into(trace& into) {
  return [&into](char const* stage, auto const* numbers, std::size_t count) {
    into.push_back({stage, {}});
    for (std::size_t i = 0; i < count; ++i) {
      if constexpr (std::is_same_v<decltype(numbers), float const*>)
        into.back().codes.push_back(std::bit_cast<std::int32_t>(numbers[i]));
      else
        into.back().codes.push_back(numbers[i]);
    }
  };
}

/// "" for equal traces, else the first stage that differs and by how many codes.
inline std::string difference(trace const& a, trace const& b) {
  if (a.size() != b.size()) return "another number of stages";
  for (std::size_t s = 0; s < a.size(); ++s) {
    if (a[s].stage != b[s].stage) return a[s].stage + " against " + b[s].stage;
    if (a[s].codes.size() != b[s].codes.size()) return a[s].stage + ": another number of codes";
    std::size_t differing = 0;
    for (std::size_t i = 0; i < a[s].codes.size(); ++i) differing += a[s].codes[i] != b[s].codes[i] ? 1 : 0;
    if (differing != 0)
      return a[s].stage + ": " + std::to_string(differing) + " of " + std::to_string(a[s].codes.size());
  }
  return "";
}

/// Images of smooth shapes in noise, the whole range of bytes.
inline std::vector<std::uint8_t> images_of(std::size_t count, std::uint64_t seed) {
  dyadic::generator random = dyadic::generator::from({seed});
  std::vector<std::uint8_t> bytes(count);
  std::uint32_t level = 128;
  for (std::uint8_t& byte : bytes) {
    if (random.below(5) == 0) level = random.below(256);
    byte = static_cast<std::uint8_t>((level * 3 + random.below(256)) / 4);
  }
  return bytes;
}

/// Steps of plain gradient descent on random gradients of the outputs: small, and of every kind.
template <class Net> void train(Net& net, std::vector<std::uint8_t> const& bytes, int steps) {
  std::size_t const images = bytes.size() / Net::input_size;
  dyadic::generator random = dyadic::generator::from({77});
  std::vector<float> gradients(images * Net::output_size);
  for (int step = 0; step < steps; ++step) {
    dyadic::pass const p{.images = images,
                         .batch_statistics = true,
                         .observe = true,
                         .drop = true,
                         .keep = true,
                         .random = &random};
    net.forward(p, {bytes.data(), nullptr, images});
    for (float& gradient : gradients) gradient = random.normal() / static_cast<float>(images);
    net.backward(p, images, gradients.data());
    std::size_t at = 0;
    for (dyadic::segment const& s : Net::segments) {
      for (std::size_t i = at; s.trained && i < at + s.count; ++i) {
        bool const is_step = s.kind == dyadic::parameter_kind::step;
        float& number = net.floats()[i];
        float const next = number - (is_step ? 0.002F : 0.05F) * net.gradients()[i];
        number = is_step && !(next > number / 2) ? number / 2 : next;
      }
      at += s.count;
    }
    net.refresh();
  }
}

/// Makes every third gamma zero and every third negative.
template <class Net> void disturb_gammas(Net& net) {
  std::size_t at = 0;
  for (dyadic::segment const& s : Net::segments) {
    if (std::string(s.name) == "gamma")
      for (std::size_t i = 0; i < s.count; ++i)
        net.floats()[at + i] *= i % 3 == 0 ? 0.0F : i % 3 == 1 ? -1.0F : 1.0F;
    at += s.count;
  }
  net.refresh();
}

template <class Net> trace trained_trace(Net const& net, std::vector<std::uint8_t> const& bytes) {
  net.forward({}, {bytes.data(), nullptr, bytes.size() / Net::input_size});
  trace seen;
  net.watch_stages(record_into(seen));
  return seen;
}

constexpr std::size_t images = 8;

template <class Engine, class Arch>
trace deployed_trace(Engine const& engine, std::vector<std::uint8_t> const& bytes, Arch arch) {
  auto const room = std::make_unique<typename Engine::template scratch<images>>();
  std::vector<typename Engine::output_code> outputs(images * Engine::output_size);
  if constexpr (Engine::binding::coded_input)
    engine.encode(std::span<std::uint8_t const>(bytes), std::span(room->input, bytes.size()));
  else
    for (std::size_t i = 0; i < bytes.size(); ++i)
      room->input[i] = Engine::network::input::real_of(bytes[i], i % Engine::network::input::map_count);
  trace seen;
  engine.infer_watched(*room, outputs, images, record_into(seen), arch);
  return seen;
}

/// The codes of all images in groups of `Group`.
template <std::size_t Group, class Engine>
std::vector<std::int32_t> grouped(Engine const& engine, std::vector<std::uint8_t> const& bytes) {
  auto const room = std::make_unique<typename Engine::template scratch<Group>>();
  std::vector<typename Engine::output_code> outputs(images * Engine::output_size);
  CHECK(engine.infer_bytes(std::span<std::uint8_t const>(bytes), std::span(outputs), *room) == images);
  return {outputs.begin(), outputs.end()};
}

/// The stages that gave one code alone.
inline std::set<std::string> silent_stages(trace const& seen) {
  std::set<std::string> silent;
  for (stage_codes const& s : seen)
    if (std::equal(s.codes.begin() + 1, s.codes.end(), s.codes.begin())) silent.insert(s.stage);
  return silent;
}

/// A trained network of that description and scheme.
template <class Network, class Scheme> auto trained(std::uint64_t seed) {
  typename Network::template in<dyadic::trainable<Scheme>> net{dyadic::seed{seed}};
  constexpr std::size_t batch = 24;
  auto const bytes = images_of(batch * net.input_size, seed);
  train(net, bytes, 3);
  disturb_gammas(net);
  train(net, bytes, 1);
  return net;
}

#ifdef DYADIC_TEST_INPUTS
inline constexpr std::size_t usual_count = DYADIC_TEST_INPUTS;
#else
inline constexpr std::size_t usual_count = 1000;
#endif

/// The invariant for one network under one scheme, on `count` random images.
template <class Network, class Scheme> void check(std::uint64_t seed, std::size_t count = usual_count) {
  INFO("seed ", seed);
  auto const net = trained<Network, Scheme>(seed);
  auto const engine =
      std::make_unique<dyadic::integer_engine<Network, Scheme>>(dyadic::to_integer(net).value());
  std::set<std::string> silent;
  for (std::size_t done = 0; done < count; done += images) {
    INFO("image ", done);
    auto const bytes = images_of(images * net.input_size, seed + 1 + done);
    trace const expected = trained_trace(net, bytes);
    if (done == 0) silent = silent_stages(expected);
    if (!silent.empty())
      std::erase_if(silent, [now = silent_stages(expected)](auto const& s) { return !now.contains(s); });
    std::string const here = difference(expected, deployed_trace(*engine, bytes, dyadic::kernel::native{}));
    std::string const there =
        difference(expected, deployed_trace(*engine, bytes, dyadic::kernel::reference{}));
    REQUIRE(here == "");
    REQUIRE(there == "");
  }
  CHECK_MESSAGE(silent.empty(), "says nothing: ", silent.empty() ? std::string() : *silent.begin());
}

}  // namespace parity
