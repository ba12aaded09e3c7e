#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/core/index_of_largest.hpp>
#include <dyadic/core/math.hpp>
#include <dyadic/core/name.hpp>
#include <dyadic/train/cross_entropy.hpp>
#include <dyadic/train/loss.hpp>
#include <dyadic/train/training.hpp>

namespace dyadic {

/// How a student listens to its teacher.
struct distilling {
  float temperature = 4;  ///< divides both networks' logits in the teacher's part
  float weight = 0.5F;    ///< of the teacher's part, 0 to 1; the labels' part has the rest
};

/// Knowledge distillation (Hinton, Vinyals, Dean 2015): `weight` times temperature^2 times the divergence
/// (Kullback, Leibler) of the student's softened probabilities from the teacher's, and 1 - weight times
/// another loss of the answers. The teacher, a network of as many outputs on the same samples, is shown each
/// batch in evaluation mode as it comes (augmented as the student sees it); it must outlive this.
/// `fit(student, data, adam{}, distillation{teacher, {.temperature = 4, .weight = 0.9F}}, {.epochs = 5})`.
template <class Teacher, sample_loss Hard = cross_entropy> class distillation {
 public:
  static constexpr auto name = "distillation<" + Hard::name + ">";

  explicit distillation(Teacher const& teacher, distilling how = {}, Hard hard = {}) noexcept
      : teacher_{&teacher}, how_{how}, hard_{hard} {}

  void begin(batch const& samples) const { taught_ = teacher_->forward({}, source_of(samples)); }

  template <class Answer>
  float value_and_gradient(std::size_t sample, float const* logits, std::size_t size, Answer answer,
                           float* gradient) const noexcept {
    // The teacher's row becomes the soft gradient: the student's logits may be overwritten by the hard one.
    float* const soft = taught_ + sample * Teacher::output_size;
    float const divergence = soften(logits, size, soft);
    float const hard = hard_.value_and_gradient(logits, size, answer, gradient);
    float const rest = 1 - how_.weight;
    for (std::size_t i = 0; gradient != nullptr && i < size; ++i)
      gradient[i] = rest * gradient[i] + how_.weight * how_.temperature * soft[i];
    return rest * hard + how_.weight * how_.temperature * how_.temperature * divergence;
  }

 private:
  // From the teacher's logits makes the student's softened probabilities minus the teacher's.
  float soften(float const* student, std::size_t size, float* teacher) const noexcept {
    if (size == 0) return 0;
    float const cool = 1 / how_.temperature;
    float const student_log = log_of_sum(student, size, cool);
    float const teacher_log = log_of_sum(teacher, size, cool);
    float divergence = 0;
    for (std::size_t i = 0; i < size; ++i) {
      float const of_teacher = cool * teacher[i] - teacher_log;
      float const of_student = cool * student[i] - student_log;
      float const probability = math::exp(of_teacher);
      divergence += probability * (of_teacher - of_student);
      teacher[i] = math::exp(of_student) - probability;
    }
    return divergence;
  }
  static float log_of_sum(float const* logits, std::size_t size, float cool) noexcept {
    float const largest = cool * logits[index_of_largest(logits, size)];
    float sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += math::exp(cool * logits[i] - largest);
    return largest + math::log(sum);
  }

  Teacher const* teacher_;
  distilling how_;
  Hard hard_;
  mutable float* taught_ = nullptr;
};

}  // namespace dyadic
