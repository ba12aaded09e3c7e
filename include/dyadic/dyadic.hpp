#pragma once

/// Everything but the interop headers.
#include "dyadic/core/name.hpp"
#include "dyadic/core/result.hpp"
#include "dyadic/core/shape.hpp"
#include "dyadic/fixed/fixed.hpp"
#include "dyadic/fixed/packed.hpp"
#include "dyadic/quantize/rescale.hpp"
#include "dyadic/quantize/scheme.hpp"
#include "dyadic/train/batches.hpp"
#include "dyadic/train/data.hpp"
#include "dyadic/train/idx.hpp"
#include "dyadic/train/loss.hpp"
#include "dyadic/train/optimizer.hpp"
#include "dyadic/train/progress.hpp"
#include "dyadic/train/schedule.hpp"
#include "dyadic/version.hpp"
