#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <dyadic/core/buffer.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/deploy/model_file.hpp>

namespace dyadic {

/// A training run: a network, an optimizer's rule and moments, what is averaged and remembered, and integers
/// that say how far it is.
template <class Run>
concept resumable = requires(Run& run) {
  run.network();
  run.moments();
  run.average().data();
  run.best().data();
  run.memory().data();
  run.position;
  run.rule.name;
  run.plan.name;
};

namespace model_file {

template <class Run> using position_of = std::remove_reference_t<decltype(std::declval<Run&>().position)>;
template <class Run>
using position_words = std::array<std::uint64_t, sizeof(position_of<Run>) / sizeof(std::uint64_t)>;

/// The moments' name, the optimizer's in it: those of another do not fit.
template <class Run> std::string moments_name() {
  return std::string("run.moments.") + decltype(std::declval<Run&>().rule)::name.c_str();
}
/// The name of the bits that the schedule remembers.
template <class Run> std::string memory_name() {
  return std::string("run.schedule.") + decltype(std::declval<Run&>().plan)::name.c_str();
}

/// Parameters that a run may take into its network later, checked as the network's own.
template <class Engine>
result<void> check_floats(buffer<float> const& floats, char const* name, char const* where) {
  result<void> found;
  if (floats.size() == 0) return {};
  for_each_segment<Engine>([&](std::string const&, std::size_t at, std::size_t count, interval allowed) {
    for (std::size_t i = at; i < at + count; ++i)
      if (found && !(allowed.low <= floats[i] && floats[i] <= allowed.high))
        found =
            make_error(fault::malformed, "%s: extra numbers \"%s\": number %zu: %g to %g expected, %g found",
                       where, name, i, static_cast<double>(allowed.low), static_cast<double>(allowed.high),
                       static_cast<double>(floats[i]));
  });
  return found;
}

inline bool has_extra(sections const& in, char const* name) noexcept {
  for (section const& s : in.all)
    if (s.what == kinds::extra && s.name == name) return true;
  return false;
}

}  // namespace model_file

/// Saves a training run: its network, the optimizer's moments, averaged and best parameters, the schedule's
/// memory, seed and positions. Resumed with the same settings, loss and data it goes on to the same bits. The
/// file is also one of the network alone; it is written whole or not at all.
template <resumable Run> result<void> save(Run& run, std::string const& path) {
  auto words = std::bit_cast<model_file::position_words<Run>>(run.position);
  std::string const moments = model_file::moments_name<Run>();
  std::string const memory = model_file::memory_name<Run>();
  std::vector<std::uint64_t> remembered;
  for (double const number : run.memory()) remembered.push_back(std::bit_cast<std::uint64_t>(number));
  std::vector<extra> extras{{"run.position", std::span<std::uint64_t>(words)},
                            {moments.c_str(), run.moments()}};
  if (!remembered.empty()) extras.emplace_back(memory.c_str(), std::span<std::uint64_t>(remembered));
  if (run.average().size() != 0)
    extras.emplace_back("run.average", std::span<float>(run.average().data(), run.average().size()));
  if (run.best().size() != 0)
    extras.emplace_back("run.best", std::span<float>(run.best().data(), run.best().size()));
  return save(std::as_const(run.network()), path, extras);
}

/// Resumes a run that was saved, with the same optimizer and schedule. On failure the run stays as it was.
template <resumable Run> result<void> load_into(Run& run, std::string const& path) {
  using engine = std::remove_reference_t<decltype(run.network())>;
  char const* const where = shown_path(path.c_str());
  auto const bytes = model_file::read_bytes(path, model_file::largest_file<engine>());
  if (!bytes) return bytes.error();
  auto const opened = model_file::open_sections(*bytes, where);
  if (!opened) return opened.error();

  model_file::position_words<Run> words{};
  std::string const moments = model_file::moments_name<Run>();
  std::string const memory = model_file::memory_name<Run>();
  std::vector<std::uint64_t> remembered(run.memory().size());
  buffer<float> moved(run.moments().size());
  buffer<float> average(model_file::has_extra(*opened, "run.average") ? engine::float_count : 0);
  buffer<float> best(model_file::has_extra(*opened, "run.best") ? engine::float_count : 0);
  std::vector<extra_target> extras{{"run.position", std::span<std::uint64_t>(words)},
                                   {moments.c_str(), std::span<float>(moved.data(), moved.size())}};
  if (!remembered.empty()) extras.emplace_back(memory.c_str(), std::span<std::uint64_t>(remembered));
  if (average.size() != 0)
    extras.emplace_back("run.average", std::span<float>(average.data(), average.size()));
  if (best.size() != 0) extras.emplace_back("run.best", std::span<float>(best.data(), best.size()));
  auto read = model_file::read<engine>(*opened, where, extras);
  if (!read) return read.error();
  if (auto good = model_file::check_floats<engine>(average, "run.average", where); !good) return good;
  if (auto good = model_file::check_floats<engine>(best, "run.best", where); !good) return good;

  run.network() = std::move(**read);
  run.position = std::bit_cast<model_file::position_of<Run>>(words);
  for (std::size_t i = 0; i < remembered.size(); ++i) run.memory()[i] = std::bit_cast<double>(remembered[i]);
  for (std::size_t i = 0; i < moved.size(); ++i) run.moments()[i] = moved[i];
  run.average() = std::move(average);
  run.best() = std::move(best);
  return {};
}

/// What saves a run now and then: given to `fit` as `at_batch`, it saves after each `every` updates;
/// as `at_epoch`, after each epoch. The run must outlive it. Where it cannot save, training goes on, and
/// `failure` has the last reason.
template <resumable Run> class checkpoint {
 public:
  checkpoint(Run& run, std::string path, std::size_t every = 1, error* failure = nullptr)
      : run_{&run}, path_{std::move(path)}, every_{every == 0 ? 1 : every}, failure_{failure} {}

  template <class Report> void operator()(Report const&) {
    if (run_->position.updates % every_ != 0) return;
    if (auto const saved = save(*run_, path_); !saved && failure_ != nullptr) *failure_ = saved.error();
  }

 private:
  Run* run_;
  std::string path_;
  std::size_t every_;
  error* failure_;
};

}  // namespace dyadic
