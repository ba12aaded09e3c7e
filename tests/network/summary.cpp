#include <dyadic/network/summary.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

namespace {

constexpr window three{.size = 3, .padding = padding::same};

using plain = sequential<input<8, 8, 1>, conv2d<4, window{.size = 3}>, batch_norm, relu, max_pool<2>, flatten,
                         named<"head", dense<10>>>;
using with_branches = sequential<input<8, 8, 3>, conv2d<8, three>, relu,
                                 residual<conv2d<8, three>, batch_norm, relu, conv2d<8, three>>, relu,
                                 residual<depthwise_conv2d<three>, shortcut<conv2d<8, window{.size = 1}>>>,
                                 global_average_pool, dense<4>>;

template <class Described> std::string text_of() {
  std::string text;
  summary<Described>([&text](char const* more, std::size_t count) { text.append(more, count); });
  return text;
}

std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace

TEST_CASE("a description's summary names stages, shapes, parameters and multiply-adds") {
  CHECK(text_of<plain>() ==
        "stage       what                               output  parameters   MACs\n"
        "----------  ---------------------------------  ------  ----------  -----\n"
        "input                                          8x8x1\n"
        "conv2d_1    conv2d<4,3x3> + batch_norm + relu  6x6x4           44  1,296\n"
        "max_pool_4  max_pool<2x2,stride 2>             3x3x4\n"
        "head        dense<10>                          10             370    360\n"
        "414 parameters, 1,656 multiply-adds for an image\n");
}

TEST_CASE("an integer engine's summary adds widths, proven accumulators and bytes") {
  using edge = plain::in<integer<with<scheme, at<"head", weights<symmetric<4>>>>>>;
  std::string const table = text_of<edge>();
  INFO(table);
  CHECK(table.find("weights  outputs                accumulator  bytes\n") != std::string::npos);
  CHECK(table.find("input       quantize                           8x8x1                               8 "
                   "bits -128..127"
                   "                      272\n") != std::string::npos);
  // 9 * 128 * 127 < 2^18, and a sign; 36 * 128 * 7 < 2^15.
  CHECK(table.find("  8 bits   8 bits -128..127       19 bits  ") != std::string::npos);
  CHECK(table.find("  4 bits   16 bits -32767..32767  16 bits  ") != std::string::npos);
  CHECK(table.find("; integer engine " + with_commas(sizeof(edge)) + " bytes, scratch " +
                   with_commas(edge::scratch_bytes) + "\n") != std::string::npos);
}

TEST_CASE("rows are constants") {
  constexpr auto const& rows = summary_rows<plain::in<integer<scheme>>>;
  static_assert(rows.size() == 4);
  static_assert(rows[1].parameters == 44 && rows[1].macs == 1296 && rows[1].accumulator_bits == 19);
  static_assert(rows[1].bytes == sizeof(plain::in<integer<scheme>>::body::at<0>::slot));
  static_assert(rows[2].bytes == 0);
  CHECK(std::string(rows[3].name) == "head");
}

TEST_CASE("binary weights have a bit where their inputs have one") {
  struct one_bit : scheme {
    using weights = binary<>;
    using activations = affine<1>;
    using overrides = list<at<"input", dyadic::activations<affine<8>>>>;
  };
  constexpr auto const& rows = summary_rows<plain::in<integer<one_bit>>>;
  CHECK(std::string(rows[1].weights) == "2 bits");
  CHECK(std::string(rows[1].codes) == "1 bit -1..0");
  CHECK(std::string(rows[3].weights) == "1 bit");
}

TEST_CASE("what branches hold stands indented under the residual, and nothing is counted twice") {
  std::string const table = text_of<with_branches>();
  INFO(table);
  CHECK(table.find("\nresidual_3 ") != std::string::npos);
  CHECK(table.find("\n  /conv2d_3 ") != std::string::npos);
  CHECK(table.find("\n  /depthwise_conv2d_0 ") != std::string::npos);
  CHECK(table.find("\n  /shortcut_conv2d_0 ") != std::string::npos);
  std::size_t parameters = 0, macs = 0;
  for (summary_row const& row : summary_rows<with_branches>) {
    parameters += row.parameters;
    macs += row.macs;
  }
  CHECK(parameters == with_branches::parameter_count);
  CHECK(macs == with_branches::mac_count);

  std::size_t bytes = 0;
  for (summary_row const& row : summary_rows<with_branches::in<integer<scheme>>>) bytes += row.bytes;
  CHECK(bytes <= sizeof(with_branches::in<integer<scheme>>));
  CHECK(bytes + 256 > sizeof(with_branches::in<integer<scheme>>));  // but for what aligns
}

TEST_CASE("conversions around a layer that is kept float have rows of their own") {
  using words = with<scheme, at<"conv2d_1", kept_float>>;
  std::string const mixed_table = text_of<plain::in<mixed<words>>>();
  INFO(mixed_table);
  CHECK(mixed_table.find("\ninput  ") != std::string::npos);
  CHECK(mixed_table.find("\nquantize_head  quantize  ") != std::string::npos);
  CHECK(mixed_table.find("; mixed engine ") != std::string::npos);
  std::string const head = text_of<plain::in<mixed<with<scheme, at<"head", kept_float>>>>>();
  INFO(head);
  CHECK(head.find("\ndequantize_head  dequantize  ") != std::string::npos);
  CHECK(head.find("  float32  float32 ") != std::string::npos);
}

TEST_CASE("a float engine's summary counts the bytes of its floats") {
  std::string const table = text_of<plain::in<float32>>();
  INFO(table);
  std::size_t const floats = 414 + 2 * 4;  // running means and variances beside the parameters
  CHECK(table.find("; " + with_commas(4 * floats) + " bytes of float32\n") != std::string::npos);
}

TEST_CASE("a file gets the same text as a sink, from a value as from its type") {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  plain::in<float32> const engine{seed{1}};
  summary(engine, file);
  std::rewind(file);
  std::string read(8192, '\0');
  read.resize(std::fread(read.data(), 1, read.size(), file));
  std::fclose(file);
  CHECK(read == text_of<plain::in<float32>>());
  std::string from_value;
  summary(engine, [&](char const* more, std::size_t count) { from_value.append(more, count); });
  CHECK(from_value == read);
}
