#pragma once

#include <doctest/doctest.h>

#include <dyadic/deploy/model_file.hpp>

#include "engines.hpp"

/// Saving and loading gives the same numbers and codes, for a trained network and for its integer engine.
template <class Net, class Scheme> void round_trip() {
  using namespace dyadic;
  auto const net = engines::trained<Net, Scheme>();
  using trainable_type = std::remove_const_t<decltype(net)>;
  auto const saved = to_bytes(net);
  auto const loaded = from_bytes<trainable_type>(saved);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(std::memcmp(loaded->floats().data(), net.floats().data(), net.float_count * sizeof(float)) == 0);
  CHECK(to_bytes(*loaded) == saved);

  using engine = integer_engine<Net, Scheme>;
  auto const edge = std::make_unique<engine>(to_integer(net).value());
  auto const edge_saved = to_bytes(*edge);
  auto const edge_loaded = from_bytes<engine>(edge_saved);
  REQUIRE_MESSAGE(edge_loaded, edge_loaded.error().what());
  CHECK(to_bytes(*edge_loaded) == edge_saved);
  CHECK(to_bytes(to_integer(*loaded).value()) == edge_saved);
  auto const images = parity::images_of(parity::images * net.input_size, 4);
  CHECK(parity::difference(parity::deployed_trace(*edge, images, kernel::native{}),
                           parity::deployed_trace(*edge_loaded, images, kernel::native{})) == "");
}
