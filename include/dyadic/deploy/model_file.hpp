#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <dyadic/core/boxed.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/deploy/file.hpp>
#include <dyadic/deploy/replay.hpp>
#include <dyadic/deploy/same_network.hpp>
#include <dyadic/deploy/section.hpp>
#include <dyadic/deploy/section_reader.hpp>
#include <dyadic/deploy/tensors.hpp>

/// Saving and loading of float, trainable, integer and mixed networks. A file that is truncated, damaged,
/// hostile or of another network gives an error value that says what and where, and changes nothing.
namespace dyadic {

/// Numbers that a file carries beside the network's own, under a name: optimizer state, images, whatever. The
/// numbers are borrowed.
class extra {
 public:
  template <class Number, std::size_t Extent>
  extra(char const* its_name, std::span<Number, Extent> numbers) noexcept
      : name{its_name},
        how{model_file::encoding_of<std::remove_const_t<Number>>},
        count{numbers.size()},
        numbers_{numbers.data()},
        get_{[](void const* all, std::size_t i) {
          return model_file::to_bits(static_cast<Number const*>(all)[i]);
        }} {}

  char const* name;
  model_file::encoding how;
  std::size_t count;
  std::int64_t operator[](std::size_t i) const noexcept { return get_(numbers_, i); }

 private:
  void const* numbers_;
  std::int64_t (*get_)(void const*, std::size_t);
};

/// Where a load puts the extra numbers of a name: exactly as many as there is room for.
class extra_target {
 public:
  template <class Number, std::size_t Extent>
  extra_target(char const* its_name, std::span<Number, Extent> numbers) noexcept
      : name{its_name},
        how{model_file::encoding_of<Number>},
        count{numbers.size()},
        numbers_{numbers.data()},
        set_{[](void* all, std::size_t i, std::int64_t bits) {
          static_cast<Number*>(all)[i] = model_file::from_bits<Number>(bits);
        }} {}

  char const* name;
  model_file::encoding how;
  std::size_t count;
  void set(std::size_t i, std::int64_t bits) const noexcept { set_(numbers_, i, bits); }

