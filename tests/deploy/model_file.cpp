#include "round_trip.hpp"

#include <filesystem>
#include <string>

#include "../temporary_folder.hpp"
#include "repair.hpp"

using namespace dyadic;
using engines::int8;
using engines::tiny;

namespace {

using edge_type = tiny::in<integer<int8>>;
using net_type = tiny::in<trainable<int8>>;
using float_type = tiny::in<float32>;

net_type trained() { return engines::trained<tiny, int8>(); }
edge_type edge() { return to_integer(trained()).value(); }

std::string message(error const& e) { return e.what(); }

/// The same networks, but for one thing.
using other_filters = sequential<input<4, 4, 2>, conv2d<6, window{.size = 3}>, batch_norm, relu, flatten,
                                 named<"head", dense<3>>>;
using without_relu =
    sequential<input<4, 4, 2>, conv2d<5, window{.size = 3}>, batch_norm, flatten, named<"head", dense<3>>>;
using other_name = sequential<input<4, 4, 2>, conv2d<5, window{.size = 3}>, batch_norm, relu, flatten,
                              named<"tail", dense<3>>>;
using other_bytes =
    sequential<input_with<shape<4, 4, 2>, bytes<sensor{.offset = 128, .scale = 1.0 / 128}>>,
               conv2d<5, window{.size = 3}>, batch_norm, relu, flatten, named<"head", dense<3>>>;
struct even : scheme {
  using rescale = multiplier<31, rounding::half_even>;
};
struct narrow_outputs : scheme {
  using outputs = affine<8>;
};
struct percentiles : scheme {
  using activations = affine<8, per_tensor, range::percentile<>>;
};

}  // namespace

TEST_CASE("float networks come back from a file, and their outputs within the stated tolerance") {
  float_type net{seed{3}};
  auto const saved = to_bytes(net);
  auto const loaded = from_bytes<float_type>(saved);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(std::memcmp(loaded->floats().data(), net.floats().data(), net.float_count * sizeof(float)) == 0);
}

TEST_CASE("a quantized network that has seen no data is saved without a test vector") {
  net_type const fresh{seed{3}};
  auto const loaded = from_bytes<net_type>(to_bytes(fresh));
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == to_bytes(fresh));
  CHECK(!loaded->calibrated());
}

TEST_CASE("saving leaves what a network keeps of its last pass") {
  auto net = trained();
  auto const images = parity::images_of(2 * net.input_size, 1);
  net.forward({.keep = true}, {images.data(), nullptr, 2});
  auto const before = parity::trained_trace(net, images);
  (void)to_bytes(net);
  parity::trace after;
  net.watch_stages(parity::record_into(after));
  CHECK(parity::difference(before, after) == "");
}

TEST_CASE("networks are saved to and loaded from files") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/edge.dyadic";
  auto const saved = edge();
  REQUIRE(save(saved, path));
  auto const loaded = load<edge_type>(path);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == to_bytes(saved));
  edge_type into = loaded.value();
  into.output.zero = 5;
  REQUIRE(load_into(into, path));
  CHECK(to_bytes(into) == to_bytes(saved));
}

TEST_CASE("a file that is missing or too large for the network is an error that names it") {
  temporary_folder const folder;
  auto const missing = load<edge_type>(folder.path() + "/none.dyadic");
  CHECK(missing.error().kind == fault::cannot_open);
  CHECK(message(missing.error()).find("/none.dyadic: cannot open") != std::string::npos);
  std::filesystem::resize_file(folder.write("huge.dyadic", {}), std::uintmax_t{1} << 40);  // a hole, no disk
  CHECK(load<edge_type>(folder.path() + "/huge.dyadic").error().kind == fault::malformed);
}

