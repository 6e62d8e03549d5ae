/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file - the one way a file is made or replaced: written beside its place under a name of its own, flushed to the disk,
 * renamed, and the name made durable. So the old file is there or the new one, whole, whatever happens. Who may read it is
 * base/own_file.h's to say. What callers differ in is named by flags. 0 or -errno; a draft belongs to one thread.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

enum file_policy {
    FILE_FOLLOW = 1, /* a link at the name: the file it leads to is replaced. Else it is refused: -ELOOP */
    FILE_KEEP_OWNER =
        2, /* mode, owner and group stay those of the file that is replaced; where its group shares file and folder, the owner is
              who replaces it. -EPERM: they cannot (own_file_denied() says what helps) */
    FILE_TAKE_NAME =
        4, /* a link, a device or a pipe at the name is itself replaced. Else the latter are -EOPNOTSUPP */
    FILE_NOT_DURABLE = 8 /* what a power cut may take: nothing is flushed */
};

/* Durable on return, but for FILE_NOT_DURABLE. -EISDIR: a folder, which is never replaced. */
int file_save(const char *path, const void *data, size_t size, unsigned policy);
/* May the name be replaced, as file_save() asks it? `policy`: of the flags above the two that tell of links. */
int file_may_replace(int folder, const char *name, unsigned policy);

/*
 * A file being written, for what comes in parts. Its name is not touched until file_draft_place(), and nobody is asked
 * whether it may be. The folder stays open, so that it is the one that was asked about. Plain data, ours to read.
 */
struct file_draft {
    int folder, fd;   /* -1: not open */
    const char *name; /* in the caller's path, which must stay */
    char temp[NAME_MAX + 1];
};

int file_draft_open(struct file_draft *d, const char *path);
/* What was written is on the disk, under the draft's own name. */
int file_draft_flush(struct file_draft *d);
/* Gives it its name and ends the draft. An error says that the name is as it was, unless it was the folder that could not be
 * flushed: then the whole new file has it. `policy`: FILE_NOT_DURABLE or 0. */
int file_draft_place(struct file_draft *d, unsigned policy);
void file_draft_drop(
    struct file_draft *d); /* removes what was written; fine for one that was placed or did not open */

/* All of it, however often the system stops in between. */
int file_write_all(int fd, const void *data, size_t size);
/* An empty file of the rule's mode for another writer (SQLite) to fill; a leftover of that name goes first. */
int file_prepare(const char *path);
/* fsync of a file by name, then of its folder. */
int file_sync(const char *path);
/* Renames and makes the new name durable. -EIO may mean that it is renamed, and not known to be durable. */
int file_replace(const char *from, const char *to);
/* SHA-256 of a file. Never of a database that this process has open. */
int file_sha256(const char *path, uint8_t sha256[static SHA256_SIZE], uint64_t *bytes);

#endif /* BASE_FILE_H */
