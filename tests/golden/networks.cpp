#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <dyadic/deploy/model_file.hpp>

#include "../deploy/engines.hpp"
#include "../network/sequences.hpp"

/// Saves small trained networks as model files, with images and the codes of every stage as extra numbers:
/// what replay.py computes again. Usage: golden_networks FOLDER

namespace {

using namespace dyadic;

template <class Policy> struct under : scheme {
  using rescale = Policy;
};

/// The codes of every stage, in extras that borrow them.
struct codes_of_stages {
  std::deque<std::string> names;
  std::deque<std::vector<std::int8_t>> narrow;
  std::deque<std::vector<std::int16_t>> wide;
  std::vector<extra> extras;

  void operator()(char const* stage, std::int8_t const* codes, std::size_t count) {
    add(narrow, stage, codes, count);
  }
  void operator()(char const* stage, std::int16_t const* codes, std::size_t count) {
    add(wide, stage, codes, count);
  }

 private:
  template <class Code>
  void add(std::deque<std::vector<Code>>& to, char const* stage, Code const* codes, std::size_t count) {
    names.push_back(std::string("codes.") + stage);
    to.emplace_back(codes, codes + count);
    extras.emplace_back(names.back().c_str(), std::span<Code const>(to.back()));
  }
};

template <class Net, class Scheme> void save_network(std::string const& folder, char const* name) {
  using engine = integer_engine<Net, Scheme>;
  auto const edge = std::make_unique<engine>(to_integer(engines::trained<Net, Scheme>()).value());
  auto const images = parity::images_of(parity::images * engine::input_size, 21);
  codes_of_stages codes;
  codes.extras.emplace_back("images", std::span<std::uint8_t const>(images));
  auto const room = std::make_unique<typename engine::template scratch<parity::images>>();
  std::vector<typename engine::output_code> outputs(parity::images * engine::output_size);
  edge->encode(std::span<std::uint8_t const>(images),
               std::span<typename engine::code>(room->input, images.size()));
  edge->infer_watched(
      *room, std::span(outputs), parity::images,
      [&codes](char const* stage, auto const* numbers, std::size_t count) { codes(stage, numbers, count); });
  save(*edge, folder + "/" + name + ".dyadic", codes.extras).value();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "usage: golden_networks FOLDER\n"), 2;
  std::string const folder = arguments[1];
  save_network<networks::operations, under<multiplier<31>>>(folder, "operations_half_up");
  save_network<networks::operations, under<multiplier<31, rounding::half_even>>>(folder,
                                                                                 "operations_half_even");
  save_network<networks::operations, under<power_of_two<rounding::half_away>>>(folder,
                                                                               "operations_power_of_two");
  save_network<networks::operations, under<tflite_reference>>(folder, "operations_tflite_reference");
  save_network<networks::operations, under<xnnpack_fp32>>(folder, "operations_xnnpack_fp32");
  save_network<networks::branches, engines::four_bits>(folder, "branches_four_bits");
  save_network<networks::mixture, engines::ternary_weights>(folder, "mixture_ternary");
  save_network<networks::lenet, engines::three_bits>(folder, "lenet_three_bits");
  save_network<networks::keyword, engines::int8>(folder, "keyword_int8");
  save_network<networks::in_time, engines::shifts>(folder, "in_time_shifts");
  save_network<networks::apart, engines::four_bits>(folder, "apart_four_bits");
  return 0;
}
