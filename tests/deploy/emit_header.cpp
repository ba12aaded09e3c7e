#include <doctest/doctest.h>

#include <dyadic/deploy/emit_header.hpp>
#include <dyadic/deploy/model_file.hpp>
#include <dyadic/deploy/self_check.hpp>
#include <dyadic/deploy/to_integer.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "../golden/emitted.hpp"
#include "../golden/emitted_types.hpp"
#include "../golden/emitted_words.hpp"
#include "../temporary_folder.hpp"
#include "engines.hpp"

using namespace dyadic;

namespace {

/// Numbers that every machine makes alike: no training, dyadic rationals set by hand.
template <class Network, class Scheme> auto made() {
  typename Network::template in<trainable<Scheme>> net{seed{}};
  std::size_t at = 0;
  for (segment const& s : net.segments) {
    float* const numbers = net.floats().data() + at;
    std::string const name = s.name;
    for (std::size_t i = 0; i < s.count; ++i) {
      float const spread = static_cast<float>((at + i) * 37 % 29) / 16 - 0.875F;
      if (name == "variance")
        numbers[i] = 1.5F + spread;
      else if (name == "gamma")
        numbers[i] = i == 1 ? -0.75F : 1.25F + spread / 2;
      else if (name == "output_range")
        numbers[i] = i == 0 ? -1.5F : i == 1 ? 2.25F : 1;
      else if (name == "weight_scale")
        continue;
      else
        numbers[i] = spread;
    }
    at += s.count;
  }
  net.refresh();
  return to_integer(net).value();
}

golden::small_engine make_engine() { return made<golden::small_network, golden::small_scheme>(); }
golden::words_engine make_words() { return made<golden::words_network, golden::words_scheme>(); }

header_options const options{
    .type = "golden::small_engine", .name = "small", .include = "\"emitted_types.hpp\""};
header_options const words_options{
    .type = "golden::words_engine", .name = "words", .include = "\"emitted_types.hpp\""};

std::string contents(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void check_committed(std::string const& name, std::string const& text) {
  std::string const path = std::string(DYADIC_EXAMPLE_DATA) + "/../../tests/golden/" + name;
  if (std::getenv("DYADIC_WRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  CHECK_MESSAGE(contents(path) == text, "run with DYADIC_WRITE_GOLDEN=1 to write it anew");
}

}  // namespace

TEST_CASE("the committed headers are those that are emitted today") {
  check_committed("emitted.hpp", header_text(make_engine(), options));
  check_committed("emitted_words.hpp", header_text(make_words(), words_options));
}

TEST_CASE("an emitted network is the engine, number for number") {
  CHECK(to_bytes(golden::small_engine(small)) == to_bytes(make_engine()));
  CHECK(to_bytes(golden::words_engine(words)) == to_bytes(make_words()));
}

TEST_CASE("an emitted network passes its self check in a constant expression and on this machine") {
  static_assert(!self_check(small, small_reference));
  CHECK(!self_check(small, small_reference));
  golden::small_engine changed = small;
  get<0>(changed.stages).zero_in += 1;
  CHECK(std::string(self_check(changed, small_reference).stage) == "conv2d_1");
  static_assert(!self_check(words, words_reference));
  CHECK(!self_check(words, words_reference));
}

TEST_CASE("a changed number of each kind is found at its stage") {
  auto const stage_after = [](auto const& change) {
    golden::words_engine changed = words;
    change(changed.stages);
    return std::string(self_check(changed, words_reference).stage);
  };
  CHECK(stage_after([](auto& stages) { get<0>(stages).weights[0] ^= 64; }) == "conv1d_1");
  CHECK(stage_after([](auto& stages) {
          for (auto& value : get<1>(stages).table) value = 0;
        }) == "sigmoid_2");
  CHECK(stage_after([](auto& stages) { get<2>(stages).weights[0] ^= 2; }) == "dense_3");
  CHECK(stage_after([](auto& stages) { get<4>(stages).recurrent.weights[0] ^= 64; }) == "gru_5");
  CHECK(stage_after([](auto& stages) { get<5>(stages).factors[0] ^= 128; }) == "dense_7");
  CHECK(stage_after([](auto& stages) { get<6>(stages).positive.offset[0] += std::int64_t{1} << 40; }) ==
        "prelu_8");
}

TEST_CASE("reference codes are those of the image that is given") {
  temporary_folder const folder;
  std::vector<std::uint8_t> image(32);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(200 - i);
  header_options with_image = options;
  with_image.image = image;
  REQUIRE(emit_header(make_engine(), folder.path() + "/emitted.hpp", with_image));
  CHECK(contents(folder.path() + "/emitted.hpp").find(".image = {200, 199, 198, 197,") != std::string::npos);
}

TEST_CASE("a network of 16-bit numbers alone is emitted, without an empty array of narrow codes") {
  auto const engine = to_integer(engines::trained<engines::tiny, engines::sixteen_bits>()).value();
  std::string const text = header_text(engine, options);
  CHECK(text.find("reference_codes<32, 1, 55> small_reference") != std::string::npos);
  CHECK(text.find("weights symmetric<16> | outputs symmetric<16>") != std::string::npos);
}

TEST_CASE("an image of another size, a missing type and a missing folder are errors") {
  temporary_folder const folder;
  std::vector<std::uint8_t> const image(31);
  header_options wrong = options;
  wrong.image = image;
  auto const engine = make_engine();
  CHECK(emit_header(engine, folder.path() + "/a.hpp", wrong).error().kind == fault::wrong_size);
  CHECK(emit_header(engine, folder.path() + "/a.hpp", {}).error().kind == fault::wrong_size);
  CHECK(emit_header(engine, folder.path() + "/none/a.hpp", options).error().kind == fault::cannot_open);
}
