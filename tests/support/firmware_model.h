/* SPDX-License-Identifier: Apache-2.0 */
/*
 * firmware_model - what must stand in flash after each real firmware, put together from the archive's members and a table
 * of offsets, not by the programme's own parsers. For tests; these end the test programme when they fail.
 */
#ifndef TESTS_SUPPORT_FIRMWARE_MODEL_H
#define TESTS_SUPPORT_FIRMWARE_MODEL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FIRMWARE_SAMPLES 5

struct firmware_member {
    const char *name; /* NULL: the file itself */
    uint32_t offset;
};

struct firmware_range {
    uint32_t offset, size;
};

struct firmware_sample {
    const char *file, *job;
    int revision;
    uint32_t flash_size;
    struct firmware_range erased[2];   /* by the script, or the whole partition of an application */
    struct firmware_member members[4]; /* in flash */
    uint32_t otadata, app_size;        /* where the boot record goes; 0: the table has no such partition */
};

extern const struct firmware_sample firmware_samples[FIRMWARE_SAMPLES];

/* `dir` holds the folder "firmware". */
void firmware_path(const char *dir, const struct firmware_sample *s, char out[static 1024]);
uint8_t *firmware_read(FILE *f, size_t *size); /* 16 MiB at most; caller frees */
/* Changes `flash`, as the board came, into what it must be; what no member covers stays. */
void firmware_expect(uint8_t *flash, const char *dir, const struct firmware_sample *s);

#endif /* TESTS_SUPPORT_FIRMWARE_MODEL_H */
