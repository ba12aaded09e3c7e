#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <dyadic/core/result.hpp>
#include <dyadic/deploy/section_reader.hpp>
#include <dyadic/network/describe.hpp>

namespace dyadic::model_file {

/// Takes what stands before the first `separator` off the text, and the separator too.
inline std::string_view take_until(std::string_view& rest, std::string_view separator) noexcept {
  std::size_t const end = rest.find(separator);
  auto const taken = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + separator.size());
  return taken;
}

/// The first difference of two descriptions: a stage and what each side has in the first field that differs.
inline error first_difference(std::string_view expected, std::string_view found, char const* where) {
  for (std::size_t line = 0; !(expected.empty() && found.empty()); ++line) {
    auto wanted = take_until(expected, "\n"), given = take_until(found, "\n");
    if (wanted == given) continue;
    std::string_view const stage = wanted.empty() ? given : wanted;
    shown const name(stage.substr(0, stage.find(" | ")));
    auto wanted_field = take_until(wanted, " | "), given_field = take_until(given, " | ");
    while (wanted_field == given_field && !(wanted.empty() && given.empty())) {
      wanted_field = take_until(wanted, " | ");
      given_field = take_until(given, " | ");
    }
    auto const or_nothing = [](std::string_view field) { return field.empty() ? "nothing" : field; };
    return make_error(fault::wrong_network,
                      "%s: another network: stage %zu (%s): \"%s\" expected, \"%s\" found", where, line,
                      name.text, shown(or_nothing(wanted_field)).text, shown(or_nothing(given_field)).text);
  }
  return make_error(fault::wrong_network, "%s: another network: the ends of the descriptions differ", where);
}

/// Success if the file holds an engine of this kind and description.
template <class Engine> result<void> check_network(sections const& from, char const* where) {
  section const* found = nullptr;
  for (section const& s : from.all)
    if (s.what == kinds::description) {
      if (found != nullptr)
        return make_error(fault::malformed, "%s: offset %zu: a second description", where, s.offset);
      found = &s;
    }
  if (found == nullptr || found->how != characters)
    return make_error(fault::malformed, "%s: there is no description of the network", where);
  if (from.engine != kind_of<Engine>)
    return make_error(fault::wrong_network, "%s: a network of the kind %s expected, %s found", where,
                      kind_name(kind_of<Engine>), kind_name(from.engine));
  std::string expected;
  describe<Engine>([&expected](char const* piece, std::size_t count) { expected.append(piece, count); });
  std::string_view const given(reinterpret_cast<char const*>(found->content.data()), found->content.size());
  if (given == expected) return {};
  return first_difference(expected, given, where);
}

}  // namespace dyadic::model_file
