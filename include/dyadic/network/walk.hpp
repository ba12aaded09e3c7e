#pragma once

#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <cstddef>

#include <dyadic/network/branch.hpp>
#include <dyadic/network/chain.hpp>

/// A network's stages as a tree: lists of stages and chains of bound stages hold stages, layers of branches
/// hold some of those.
namespace dyadic {

template <class Node> inline constexpr auto members_of = boost::hana::tuple_t<>;
template <class... Stages>
inline constexpr auto members_of<list<Stages...>> = boost::hana::tuple_t<Stages...>;
template <class... Bounds>
inline constexpr auto members_of<chain<Bounds...>> = boost::hana::tuple_t<Bounds...>;
template <fixed_string Name, class Layer, class In, class Activation, class... Branches>
inline constexpr auto members_of<joined_stage<Name, Layer, In, Activation, Branches...>> =
    boost::hana::tuple_t<typename Branches::stages...>;
template <class Stage, class Policies, bool Last, class... Branches>
inline constexpr auto members_of<joined_bound<Stage, Policies, Last, Branches...>> =
    boost::hana::tuple_t<Branches...>;

/// Is it a stage, with a name, and not only what holds some?
template <class Node> inline constexpr bool is_stage = true;
template <class... Stages> inline constexpr bool is_stage<list<Stages...>> = false;
template <class... Bounds> inline constexpr bool is_stage<chain<Bounds...>> = false;
template <class Format> inline constexpr bool is_stage<identity_branch<Format>> = false;

/// Calls `visit(hana::type of the stage, branches around it)` for each stage of a list or chain in order, a
/// layer of branches before what is in them.
template <class Node, class Visit> constexpr void for_each_stage(Visit const& visit, std::size_t depth = 0) {
  if constexpr (is_stage<Node>) {
    visit(boost::hana::type_c<Node>, depth);
    ++depth;
  }
  boost::hana::for_each(members_of<Node>,
                        [&](auto member) { for_each_stage<typename decltype(member)::type>(visit, depth); });
}

/// The number of stages, those of branches too.
template <class Node>
inline constexpr std::size_t stage_count = [] {
  std::size_t count = 0;
  for_each_stage<Node>([&count](auto, std::size_t) { ++count; });
  return count;
}();

}  // namespace dyadic
