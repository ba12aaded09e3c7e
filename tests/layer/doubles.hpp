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

/// Where a window lies: the output's extent and the padding before the first row or column.
struct extent {
  int size, before;
};
inline extent slide(int input, int kernel, int stride, bool same) {
  if (!same) return {(input - kernel) / stride + 1, 0};
  int const size = (input + stride - 1) / stride;
  int const padding = (size - 1) * stride + kernel - input;
  return {size, padding > 0 ? padding / 2 : 0};
}

struct sliding {
  int height, width, stride = 1;
  bool same = false;
};

/// Calls visit(image, row, column, input row, input column, tap) for each tap inside the image.
template <class Visit> void for_taps(array const& x, sliding w, Visit visit) {
  extent const down = slide(x.height, w.height, w.stride, w.same),
               across = slide(x.width, w.width, w.stride, w.same);
  for (int n = 0; n < x.images; ++n)
    for (int row = 0; row < down.size; ++row)
      for (int column = 0; column < across.size; ++column)
        for (int i = 0; i < w.height; ++i)
          for (int j = 0; j < w.width; ++j) {
            int const from_row = row * w.stride - down.before + i;
            int const from_column = column * w.stride - across.before + j;
            if (from_row >= 0 && from_row < x.height && from_column >= 0 && from_column < x.width)
              visit(n, row, column, from_row, from_column, i * w.width + j);
          }
}
inline array slid(array const& x, sliding w, int channels) {
  return zeros(x.images, slide(x.height, w.height, w.stride, w.same).size,
               slide(x.width, w.width, w.stride, w.same).size, channels);
}

/// Weights [filter][row][column][channel].
inline array convolution(array const& x, sliding w, int filters, double const* weights) {
  array y = slid(x, w, filters);
  for_taps(x, w, [&](int n, int row, int column, int from_row, int from_column, int tap) {
    for (int f = 0; f < filters; ++f)
      for (int c = 0; c < x.channels; ++c)
        y(n, row, column, f) +=
            x(n, from_row, from_column, c) * weights[(f * w.height * w.width + tap) * x.channels + c];
  });
  return y;
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
