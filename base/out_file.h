/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out_file - a file that is there whole or not at all: made as base/file.h makes files.
 * SHA-256 and length are taken on the way. Errors stick: check out_file_commit(). Its folder is opened once, so that what
 * was asked (base/station_files.h) holds for where it ends up; its mode is base/own_file.h's.
 */
#ifndef BASE_OUT_FILE_H
#define BASE_OUT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/failure.h"
#include "base/station_files.h"

struct out_file;

/*
 * NULL: *f (FAIL_RECORD) says why. Nothing is at `path` until commit; what was there before stays until then. `own`: what
 * the station owns, borrowed until commit; NULL: what the file system tells of it.
 */
struct out_file *out_file_new(const struct station_files *own, const char *path, struct failure *f);
void out_file_write(struct out_file *o, const void *data, size_t len);
void out_file_text(struct out_file *o, const char *text);
void out_file_format(struct out_file *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * The two halves of a commit, for files that belong together: all bytes are on the disk, under another name; then they
 * get their own. -1 with *f: `o` is freed and what was written is removed. out_file_place() frees `o` in any case.
 */
int out_file_finish(struct out_file *o, uint64_t *bytes, uint8_t sha256[static SHA256_SIZE],
                    struct failure *f);
int out_file_place(struct out_file *o, struct failure *f);
/*
 * Both, and frees `o` whatever happens. 0, or -1 with *f: nothing changed, unless the disk would not say that the new name
 * is durable: then the whole new file has it.
 */
int out_file_commit(struct out_file *o, uint64_t *bytes, uint8_t sha256[static SHA256_SIZE],
                    struct failure *f);
void out_file_drop(struct out_file *o); /* removes what was written; NULL is fine */

/*
 * May this name be written, which means replaced? No file of a station, and not a device, a pipe or a link (/dev/stdout
 * is one): rename() would put a file in its place. 0, or -1 with *f. out_file_new() asks by itself.
 */
int file_check_target(const struct station_files *own, const char *path, struct failure *f);
/* The same for a name that nothing may have yet, which is the rule of every output that nobody said to replace. */
int file_check_free(const struct station_files *own, const char *path, struct failure *f);

#endif /* BASE_OUT_FILE_H */
