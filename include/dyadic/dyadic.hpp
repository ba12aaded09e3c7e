#pragma once

/// Everything but the interop headers, each of which brings a dependency of its own.
#include <dyadic/core/name.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/core/shape.hpp>
#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/fixed/fixed.hpp>
#include <dyadic/fixed/packed.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/quantize/rescale.hpp>
#include <dyadic/quantize/scheme.hpp>
#include <dyadic/train/calibrate.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/evaluate.hpp>
#include <dyadic/train/fit.hpp>
#include <dyadic/train/idx.hpp>
#include <dyadic/train/loss.hpp>
#include <dyadic/train/optimizer.hpp>
#include <dyadic/train/schedule.hpp>
#include <dyadic/train/training.hpp>
#include <dyadic/train/verify.hpp>
#include <dyadic/version.hpp>
