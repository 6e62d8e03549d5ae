/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nightly - one verified backup a day while a station runs: after three o'clock local time, as soon as today's is
 * missing, into DATABASE.backups/flashline-YYYY-MM-DD.db; the newest 30 are kept. A thread with a reading connection of
 * its own: the recorder never waits for it.
 */
#ifndef STATION_NIGHTLY_H
#define STATION_NIGHTLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nightly;

/* NULL: no memory or no thread. Caller owns: nightly_free(). */
struct nightly *nightly_new(const char *db_path);
void nightly_free(struct nightly *n); /* ends the thread, after a backup that is being written; NULL is fine */
/* The last backup's name, or why it failed, in words; "" before the first. True: it failed. Any thread. */
bool nightly_state(struct nightly *n, char *out, size_t size);

/* When the next backup is due: now_ms or earlier when today's is missing after three o'clock, else the next such moment. */
int64_t nightly_due_ms(int64_t now_ms, bool have_todays);

#endif /* STATION_NIGHTLY_H */
