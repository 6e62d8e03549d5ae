/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hexfile - named byte strings from tests/vectors/<file>: "name hex" a line, '#' begins a comment line.
 */
#ifndef TESTS_SUPPORT_HEXFILE_H
#define TESTS_SUPPORT_HEXFILE_H

#include <stddef.h>
#include <stdint.h>

/* Reads the bytes called `name`; returns their count, 0 when the file, the name or the hex is not there. */
size_t hexfile_read(const char *file, const char *name, uint8_t *out, size_t size);

#endif /* TESTS_SUPPORT_HEXFILE_H */