TEST_CASE("loading into another network names the first difference") {
  auto const bytes = to_bytes(edge());
  auto const into = [&bytes](auto engine) { return message(from_bytes<decltype(engine)>(bytes).error()); };
  CHECK(into(other_filters::in<integer<int8>>{}) ==
        "bytes: another network: stage 1 (conv2d_1): \"conv2d<6,3x3> + batch_norm + relu\" expected, "
        "\"conv2d<5,3x3> + batch_norm + relu\" found");
  CHECK(into(without_relu::in<integer<int8>>{}) ==
        "bytes: another network: stage 1 (conv2d_1): \"conv2d<5,3x3> + batch_norm\" expected, "
        "\"conv2d<5,3x3> + batch_norm + relu\" found");
  CHECK(into(other_name::in<integer<int8>>{}) ==
        "bytes: another network: stage 2 (tail): \"tail\" expected, \"head\" found");
  CHECK(into(tiny::in<integer<even>>{}) ==
        "bytes: another network: stage 1 (conv2d_1): \"rescale multiplier<31,half_even>\" expected, "
        "\"rescale multiplier<31,half_up>\" found");
  CHECK(into(tiny::in<integer<narrow_outputs>>{}) ==
        "bytes: another network: stage 2 (head): \"20 codes<8> -> 3 codes<8>\" expected, "
        "\"20 codes<8> -> 3 codes<16>\" found");
  CHECK(into(other_bytes::in<integer<int8>>{}) ==
        "bytes: another network: stage 0 (input): \"bytes (byte - 128) * 1/2^7\" expected, "
        "\"bytes (byte - 0) * 282578800148737/2^56\" found");
}

TEST_CASE("how a range was found matters to a trainable network and not to its integers") {
  CHECK(from_bytes<tiny::in<integer<percentiles>>>(to_bytes(edge())));
  auto const refused = from_bytes<tiny::in<trainable<percentiles>>>(to_bytes(trained()));
  CHECK(refused.error().kind == fault::wrong_network);
}

TEST_CASE("loading another kind of engine names both kinds") {
  CHECK(message(from_bytes<net_type>(to_bytes(edge())).error()) ==
        "bytes: a network of the kind trainable expected, integer found");
  CHECK(message(from_bytes<float_type>(to_bytes(trained())).error()) ==
        "bytes: a network of the kind float32 expected, trainable found");
}

TEST_CASE("a load that fails changes nothing") {
  temporary_folder const folder;
  auto bytes = to_bytes(edge());
  bytes[bytes.size() / 2] ^= std::byte{1};
  std::string const path = folder.write(
      "bad.dyadic", std::span(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size()));
  edge_type target = edge();
  target.output.zero = 77;
  edge_type const before = target;
  std::uint64_t words[2] = {1, 2};
  extra_target const extras[] = {{"words", std::span<std::uint64_t>(words)}};
  CHECK(load_into(target, path, extras).error().kind == fault::bad_checksum);
  CHECK(std::memcmp(&target, &before, sizeof target) == 0);

  REQUIRE(save(edge(), path));
  CHECK(message(load_into(target, path, extras).error()).find("there are no extra numbers \"words\"") !=
        std::string::npos);
  CHECK(std::memcmp(&target, &before, sizeof target) == 0);
  CHECK(words[0] == 1);

  auto net = trained();
  auto const floats = to_bytes(net);
  CHECK(!load_into(net, path));
  CHECK(to_bytes(net) == floats);
}

TEST_CASE("a save that fails leaves the old file") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/edge.dyadic";
  REQUIRE(save(edge(), path));
  CHECK(save(trained(), folder.path() + "/none/edge.dyadic").error().kind == fault::cannot_open);
  CHECK(load<edge_type>(path));
}

