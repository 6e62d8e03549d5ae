/* SPDX-License-Identifier: Apache-2.0 */
/*
 * made_plan - the files of a job as a plan relates them: bootloaders, applications, partition tables, boot selections, laid
 * out by the published formats alone and not by the programme's own makers. These end the test when they fail.
 */
#ifndef TESTS_SUPPORT_MADE_PLAN_H
#define TESTS_SUPPORT_MADE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#define MADE_ROWS 8

enum made_kind {
    MADE_BOOT = 1,  /* arg: flash size in MB that the header says, 0: the value for 1 MB */
    MADE_BOOT_LATE, /* arg: chip revision that it is for, hundreds and units */
    MADE_APP,       /* arg: bytes of payload */
    MADE_APP_LATE,  /* arg: chip revision that it is for */
    MADE_APP_S3,
    MADE_SIGNED,       /* padded to 64 KiB, a signature block behind it */
    MADE_ODD_WORD,     /* a segment that is no whole words */
    MADE_ODD_PAGE,     /* mapped for another place in the page */
    MADE_NO_RAM,       /* loaded where no memory is */
    MADE_ON_BOOT,      /* loaded over the bootloader's data */
    MADE_ON_STACK,     /* loaded over the bootloader's stack */
    MADE_HOLLOW,       /* an application with blank sectors in it */
    MADE_HOLLOW_LONG,  /* the same, longer than 64 KiB */
    MADE_BOOT_HOLLOW,  /* a bootloader with blank sectors in it, for 4 MB */
    MADE_DATA,         /* arg: bytes */
    MADE_TABLE,        /* arg: MADE_NO_MD5 and the like, or 0 */
    MADE_SELECT,       /* arg: sequence number, as ESP-IDF's tools write it */
    MADE_SELECT_2,     /* the same in the second sector, the first blank */
    MADE_PYCOM_SELECT, /* arg: image that is chosen */
    MADE_WHOLE /* bootloader, table and application as one file from 0x1000; arg: bytes to leave out at its end */
};

#define MADE_NO_MD5   1u
#define MADE_TWO_MD5  2u
#define MADE_NO_END   4u
#define MADE_MD5_LIES 8u

struct made_row {
    const char *name;
    uint8_t type, subtype;
    uint32_t offset, size;
};

struct made_file {
    const char *name;
    enum made_kind kind;
    uint32_t arg, offset;
};

/* The file's bytes; `rows`: of a table that is it, or in it; a row without a name ends them. Caller frees. */
uint8_t *made_plan_bytes(const struct made_row *rows, const struct made_file *f, size_t *size);
/* The same, saved under the file's name. */
void made_plan_save(const struct made_row *rows, const struct made_file *f);

#endif /* TESTS_SUPPORT_MADE_PLAN_H */
