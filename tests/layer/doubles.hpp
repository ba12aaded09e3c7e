#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

/// Layers in plain double loops, written from their definitions: what float and quantized engines are
/// compared with.
namespace doubles {

/// Images by rows, columns and channels; a vector is 1 x 1 x channels.
struct array {
  int images, height, width, channels;
  std::vector<double> values{};

  std::size_t index(int image, int row, int column, int channel) const {
    return static_cast<std::size_t>(((image * height + row) * width + column) * channels + channel);
  }
  double& operator()(int image, int row, int column, int channel) {
    return values[index(image, row, column, channel)];
  }
  double operator()(int image, int row, int column, int channel) const {
    return values[index(image, row, column, channel)];
  }
  int rows() const { return images * height * width; }
};

/// Zeros.
inline array zeros(int images, int height, int width, int channels) {
  return {images, height, width, channels,
          std::vector<double>(static_cast<std::size_t>(images * height * width * channels))};
}

/// Takes parameters in the order in which an engine has them.
struct reader {
  double const* next;
  double const* take(int count) {
    double const* const first = next;
    next += count;
    return first;
  }
};

struct sliding {
  int height, width, stride = 1;
  bool same = false;
  int dilation = 1, groups = 1;
  bool causal = false;
  int stride_across = 0;  ///< 0: stride
  int across() const { return stride_across == 0 ? stride : stride_across; }
};
/// As a transposed convolution.
struct spreading : sliding {};

/// Where a window lies: the output's extent and the padding before the first row or column; of a transposed
/// one what is cut off there.
struct extent {
  int size, before;
};
inline extent slide(int input, int kernel, int stride, sliding const& w) {
  int const covered = (kernel - 1) * w.dilation + 1;
  if (w.causal) return {(input - 1) / stride + 1, covered - 1};
  if (!w.same) return {(input - covered) / stride + 1, 0};
  int const size = (input + stride - 1) / stride;
  int const padding = (size - 1) * stride + covered - input;
  return {size, padding > 0 ? padding / 2 : 0};
}
inline extent slide(int input, int kernel, int stride, spreading const& w) {
  int const covered = (kernel - 1) * w.dilation + 1, over = covered > stride ? covered - stride : 0;
  if (w.same) return {input * stride, over / 2};
  return {(input - 1) * stride + (covered > stride ? covered : stride), 0};
}

/// Calls visit(image, row, column, input row, input column, tap) for each tap inside the image.
template <class Visit> void for_taps(array const& x, sliding const& w, Visit visit) {
  extent const down = slide(x.height, w.height, w.stride, w), across = slide(x.width, w.width, w.across(), w);
  for (int n = 0; n < x.images; ++n)
    for (int row = 0; row < down.size; ++row)
      for (int column = 0; column < across.size; ++column)
        for (int i = 0; i < w.height; ++i)
          for (int j = 0; j < w.width; ++j) {
            int const from_row = row * w.stride - down.before + i * w.dilation;
            int const from_column = column * w.across() - across.before + j * w.dilation;
            if (from_row >= 0 && from_row < x.height && from_column >= 0 && from_column < x.width)
              visit(n, row, column, from_row, from_column, i * w.width + j);
          }
}
/// Each input adds to the outputs around: the last tap to the first one.
template <class Visit> void for_taps(array const& x, spreading const& w, Visit visit) {
  extent const down = slide(x.height, w.height, w.stride, w), across = slide(x.width, w.width, w.across(), w);
  for (int n = 0; n < x.images; ++n)
    for (int from_row = 0; from_row < x.height; ++from_row)
      for (int from_column = 0; from_column < x.width; ++from_column)
        for (int i = 0; i < w.height; ++i)
          for (int j = 0; j < w.width; ++j) {
            int const row = from_row * w.stride + (w.height - 1 - i) * w.dilation - down.before;
            int const column = from_column * w.across() + (w.width - 1 - j) * w.dilation - across.before;
            if (row >= 0 && row < down.size && column >= 0 && column < across.size)
              visit(n, row, column, from_row, from_column, i * w.width + j);
          }
}
template <class Sliding> array slid(array const& x, Sliding const& w, int channels) {
  return zeros(x.images, slide(x.height, w.height, w.stride, w).size,
               slide(x.width, w.width, w.across(), w).size, channels);
}

/// Weights [filter][row][column][channel of the filter's group].
template <class Sliding>
array convolution(array const& x, Sliding const& w, int filters, double const* weights) {
  array y = slid(x, w, filters);
  int const in = x.channels / w.groups, out = filters / w.groups;
  for_taps(x, w, [&](int n, int row, int column, int from_row, int from_column, int tap) {
    for (int f = 0; f < filters; ++f)
      for (int c = 0; c < in; ++c)
        y(n, row, column, f) +=
            x(n, from_row, from_column, f / out * in + c) * weights[(f * w.height * w.width + tap) * in + c];
  });
  return y;
}
inline array convolution(array const& x, sliding const& w, int filters, double const* weights) {
  return convolution<sliding>(x, w, filters, weights);
}
/// Weights [row][column][channel].
inline array depthwise(array const& x, sliding w, double const* weights) {
  array y = slid(x, w, x.channels);
  for_taps(x, w, [&](int n, int row, int column, int from_row, int from_column, int tap) {
    for (int c = 0; c < x.channels; ++c)
      y(n, row, column, c) += x(n, from_row, from_column, c) * weights[tap * x.channels + c];
  });
  return y;
}
inline array plus_bias(array x, double const* bias) {
  for (std::size_t i = 0; i < x.values.size(); ++i)
    x.values[i] += bias[i % static_cast<std::size_t>(x.channels)];
  return x;
}

inline array flattened(array const& x) { return {x.images, 1, 1, x.height * x.width * x.channels, x.values}; }

inline array clamped(array x, double low, double high) {
  for (double& v : x.values) v = v < low ? low : v > high ? high : v;
  return x;
}
inline array relu(array x) { return clamped(static_cast<array&&>(x), 0, 1e300); }
inline array relu6(array x) { return clamped(static_cast<array&&>(x), 0, 6); }

inline array sum(array a, array const& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

inline array max_pool(array const& x, sliding w) {
  array y = slid(x, w, x.channels);
  for (double& v : y.values) v = -1e300;
  for_taps(x, w, [&](int n, int row, int column, int from_row, int from_column, int) {
    for (int c = 0; c < x.channels; ++c)
      if (x(n, from_row, from_column, c) > y(n, row, column, c))
        y(n, row, column, c) = x(n, from_row, from_column, c);
  });
  return y;
}
/// The mean of the taps inside the image.
inline array average_pool(array const& x, sliding w) {
  array y = slid(x, w, x.channels), count = y;
  for_taps(x, w, [&](int n, int row, int column, int from_row, int from_column, int) {
    for (int c = 0; c < x.channels; ++c) {
      y(n, row, column, c) += x(n, from_row, from_column, c);
      count(n, row, column, c) += 1;
    }
  });
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] /= count.values[i];
  return y;
}

/// Mean and (population) variance of each channel.
struct moments {
  std::vector<double> mean, variance;
};
inline moments moments_of(array const& x) {
  auto const channels = static_cast<std::size_t>(x.channels);
  moments m{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::size_t i = 0; i < x.values.size(); ++i) m.mean[i % channels] += x.values[i] / x.rows();
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    double const d = x.values[i] - m.mean[i % channels];
    m.variance[i % channels] += d * d / x.rows();
  }
  return m;
}

/// Parameters gamma, beta, running mean, running variance.
inline array batch_norm(array x, double const* parameters, bool batch, double epsilon = 1e-5) {
  auto const channels = static_cast<std::size_t>(x.channels);
  moments m = moments_of(x);
  if (!batch)
    for (std::size_t c = 0; c < channels; ++c) {
      m.mean[c] = parameters[2 * channels + c];
      m.variance[c] = parameters[3 * channels + c];
    }
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    std::size_t const c = i % channels;
    x.values[i] = parameters[c] * (x.values[i] - m.mean[c]) / std::sqrt(m.variance[c] + epsilon) +
                  parameters[channels + c];
  }
  return x;
}

}  // namespace doubles
