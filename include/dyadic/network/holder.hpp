#pragma once

#include <cstddef>
#include <utility>

namespace dyadic {

/// One of a pack's members, told apart by its index.
template <std::size_t Index, class Value> struct holder {
  Value value;
};

/// A flat aggregate of values of different types: what std::tuple is not, and what constant initialisation
/// needs.
template <class Indices, class... Values> struct holders_of;
template <std::size_t... Indices, class... Values>
struct holders_of<std::index_sequence<Indices...>, Values...> : holder<Indices, Values>... {};
template <class... Values> using holders = holders_of<std::make_index_sequence<sizeof...(Values)>, Values...>;

template <std::size_t Index, class Value> constexpr Value& get(holder<Index, Value>& from) noexcept {
  return from.value;
}
template <std::size_t Index, class Value>
constexpr Value const& get(holder<Index, Value> const& from) noexcept {
  return from.value;
}

/// The type at an index of a pack, without recursion.
template <std::size_t Index, class Value> Value type_in(holder<Index, Value> const&);
template <std::size_t Index, class... Values>
using type_at = decltype(type_in<Index>(std::declval<holders<Values...> const&>()));

}  // namespace dyadic
