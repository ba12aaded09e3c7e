#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/train/evaluate.hpp>

namespace dyadic {

/// How often each class was taken for which.
class confusion_matrix {
 public:
  confusion_matrix() = default;
  explicit confusion_matrix(std::size_t classes) : classes_{classes}, counts_(classes * classes) {}

  /// Samples of the class `truth` that the network took for the class `answer`; both below `classes()`.
  std::size_t operator()(std::size_t truth, std::size_t answer) const noexcept {
    return counts_[truth * classes_ + answer];
  }
  void add(std::size_t truth, std::size_t answer) noexcept { ++counts_[truth * classes_ + answer]; }
  std::size_t classes() const noexcept { return classes_; }

  std::size_t count() const noexcept {
    std::size_t all = 0;
    for (std::size_t const n : counts_) all += n;
    return all;
  }
  /// The part that was right, 0 to 1; 0 without samples, here and below.
  double accuracy() const noexcept {
    std::size_t right = 0;
    for (std::size_t c = 0; c < classes_; ++c) right += (*this)(c, c);
    return part(right, count());
  }
  /// The part of a class that was found.
  double recall(std::size_t of) const noexcept {
    std::size_t there = 0;
    for (std::size_t c = 0; c < classes_; ++c) there += (*this)(of, c);
    return part((*this)(of, of), there);
  }
  /// The part of what was taken for a class that was of it.
  double precision(std::size_t of) const noexcept {
    std::size_t taken = 0;
    for (std::size_t c = 0; c < classes_; ++c) taken += (*this)(c, of);
    return part((*this)(of, of), taken);
  }
  /// The harmonic mean of both.
  double f1(std::size_t of) const noexcept {
    double const both = precision(of) + recall(of);
    return both > 0 ? 2 * precision(of) * recall(of) / both : 0;
  }

 private:
  static double part(std::size_t of, std::size_t all) noexcept {
    return all == 0 ? 0 : static_cast<double>(of) / static_cast<double>(all);
  }

  std::size_t classes_ = 0;
  std::vector<std::size_t> counts_;
};

/// Prints the matrix, a line for each true class, with its recall and precision.
inline void print(confusion_matrix const& found, std::FILE* to = stdout) {
  std::fprintf(to, "class");
  for (std::size_t c = 0; c < found.classes(); ++c) std::fprintf(to, " %6zu", c);
  std::fprintf(to, "   recall  precision\n");
  for (std::size_t truth = 0; truth < found.classes(); ++truth) {
    std::fprintf(to, "%5zu", truth);
    for (std::size_t c = 0; c < found.classes(); ++c) std::fprintf(to, " %6zu", found(truth, c));
    std::fprintf(to, "  %5.1f %%  %7.1f %%\n", 100 * found.recall(truth), 100 * found.precision(truth));
  }
}

/// Which classes an engine of any kind takes for which, on labelled data.
template <class Engine> result<confusion_matrix> confusion(Engine const& net, data_view data) {
  confusion_matrix found{Engine::output_size};
  auto const done =
      for_each_output(net, data, [&](auto const* outputs, std::size_t size, std::int32_t label) {
        found.add(static_cast<std::size_t>(label), index_of_largest(outputs, size));
      });
  if (!done) return done.error();
  return found;
}

/// The part of labelled data, 0 to 1, whose class is among an engine's `k` largest outputs; of equal outputs
/// the first is the larger.
template <class Engine> result<double> top_k_accuracy(Engine const& net, data_view data, std::size_t k) {
  std::size_t right = 0;
  auto const done =
      for_each_output(net, data, [&](auto const* outputs, std::size_t size, std::int32_t label) {
        auto const of = static_cast<std::size_t>(label);
        std::size_t before = 0;
        for (std::size_t i = 0; i < size; ++i)
          if (outputs[i] > outputs[of] || (i < of && outputs[i] == outputs[of])) ++before;
        if (before < k) ++right;
      });
  if (!done) return done.error();
  return data.empty() ? 0.0 : static_cast<double>(right) / static_cast<double>(data.count());
}

}  // namespace dyadic
