#pragma once

/// What an emitted network needs on a device: no Boost, heap, stdio or zlib.
#include <dyadic/deploy/self_check.hpp>
#include <dyadic/fixed/fixed.hpp>
#include <dyadic/fixed/packed.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/describe.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/streaming.hpp>
#include <dyadic/quantize/rescale.hpp>
#include <dyadic/quantize/scheme.hpp>
#include <dyadic/version.hpp>
