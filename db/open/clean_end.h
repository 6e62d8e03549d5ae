/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean_end - the word a station leaves in FILE.lock when it ends in order: which run it was, the file as it stood then,
 * this boot of the machine, and when the file was last looked through. The next station may skip the look only when every
 * part of it holds; a lost or torn note costs a look, never saves one. Private to this room.
 */
#ifndef DB_OPEN_CLEAN_END_H
#define DB_OPEN_CLEAN_END_H

#include <stdbool.h>
#include <stdint.h>

#define CLEAN_END_TEXT 256
/* A file that was not looked through for so long is looked through again, whatever its note says. */
#define CLEAN_END_MAX_MS (24LL * 3600 * 1000)

/* After the database was closed with everything in the file itself. "" when the file cannot be looked at. */
void clean_end_write(char out[static CLEAN_END_TEXT], const char *path, int64_t run, int64_t checked_ms);
/*
 * Does `text` hold for the file at `path`, before anyone has written to it? `run`: its newest run. True with *checked_ms:
 * the file is as that station left it in this boot, and was looked through less than CLEAN_END_MAX_MS before `now_ms`.
 */
bool clean_end_holds(const char *text, const char *path, int64_t run, int64_t now_ms, int64_t *checked_ms);
/* This boot of the machine; "" when the kernel does not say. */
void clean_end_boot(char out[static 64]);

#endif /* DB_OPEN_CLEAN_END_H */
