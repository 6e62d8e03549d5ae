/* SPDX-License-Identifier: Apache-2.0 */
/*
 * station_text - station.yaml as people write it: from a seed, in every style that YAML has for it. All are valid.
 * Two hands with the same seed write the same.
 */
#ifndef TESTS_SUPPORT_STATION_TEXT_H
#define TESTS_SUPPORT_STATION_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define STATION_TEXT_SIZE 16384

/* Writes the text and a NUL; returns its length. */
size_t station_text_make(uint64_t seed, char out[static STATION_TEXT_SIZE]);

#endif /* TESTS_SUPPORT_STATION_TEXT_H */
