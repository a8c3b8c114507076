// SPDX-License-Identifier: Apache-2.0
/// @file
/// Marks what the library exports; everything else stays hidden.
#pragma once

#if defined(GKERN_STATIC)
#define GKERN_EXPORT
#elif defined(_WIN32)
#if defined(GKERN_BUILDING)
#define GKERN_EXPORT __declspec(dllexport)
#else
#define GKERN_EXPORT __declspec(dllimport)
#endif
#else
#define GKERN_EXPORT __attribute__((visibility("default")))
#endif
