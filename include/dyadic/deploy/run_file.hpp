#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <dyadic/core/result.hpp>
#include <dyadic/deploy/model_file.hpp>

namespace dyadic {

/// A training run: a network, an optimizer's rule and moments, and integers that say how far it is.
template <class Run>
concept resumable = requires(Run& run) {
  run.network();
  run.moments();
  run.position;
  run.rule.name;
};

namespace model_file {

template <class Run> using position_of = std::remove_reference_t<decltype(std::declval<Run&>().position)>;
template <class Run>
using position_words = std::array<std::uint64_t, sizeof(position_of<Run>) / sizeof(std::uint64_t)>;

/// The moments' name, the optimizer's in it: those of another do not fit.
template <class Run> std::string moments_name() {
  return std::string("run.moments.") + decltype(std::declval<Run&>().rule)::name.c_str();
}

}  // namespace model_file

/// Saves a training run: its network, the optimizer's moments, seed and positions. Resumed with the same
/// optimizer, schedule, loss and data it goes on to the same bits. The file is also one of the network alone.
template <resumable Run> result<void> save(Run& run, std::string const& path) {
  auto words = std::bit_cast<model_file::position_words<Run>>(run.position);
  std::string const moments = model_file::moments_name<Run>();
  extra const extras[] = {{"run.position", std::span<std::uint64_t>(words)},
                          {moments.c_str(), run.moments()}};
  return save(std::as_const(run.network()), path, extras);
}

/// Resumes a run that was saved, with the same optimizer. On failure the run stays as it was.
template <resumable Run> result<void> load_into(Run& run, std::string const& path) {
  model_file::position_words<Run> words{};
  std::string const moments = model_file::moments_name<Run>();
  extra_target const extras[] = {{"run.position", std::span<std::uint64_t>(words)},
                                 {moments.c_str(), run.moments()}};
  if (auto const done = load_into(run.network(), path, extras); !done) return done.error();
  run.position = std::bit_cast<model_file::position_of<Run>>(words);
  return {};
}

}  // namespace dyadic
