/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile - a database as somebody with a hex editor leaves it. A script of a few bytes says what was changed in a sound
 * database with a row of every kind; then every verb that reads a database reads it. Whatever they say, none may crash.
 * Scripts name tables, columns and rows by number, so a kept one stays of use when the format grows.
 */
#ifndef TESTS_FUZZ_HOSTILE_H
#define TESTS_FUZZ_HOSTILE_H

#include <stddef.h>
#include <stdint.h>

struct hostile;

/* Makes the sound database in a folder of its own below $TMPDIR or /dev/shm; aborts when that cannot be done. */
struct hostile *hostile_new(void);
void hostile_free(struct hostile *h);
void hostile_try(struct hostile *h, const uint8_t *script, size_t size);

#endif /* TESTS_FUZZ_HOSTILE_H */
