/* SPDX-License-Identifier: Apache-2.0 */
/* made_archive - the demo archive taken apart, so that a test can spoil one thing in it and pack it again. */
#ifndef TESTS_SUPPORT_MADE_ARCHIVE_H
#define TESTS_SUPPORT_MADE_ARCHIVE_H

#include "profiles/firmware/tar_make.h"
#include "profiles/text/arena.h"

#define MADE_MEMBERS 24

struct made_archive {
    struct arena *arena;
    struct tar_member members[MADE_MEMBERS];
    size_t count;
};

/* All of these end the test programme when they fail. */
void made_archive_open(struct made_archive *m);
void made_archive_close(struct made_archive *m);
/* Replaces the member of that name, else adds it; copies the bytes. */
void made_archive_put(struct made_archive *m, const char *name, const void *data, size_t size);
void made_archive_text(struct made_archive *m, const char *name, const char *text);
void made_archive_drop(struct made_archive *m, const char *name);
/* A copy of the member's bytes, to be changed and put back; NULL: not there. */
uint8_t *made_archive_copy(struct made_archive *m, const char *name, size_t *size);
/* Bytes of the packed archive, owned by the arena. */
const uint8_t *made_archive_pack(struct made_archive *m, bool gzip, size_t *size);
void made_archive_save(struct made_archive *m, bool gzip, const char *path);

#endif /* TESTS_SUPPORT_MADE_ARCHIVE_H */
