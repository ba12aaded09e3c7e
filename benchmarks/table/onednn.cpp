#include <dnnl.hpp>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "problem.hpp"

namespace benched {
namespace {

using tag = dnnl::memory::format_tag;
using type = dnnl::memory::data_type;

/// A problem as oneDNN solves it: a matmul where the window is one pixel and all pixels are rows, else a
/// convolution. Weights are laid out beforehand as it likes them.
class onednn_solver {
 public:
  explicit onednn_solver(std::shared_ptr<linear_problem const> given)
      : y(given->output_size()), problem_(std::move(given)) {
    if (problem_->window.taps() == 1 && !problem_->depthwise)
      matmul();
    else
      convolution();
  }
  void run() {
    primitive_.execute(stream_, arguments_);
    stream_.wait();
  }
  bool correct() const { return nearly_equal(y, problem_->expected); }

  std::vector<std::int8_t> y;

 private:
  void matmul() {
    auto const& w = problem_->window;
    dnnl::memory::dim const rows = w.out_height * w.out_width, in = w.in_channels, out = w.out_channels;
    dnnl::memory::desc const source({rows, in}, type::s8, tag::ab), target({rows, out}, type::s8, tag::ab);
    dnnl::memory::desc const plain({in, out}, type::s8, tag::ba), any({in, out}, type::s8, tag::any);
    dnnl::memory::desc const bias({1, out}, type::s32, tag::ab);
    dnnl::matmul::primitive_desc const how({source, any, bias, target}, attributes(), engine_);
    primitive_ = dnnl::matmul(how);
    bind(source, plain, how.weights_desc(), bias, target);
  }
  void convolution() {
    auto const& w = problem_->window;
    dnnl::memory::dim const in = w.in_channels, out = w.out_channels, high = w.kernel_height,
                            wide = w.kernel_width;
    bool const groups = problem_->depthwise;
    dnnl::memory::dims const kernels =
        groups ? dnnl::memory::dims{out, 1, 1, high, wide} : dnnl::memory::dims{out, in, high, wide};
    dnnl::memory::desc const source({1, in, w.in_height, w.in_width}, type::s8, tag::nhwc);
    dnnl::memory::desc const target({1, out, w.out_height, w.out_width}, type::s8, tag::nhwc);
    dnnl::memory::desc const plain(kernels, type::s8, groups ? tag::goihw : tag::ohwi);
    dnnl::memory::desc const any(kernels, type::s8, tag::any), bias({out}, type::s32, tag::a);
    dnnl::convolution_forward::desc const what(
        dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source, any, bias, target,
        {w.stride_height, w.stride_width}, {w.pad_top, w.pad_left}, {w.pad_bottom, w.pad_right});
    dnnl::convolution_forward::primitive_desc const how(what, attributes(), engine_);
    primitive_ = dnnl::convolution_forward(how);
    bind(source, plain, how.weights_desc(), bias, target);
  }

  dnnl::primitive_attr attributes() const {
    std::vector<float> scales;
    for (float const scale : problem_->weight_scales) scales.push_back(scale / problem_->output_scale);
    dnnl::primitive_attr made;
    made.set_output_scales(1 << 1, scales);
    made.set_zero_points(DNNL_ARG_DST, 0, {problem_->zero});
    return made;
  }
  void bind(dnnl::memory::desc const& source, dnnl::memory::desc const& plain,
            dnnl::memory::desc const& wanted, dnnl::memory::desc const& bias,
            dnnl::memory::desc const& target) {
    // oneDNN's memory is not const, but inputs are only read.
    auto const view = [this](dnnl::memory::desc const& as, auto const& numbers) {
      return dnnl::memory(as, engine_, const_cast<void*>(static_cast<void const*>(numbers.data())));
    };
    dnnl::memory from = view(plain, problem_->weights), weights(wanted, engine_);
    dnnl::reorder(from, weights).execute(stream_, from, weights);
    stream_.wait();
    arguments_ = {{DNNL_ARG_SRC, view(source, problem_->x)},
                  {DNNL_ARG_WEIGHTS, weights},
                  {DNNL_ARG_BIAS, view(bias, problem_->bias)},
                  {DNNL_ARG_DST, view(target, y)}};
  }

  std::shared_ptr<linear_problem const> problem_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::primitive primitive_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

}  // namespace

void add_onednn(std::shared_ptr<linear_problem const> const& problem, contest& to) {
  auto const solver = std::make_shared<onednn_solver>(problem);
  to.contenders.push_back({.implementation = "onednn",
                           .rescale = {},
                           .variant = {},
                           .run = [solver] { solver->run(); },
                           .correct = [solver] { return solver->correct(); }});
}

void add_onednn_requantize(std::shared_ptr<std::vector<std::int32_t> const> const& sums, float scale,
                           int zero, contest& to) {
  struct converter {
    std::vector<std::int8_t> y;
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    dnnl::memory from, into;
    dnnl::reorder reorder;
  };
  auto const made = std::make_shared<converter>();
  made->y.resize(sums->size());
  auto const size = static_cast<dnnl::memory::dim>(sums->size());
  dnnl::primitive_attr how;
  how.set_output_scales(0, {scale});
  how.set_zero_points(DNNL_ARG_DST, 0, {zero});
  made->from =
      dnnl::memory({{size}, type::s32, tag::a}, made->engine, const_cast<std::int32_t*>(sums->data()));
  made->into = dnnl::memory({{size}, type::s8, tag::a}, made->engine, made->y.data());
  made->reorder = dnnl::reorder(made->from, made->into, how);
  auto const correct = [=] {
    for (std::size_t i = 0; i < sums->size(); ++i) {
      double const code = std::clamp(static_cast<double>((*sums)[i]) * scale + zero, -128.0, 127.0);
      if (std::abs(made->y[i] - code) > 1) return false;
    }
    return true;
  };
  to.contenders.push_back({.implementation = "onednn",
                           .rescale = {},
                           .variant = {},
                           .run =
                               [made] {
                                 made->reorder.execute(made->stream, made->from, made->into);
                                 made->stream.wait();
                               },
                           .correct = correct});
}

}  // namespace benched
