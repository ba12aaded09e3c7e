#pragma once

#include <dyadic/core/functions.hpp>
#include <dyadic/core/name.hpp>
#include <dyadic/layer/elementwise.hpp>

/// The activation functions that are no clamp, and their layers. On codes each is a table of all input codes:
/// an entry is the function of the code's real, rounded to the output's grid; of more than 8 bits it is a
/// table of 514 nodes with straight lines between.
/// `tabulated` makes the table, alike on every machine; `forward` and `derivative` are for float networks and
/// for the backward pass.
namespace dyadic {

/// What x < 0 is multiplied by.
struct slope {
  double value = 0.01;
};
/// How far below zero an elu goes.
struct depth {
  double value = 1;
};

namespace functions {

/// 1 / (1 + e^-x).
struct sigmoid {
  static constexpr auto name = fixed_string("sigmoid");
  static constexpr int lowest = 0, highest = 1;
  static constexpr double tabulated(double x) noexcept { return exact::sigmoid(x); }
  static float forward(float x) noexcept { return 1 / (1 + __builtin_expf(-x)); }
  static float derivative(float x) noexcept {
    float const y = forward(x);
    return y * (1 - y);
  }
};

/// (e^x - e^-x) / (e^x + e^-x).
struct tanh {
  static constexpr auto name = fixed_string("tanh");
  static constexpr int lowest = -1, highest = 1;
  static constexpr double tabulated(double x) noexcept { return exact::tanh(x); }
  static float forward(float x) noexcept { return __builtin_tanhf(x); }
  static float derivative(float x) noexcept {
    float const y = forward(x);
    return 1 - y * y;
  }
};

/// x sigmoid(x), also called SiLU (Ramachandran et al. 2017, with beta 1).
struct swish {
  static constexpr auto name = fixed_string("swish");
  static constexpr double tabulated(double x) noexcept { return exact::multiply(x, exact::sigmoid(x)); }
  static float forward(float x) noexcept { return x * sigmoid::forward(x); }
  static float derivative(float x) noexcept {
    float const share = sigmoid::forward(x);
    return share * (1 + x * (1 - share));
  }
};

/// x times the normal distribution's share below x, by the error function (Hendrycks and Gimpel 2016).
struct gelu {
  static constexpr auto name = fixed_string("gelu");
  static constexpr double tabulated(double x) noexcept {
    return exact::multiply(x, exact::multiply(0.5, exact::erfc(exact::multiply(x, -0x1.6a09e667f3bcdp-1))));
  }
  static float forward(float x) noexcept { return x * below(x); }
  static float derivative(float x) noexcept {
    return below(x) + x * 0.398942280F * __builtin_expf(-0.5F * x * x);
  }

 private:
  static float below(float x) noexcept { return 0.5F * __builtin_erfcf(x * -0.707106781F); }
};

/// min(max(x / 6 + 1 / 2, 0), 1): PyTorch's and Keras 3's (older Keras divided by 5).
struct hard_sigmoid {
  static constexpr auto name = fixed_string("hard_sigmoid");
  static constexpr int lowest = 0, highest = 1;
  static constexpr double tabulated(double x) noexcept {
    double const line = exact::divide(exact::add(x, 3), 6);
    return line < 0 ? 0 : line > 1 ? 1 : line;
  }
  static constexpr float forward(float x) noexcept { return x <= -3 ? 0.0F : x >= 3 ? 1.0F : x / 6 + 0.5F; }
  static constexpr float derivative(float x) noexcept { return x > -3 && x < 3 ? 1.0F / 6 : 0.0F; }
};

/// x hard_sigmoid(x) (Howard et al. 2019).
struct hard_swish {
  static constexpr auto name = fixed_string("hard_swish");
  static constexpr double tabulated(double x) noexcept {
    return exact::multiply(x, hard_sigmoid::tabulated(x));
  }
  static constexpr float forward(float x) noexcept { return x * hard_sigmoid::forward(x); }
  static constexpr float derivative(float x) noexcept {
    return x <= -3 ? 0.0F : x >= 3 ? 1.0F : x / 3 + 0.5F;
  }
};

/// x, and below zero Depth (e^x - 1) (Clevert et al. 2015).
template <depth Depth = depth{}> struct elu {
  static_assert(0 < Depth.value && Depth.value <= 1000, "elu: its depth is above 0 and at most 1000");
  static constexpr auto name = [] {
    if constexpr (Depth.value == 1)
      return fixed_string("elu");
    else
      return "elu<" + decimal_fraction<static_cast<long long>(Depth.value * 1e6 + 0.5), 6>() + ">";
  }();
  static constexpr double tabulated(double x) noexcept {
    return x < 0 ? exact::multiply(Depth.value, exact::expm1(x)) : x;
  }
  static float forward(float x) noexcept {
    return x < 0 ? static_cast<float>(Depth.value) * __builtin_expm1f(x) : x;
  }
  static float derivative(float x) noexcept {
    return x < 0 ? static_cast<float>(Depth.value) * __builtin_expf(x) : 1.0F;
  }
};

/// x, and below zero Slope x (Maas et al. 2013).
template <slope Slope = slope{}> struct leaky_relu {
  static_assert(0 <= Slope.value && Slope.value <= 1000, "leaky_relu: its slope is in 0 .. 1000");
  static constexpr auto name = [] {
    if constexpr (Slope.value == slope{}.value)
      return fixed_string("leaky_relu");
    else
      return "leaky_relu<" + decimal_fraction<static_cast<long long>(Slope.value * 1e6 + 0.5), 6>() + ">";
  }();
  static constexpr double tabulated(double x) noexcept { return x < 0 ? exact::multiply(Slope.value, x) : x; }
  static constexpr float forward(float x) noexcept { return x * derivative(x); }
  static constexpr float derivative(float x) noexcept {
    return x < 0 ? static_cast<float>(Slope.value) : 1.0F;
  }
};

}  // namespace functions

template <class... Words> using sigmoid_with = elementwise<functions::sigmoid, Words...>;
template <class... Words> using tanh_with = elementwise<functions::tanh, Words...>;
template <class... Words> using swish_with = elementwise<functions::swish, Words...>;
template <class... Words> using gelu_with = elementwise<functions::gelu, Words...>;
template <class... Words> using hard_sigmoid_with = elementwise<functions::hard_sigmoid, Words...>;
template <class... Words> using hard_swish_with = elementwise<functions::hard_swish, Words...>;
template <depth Depth, class... Words> using elu_with = elementwise<functions::elu<Depth>, Words...>;
template <slope Slope, class... Words>
using leaky_relu_with = elementwise<functions::leaky_relu<Slope>, Words...>;

using sigmoid = sigmoid_with<>;
/// Not `tanh`, which is a function of the C library in every user's namespace.
using tanh_activation = tanh_with<>;
using swish = swish_with<>;
using gelu = gelu_with<>;
using hard_sigmoid = hard_sigmoid_with<>;
using hard_swish = hard_swish_with<>;
using elu = elu_with<depth{}>;
using leaky_relu = leaky_relu_with<slope{}>;

}  // namespace dyadic
