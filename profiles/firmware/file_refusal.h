/* SPDX-License-Identifier: Apache-2.0 */
/* file_refusal - one line that names what a file is and what to do with it, when it is not what was asked for. */
#ifndef PROFILES_FIRMWARE_FILE_REFUSAL_H
#define PROFILES_FIRMWARE_FILE_REFUSAL_H

#include <stddef.h>
#include <stdint.h>

#include "profiles/text/complaint.h"

/*
 * "is a web page (HTML), not WANTED; ADVICE". Images are told with their chip, and whether they are cut off; of
 * a compressed file it is not looked at what is in it. Fills *c with `code` and returns -1.
 */
int file_refuse(const uint8_t *bytes, size_t size, enum failure_code code, const char *wanted,
                const struct place *at, struct complaint *c);
/* "is cut off after SIZE bytes (WHERE); copy or download it again"; `where` NULL: only that. */
int file_refuse_cut(size_t size, enum failure_code code, const char *where, const struct place *at,
                    struct complaint *c);

#endif /* PROFILES_FIRMWARE_FILE_REFUSAL_H */
