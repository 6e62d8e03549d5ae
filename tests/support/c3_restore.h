/* SPDX-License-Identifier: Apache-2.0 */
/*
 * c3_restore - long frames of the recordings of an ESP32-C3 were logged in part: the first bytes, and mostly how many there
 * were. What they carried is known all the same: numbers of Python's random.Random(7) and (3), letters and zlib streams made of
 * them, whose MD5 the recordings name, or one byte again and again. A candidate is taken only if the logged bytes and the
 * length on the wire are its own, rather one whose checksum is the logged one.
 */
#ifndef TESTS_SUPPORT_C3_RESTORE_H
#define TESTS_SUPPORT_C3_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define C3_FRAME_MAX 45000

struct c3_frame {
    uint8_t at[C3_FRAME_MAX];
    size_t len;
};

/* `seen`: the logged bytes, made into what was sent. `count`: how many those were; 0: not logged. False: not known. */
bool c3_restore(struct c3_frame *seen, size_t count);
/* What lay in the recorded flash from 0x20000 on, as far as that is known. */
#define C3_LETTERS 5000
const uint8_t *c3_letters(void);

#endif /* TESTS_SUPPORT_C3_RESTORE_H */
