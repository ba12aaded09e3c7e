#include <gemmlowp/public/gemmlowp.h>

#include <algorithm>
#include <cmath>

#include "problem.hpp"

namespace benched {
namespace {

namespace lowp = gemmlowp;

/// A matrix product as gemmlowp computes it: unsigned codes with offsets, the requantization with two
/// roundings. It lays out both sides in every call. The first channel's scale serves all: its stage for
/// scales by channel does not compile for x86.
class gemmlowp_solver {
 public:
  explicit gemmlowp_solver(std::shared_ptr<linear_problem const> given)
      : problem_(std::move(given)), y_(problem_->output_size()) {
    for (std::int8_t const code : problem_->x) x_.push_back(static_cast<std::uint8_t>(code + 128));
    for (std::int8_t const code : problem_->weights)
      weights_.push_back(static_cast<std::uint8_t>(code + 128));
    double const scale = double{problem_->weight_scales[0]} / problem_->output_scale;
    for (std::size_t i = 0; i < problem_->sums.size(); ++i) {
      auto const sum = static_cast<double>(problem_->sums[i] + problem_->bias[i % problem_->channels()]);
      expected_.push_back(
          static_cast<std::int8_t>(std::clamp(std::lround(sum * scale) + problem_->zero, -128L, 127L)));
    }
    multiplier_ = static_cast<std::int32_t>(std::lround(std::frexp(scale, &exponent_) * 2147483648.0));
    context_.set_max_num_threads(1);
  }

  void run() {
    int const out = problem_->window.out_channels, in = problem_->window.in_channels;
    int const rows = problem_->window.out_height * problem_->window.out_width;
    using channel_vector = lowp::VectorMap<std::int32_t const, lowp::VectorShape::Col>;
    lowp::OutputStageBiasAddition<channel_vector> const bias{{problem_->bias.data(), out}};
    lowp::OutputStageScaleInt32ByFixedPointAndExponent const scale{multiplier_, exponent_,
                                                                   problem_->zero + 128};
    auto const pipeline = std::make_tuple(bias, scale, lowp::OutputStageSaturatingCastToUint8{});
    lowp::MatrixMap<std::uint8_t const, lowp::MapOrder::RowMajor> const left(weights_.data(), out, in, in);
    lowp::MatrixMap<std::uint8_t const, lowp::MapOrder::ColMajor> const right(x_.data(), in, rows, in);
    lowp::MatrixMap<std::uint8_t, lowp::MapOrder::ColMajor> result(y_.data(), out, rows, out);
    lowp::GemmWithOutputPipeline<std::uint8_t, std::uint8_t, lowp::DefaultL8R8BitDepthParams>(
        &context_, left, right, &result, -128, -128, pipeline);
  }
  bool correct() const {
    std::vector<std::int8_t> codes;
    for (std::uint8_t const code : y_) codes.push_back(static_cast<std::int8_t>(code - 128));
    return nearly_equal(codes, expected_);
  }

 private:
  std::shared_ptr<linear_problem const> problem_;
  std::vector<std::uint8_t> x_, weights_, y_;
  std::vector<std::int8_t> expected_;
  std::int32_t multiplier_ = 0;
  int exponent_ = 0;
  lowp::GemmContext context_;
};

}  // namespace

void add_gemmlowp(std::shared_ptr<linear_problem const> const& problem, contest& to) {
  if (problem->window.taps() != 1 || problem->depthwise) return;
  auto const solver = std::make_shared<gemmlowp_solver>(problem);
  to.contenders.push_back({.implementation = "gemmlowp",
                           .rescale = {},
                           .variant = {},
                           .run = [solver] { solver->run(); },
                           .correct = [solver] { return solver->correct(); }});
}

}  // namespace benched
