/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace - what is left beside a database that was there once: its lock with a word in it, what restores keep, archives, a
 * WAL with records in it. Where one is, a missing or emptied database is a loss, never a reason to begin anew in silence.
 * Private to this room.
 */
#ifndef DB_OPEN_TRACE_H
#define DB_OPEN_TRACE_H

#include <stdbool.h>
#include <stddef.h>

/* Is there one beside `path`? `state`: of its lock. True with the end of its name (".before-restore-1") in `out`. */
bool trace_find(const char *path, const char *state, char *out, size_t size);
/* After a crash: is the WAL there that must hold the newest records? */
bool trace_wal_is_there(const char *path);

#endif /* DB_OPEN_TRACE_H */