 private:
  void* numbers_;
  void (*set_)(void*, std::size_t, std::int64_t);
};

namespace model_file {

/// What floats of a trainable engine may be: with these its integers can be made without overflow.
constexpr interval allowed_floats(segment const& s, segment const* before) noexcept {
  std::string_view const name(s.name);
  if (name == "variance" || s.kind == parameter_kind::step) return {0, largest_bound};
  bool const of_learned_step = name == "output_range" && before != nullptr &&
                               before->kind == parameter_kind::step &&
                               std::string_view(before->name) == "output_step";
  return of_learned_step ? interval{-0x1p24F, 0x1p24F} : interval{-largest_bound, largest_bound};
}

/// Calls `visit(path, first float, segment, allowed)` for each segment of a trainable engine.
template <class Engine, class Visit> void for_each_segment(Visit const& visit) {
  std::size_t at = 0;
  segment const* before = nullptr;
  for (segment const& s : Engine::segments) {
    visit(std::string(s.stage == nullptr ? "" : s.stage) + "." + s.name, at, s.count,
          allowed_floats(s, before));
    at += s.count;
    before = &s;
  }
}

template <class Engine> void write_numbers(Engine const& engine, writer& to) {
  tensor_writer tensors{to};
  if constexpr (is_trainable<Engine>)
    for_each_segment<Engine>(
        [&](std::string const& name, std::size_t at, std::size_t count, interval allowed) {
          tensors.column(name, encoding_of<float>, extents(count), engine.floats().data() + at, allowed);
        });
  else
    walk(engine, tensors);
}

template <class Engine> void read_numbers(Engine& engine, tensor_reader& from) {
  if constexpr (is_trainable<Engine>) {
    for_each_segment<Engine>(
        [&](std::string const& name, std::size_t at, std::size_t count, interval allowed) {
          from.column(name, encoding_of<float>, extents(count), engine.floats().data() + at, allowed);
        });
    if (!from.failed()) engine.refresh();
  } else {
    walk(engine, from);
  }
}

/// Finds the extra numbers, each of the encoding and size that its target has room for.
inline result<std::vector<section const*>> find_extras(sections const& from,
                                                       std::span<extra_target const> targets,
                                                       char const* where) {
  std::vector<section const*> all;
  for (extra_target const& target : targets) {
    section const* found = nullptr;
    for (section const& s : from.all)
      if (s.what == kinds::extra && s.name == target.name) found = &s;
    if (found == nullptr)
      return make_error(fault::malformed, "%s: there are no extra numbers \"%s\"", where,
                        shown(target.name).text);
    if (found->how != target.how || found->size != extents(target.count))
      return make_error(
          fault::malformed,
          "%s: extra numbers \"%s\" at offset %zu: %zu of \"%c%d\" expected, %zu of %d bits found", where,
          shown(target.name).text, found->offset, target.count, target.how.family, int{target.how.bits},
          found->size.count(), int{found->how.bits});
    all.push_back(found);
  }
  return all;
}

/// An engine to load into.
template <class Engine> boxed<Engine> fresh_engine() {
  if constexpr (is_trainable<Engine>) {
    return boxed<Engine>(std::in_place, seed{});
  } else {
    return boxed<Engine>();
  }
}

/// Takes the network out of a file's sections and fills the targets, or gives an error and has filled
/// nothing.
template <class Engine>
result<boxed<Engine>> read(sections const& opened, char const* where, std::span<extra_target const> targets) {
  if (auto const same = check_network<Engine>(opened, where); !same) return same.error();
  auto engine = fresh_engine<Engine>();
  tensor_reader numbers{opened, where};
  read_numbers(*engine, numbers);
  if (auto const all = numbers.finish(); !all) return all.error();
  if (auto const same = replay(*engine, numbers, where); !same) return same.error();
  auto const extras = find_extras(opened, targets, where);
  if (!extras) return extras.error();
  for (std::size_t t = 0; t < targets.size(); ++t)
    for (std::size_t i = 0; i < targets[t].count; ++i)
      targets[t].set(i, read_number(targets[t].how, (*extras)[t]->content, i));
  return engine;
}
template <class Engine>
result<boxed<Engine>> read(std::span<std::byte const> bytes, char const* where,
                           std::span<extra_target const> targets) {
  auto const opened = open_sections(bytes, where);
  if (!opened) return opened.error();
  return read<Engine>(*opened, where, targets);
}

/// No file of the engine is larger: its numbers at most eightfold (names, optimizer state, extra numbers),
/// and what later versions may add.
template <class Engine> constexpr std::size_t largest_file() noexcept {
  if constexpr (is_trainable<Engine>)
    return Engine::float_count * sizeof(float) * 8 + (std::size_t{16} << 20);
  else
    return sizeof(Engine) * 8 + (std::size_t{16} << 20);
}

}  // namespace model_file

/// An engine of any kind.
template <class Engine>
concept network_engine = requires { typename Engine::binding; };

/// A network as a model file's bytes.
template <network_engine Engine>
std::vector<std::byte> to_bytes(Engine const& engine, std::span<extra const> extras = {}) {
  model_file::writer to{kind_of<Engine>};
  to.begin_text(model_file::kinds::description);
  describe<Engine>([&to](char const* piece, std::size_t count) { to.append({piece, count}); });
  model_file::write_numbers(engine, to);
  model_file::write_test(engine, to);
  for (extra const& e : extras) {
    auto const place = to.begin_tensor(model_file::kinds::extra, e.name, e.how, model_file::extents(e.count),
                                       model_file::optional);
    for (std::size_t i = 0; i < e.count; ++i) model_file::write_number(e.how, place, i, e[i]);
  }
  return to.finish();
}

/// The network of a model file's bytes. Every number is checked and the test vector replayed.
template <network_engine Engine>
result<Engine> from_bytes(std::span<std::byte const> bytes, std::span<extra_target const> extras = {}) {
  auto read = model_file::read<Engine>(bytes, "bytes", extras);
  if (!read) return read.error();
  return std::move(**read);
}

/// Saves a network. The file is written whole or not at all: on failure an old one stays as it was.
template <network_engine Engine>
result<void> save(Engine const& engine, std::string const& path, std::span<extra const> extras = {}) {
  return model_file::write_bytes(path, to_bytes(engine, extras));
}

/// Loads a network into `engine`, which stays as it was on failure, as do the targets of extra numbers.
template <network_engine Engine>
result<void> load_into(Engine& engine, std::string const& path, std::span<extra_target const> extras = {}) {
  auto const bytes = model_file::read_bytes(path, model_file::largest_file<Engine>());
  if (!bytes) return bytes.error();
  auto read = model_file::read<Engine>(*bytes, shown_path(path.c_str()), extras);
  if (!read) return read.error();
  engine = std::move(**read);
  return {};
}

/// Loads a network: `load<lenet::in<integer<int8>>>("digits.dyadic")`.
template <network_engine Engine>
result<Engine> load(std::string const& path, std::span<extra_target const> extras = {}) {
  auto const bytes = model_file::read_bytes(path, model_file::largest_file<Engine>());
  if (!bytes) return bytes.error();
  auto read = model_file::read<Engine>(*bytes, shown_path(path.c_str()), extras);
  if (!read) return read.error();
  return std::move(**read);
}

}  // namespace dyadic
