#pragma once

/// What an emitted network needs on a device: no Boost, heap, stdio or zlib.
#include "dyadic/core/name.hpp"
#include "dyadic/fixed/rounding.hpp"
#include "dyadic/version.hpp"