TEST_CASE("extra numbers come back, each of its type and number") {
  std::uint64_t const words[] = {0, UINT64_MAX, 7};
  float const reals[] = {-0.0F, 1.5F};
  extra const written[] = {{"words", std::span(words)}, {"reals", std::span(reals)}};
  auto const bytes = to_bytes(edge(), written);
  CHECK(from_bytes<edge_type>(bytes));
  std::uint64_t words_read[3]{};
  float reals_read[2]{};
  extra_target const targets[] = {{"reals", std::span(reals_read)}, {"words", std::span(words_read)}};
  REQUIRE(from_bytes<edge_type>(bytes, targets));
  CHECK(std::memcmp(words_read, words, sizeof words) == 0);
  CHECK(std::memcmp(reals_read, reals, sizeof reals) == 0);
  std::uint64_t two[2]{};
  extra_target const fewer[] = {{"words", std::span(two)}};
  CHECK(message(from_bytes<edge_type>(bytes, fewer).error())
            .find("2 of \"u64\" expected, 3 of 64 bits found") != std::string::npos);
  extra_target const others[] = {{"reals", std::span(two)}};
  CHECK(from_bytes<edge_type>(bytes, others).error().kind == fault::malformed);
}

TEST_CASE("truncated files are errors whatever their length") {
  auto const whole = to_bytes(trained());
  for (std::size_t size = 0; size < whole.size(); size += 1 + size / 97) {
    CAPTURE(size);
    std::span<std::byte const> const part = std::span(whole).first(size);
    CHECK(from_bytes<net_type>(part).error().kind == fault::truncated);
  }
}

TEST_CASE("a number out of range is refused with its tensor, index and range") {
  auto const original = edge();
  auto const after = [&original](auto const& change) {
    edge_type changed = original;
    change(changed);
    return message(from_bytes<edge_type>(to_bytes(changed)).error());
  };
  auto const first = [](edge_type& e) -> auto& { return get<0>(e.stages); };
  CHECK(after([&](edge_type& e) { first(e).rescale.shift[2] = 63; }) ==
        "bytes: tensor \"conv2d_1.rescale.shift\": number 2: 0 to 62 expected, 63 found");
  CHECK(after([&](edge_type& e) { first(e).zero_in = 128; }) ==
        "bytes: tensor \"conv2d_1.zero_in\": number 0: -128 to 127 expected, 128 found");
  CHECK(after([&](edge_type& e) { first(e).weights[0] = 0x80; }) ==
        "bytes: tensor \"conv2d_1.weights\": number 0: -127 to 127 expected, -128 found");
  CHECK(after([&](edge_type& e) {
          first(e).rescale.multiplier[0] = INT32_MIN;
        }).find("number 0: -2147483647 to 2147483647 expected") != std::string::npos);
  CHECK(after([&](edge_type& e) {
          first(e).rescale.offset[1] = std::int64_t{1} << 62;
        }).find("\"conv2d_1.rescale.offset\"") != std::string::npos);
  CHECK(after([&](edge_type& e) {
          first(e).output.high = first(e).output.low - 1;
        }).find("\"conv2d_1.output.high\"") != std::string::npos);
  CHECK(after([&](edge_type& e) { first(e).output.scale_bits = 0xFF800000U; }).find("-inf found") !=
        std::string::npos);
  CHECK(after([&](edge_type& e) { first(e).output.scale_bits = 0x7FC00000U; }).find("nan found") !=
        std::string::npos);

  auto net = trained();
  net.floats()[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(message(from_bytes<net_type>(to_bytes(net)).error()).find("nan found") != std::string::npos);
}

TEST_CASE("a network whose test vector is not reproduced is refused") {
  auto const original = edge();
  auto bytes = to_bytes(original);
  edge_type changed = original;
  auto& head = get<1>(changed.stages);
  for (std::size_t i = 0; i < 3; ++i) head.rescale.offset[i] += std::int64_t{1} << head.rescale.shift[i];
  auto const other = to_bytes(changed);
  REQUIRE(other.size() == bytes.size());
  // The numbers of one with the test vector of the other.
  std::size_t const test = section_headers(bytes).end()[-3];
  std::copy(other.begin(), other.begin() + static_cast<std::ptrdiff_t>(test), bytes.begin());
  repair(bytes);
  error const e = from_bytes<edge_type>(bytes).error();
  CHECK(e.kind == fault::replay_differs);
  CHECK(message(e).find("bytes: the test vector's output ") == 0);
}
