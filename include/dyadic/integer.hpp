#pragma once

/// What an emitted network needs on a device: no Boost, heap, stdio or zlib.
#include "dyadic/core/name.hpp"
#include "dyadic/core/shape.hpp"
#include "dyadic/fixed/fixed.hpp"
#include "dyadic/fixed/packed.hpp"
#include "dyadic/quantize/rescale.hpp"
#include "dyadic/version.hpp"
