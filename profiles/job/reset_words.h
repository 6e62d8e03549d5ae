/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reset_words - a reset sequence as a job writes it: steps joined by '|', D0 D1 R0 R1 for the lines, U0,0 for both at once,
 * W0.1 for seconds to wait. What holds here the engine can run (engine/chip/esp_reset.h); a test keeps the two together. Pure.
 */
#ifndef PROFILES_JOB_RESET_WORDS_H
#define PROFILES_JOB_RESET_WORDS_H

#include <stdbool.h>

bool reset_words_are_good(const char *text);

#endif /* PROFILES_JOB_RESET_WORDS_H */
