/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_reply - recorded answers of a real loader against those of a virtual one: cut at the C0, decoded, compared byte by
 * byte but for the fields that a masks file lists. For tests; these end the test programme when they fail.
 */
#ifndef TESTS_SUPPORT_PROBE_REPLY_H
#define TESTS_SUPPORT_PROBE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/board_host.h"

#define PROBE_REPLY_MAX 8192
#define PROBE_MASKS     96

/*
 * How long a recording waited for an answer, about, by a clock that neither line nor flash slows down: erasing and writing
 * a quarter of a megabyte was answered, the digest of 8 MiB was not.
 */
#define PROBE_PATIENCE (3 * HOST_SECOND)

struct probe_bytes {
    uint8_t at[PROBE_REPLY_MAX];
    size_t len;
};

enum probe_field {
    PROBE_VAL,    /* the word behind the length */
    PROBE_STATUS, /* the ROM's last two status bytes */
    PROBE_DATA,   /* what lies between val and the status */
    PROBE_ROW, /* the whole answer: contradicted by a later recording, or left by frames that were not recorded whole */
    PROBE_FIELDS
};

struct probe_masks {
    struct {
        int row, reply;
        enum probe_field field;
        bool used;
    } mask[PROBE_MASKS];
    size_t count;
};

/* Lines of "ROW REPLY val|status34|data|row"; # begins a comment. */
void probe_masks_load(struct probe_masks *m, const char *path);
/* Prints those that hid nothing; their number. */
int probe_masks_idle(const struct probe_masks *m);

/* All of the text must be hexadecimal digits. */
void probe_unhex(const char *text, struct probe_bytes *out);
/* Sends, and collects what comes until it has been quiet for `patience`, longer at low rates. */
void probe_ask(struct board_host *h, const struct probe_bytes *send, int64_t patience,
               struct probe_bytes *got);
/* `status`: bytes of status at a frame's end, 4 from the ROM and 2 from a stub. */
bool probe_same(struct probe_masks *m, int row, int reply, size_t status, const struct probe_bytes *got,
                const struct probe_bytes *want);
void probe_tell(const char *name, const struct probe_bytes *got, const struct probe_bytes *want);

#endif /* TESTS_SUPPORT_PROBE_REPLY_H */
