#include "problem.hpp"

#include <cmath>
#include <fstream>

namespace benched {

linear_problem::linear_problem(kernel::window_shape const& shape, bool each_channel, int weight_bits)
    : window(shape), depthwise(each_channel) {
  auto const size = [](int a, int b, int c) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
  };
  auto const outputs = static_cast<std::size_t>(shape.out_channels);
  std::size_t const inputs = size(shape.kernel_height, shape.kernel_width, depthwise ? 1 : shape.in_channels);
  x = random_codes<std::int8_t>(size(shape.in_height, shape.in_width, shape.in_channels) + kernel::read_slack,
                                weight_bits == 1 ? 1 : 8);
  weights = random_codes<std::int8_t>(outputs * inputs, weight_bits, 2);
  for (std::int8_t& w : weights)
    w = weight_bits == 1 ? static_cast<std::int8_t>(2 * w + 1) : w == -128 ? std::int8_t{-127} : w;
  bias = random_codes<std::int32_t>(outputs, 14, 3);
  for (std::size_t c = 0; c < outputs; ++c) weight_scales.push_back(1 + static_cast<float>(c % 7) / 16);
  // A sum's standard deviation becomes about 40 codes.
  auto const weight_range = static_cast<float>(1 << (weight_bits - 1));
  output_scale = std::round(std::sqrt(static_cast<float>(inputs)) * weight_range);

  std::vector<std::uint8_t> packed(kernel::packed_weights_bytes<8>(packed_shape()));
  kernel::pack<8>(weights.data(), packed_shape(), packed.data());
  sums.resize(size(shape.out_height, shape.out_width, shape.out_channels));
  std::vector<std::int8_t> padded(kernel::padded_size(shape));
  kernel::pad(shape, x.data(), std::int8_t{0}, padded.data());
  std::vector<std::int32_t> weight_sums(outputs);
  kernel::sum_weights(weights.data(), packed_shape(), weight_sums.data());
  if (depthwise)
    kernel::depthwise<8>(kernel::reference{}, shape, padded.data(), packed.data(), kernel::accumulators{},
                         sums.data());
  else
    kernel::convolution<8>(kernel::reference{}, shape, padded.data(), packed.data(), weight_sums.data(),
                           kernel::accumulators{}, sums.data());

  parameters<dyadic::xnnpack_fp32> const held(outputs, [this](std::size_t c) { return line(c); });
  for (std::size_t i = 0; i < sums.size(); ++i) expected.push_back(held.output(zero)(sums[i], i % outputs));
}

std::string write_problem(linear_problem const& problem, entry const& about,
                          std::filesystem::path const& folder) {
  std::string file = std::string(about.group).append(" ").append(about.name).append(".bin");
  for (char& letter : file)
    if (letter == ' ' || letter == '>') letter = '_';
  std::ofstream out(folder / file, std::ios::binary);
  auto const write = [&out](auto const& numbers, std::size_t count) {
    out.write(reinterpret_cast<char const*>(numbers.data()),
              static_cast<std::streamsize>(count * sizeof numbers[0]));
  };
  write(problem.bias, problem.bias.size());
  write(problem.weight_scales, problem.weight_scales.size());
  write(problem.weights, problem.weights.size());
  write(problem.x, problem.input_size());
  write(problem.expected, problem.expected.size());

  auto const& shape = problem.window;
  std::string line = "{\"group\": \"";
  line.append(about.group).append("\", \"name\": \"").append(about.name).append("\", \"file\": \"");
  line.append(file).append("\", \"depthwise\": ").append(problem.depthwise ? "true" : "false");
  auto const list = [&line](char const* name, int first, auto... more) {
    line.append(", \"").append(name).append("\": [").append(std::to_string(first));
    ((line.append(", ").append(std::to_string(more))), ...);
    line.append("]");
  };
  list("input", shape.in_height, shape.in_width, shape.in_channels);
  list("output", shape.out_height, shape.out_width, shape.out_channels);
  list("kernel", shape.kernel_height, shape.kernel_width);
  list("stride", shape.stride_height, shape.stride_width);
  list("padding", shape.pad_top, shape.pad_left, shape.pad_bottom, shape.pad_right);
  line.append(", \"output_scale\": ").append(std::to_string(problem.output_scale));
  return line.append(", \"output_zero\": ").append(std::to_string(problem.zero)).append("}");
}

}  // namespace benched
