#pragma once

/// Everything but the interop headers.
#include "dyadic/core/name.hpp"
#include "dyadic/core/result.hpp"
#include "dyadic/fixed/rounding.hpp"
#include "dyadic/version.hpp"
