/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema - the tables, as numbered migrations. PRAGMA user_version is the number of the last one applied.
 *
 * A migration that has shipped is never edited: what must change is a new migration. docs/database.md describes them.
 */
#ifndef DB_OPEN_SCHEMA_H
#define DB_OPEN_SCHEMA_H

#include <stdbool.h>

#include <sqlite3.h>

#define SCHEMA_APPLICATION_ID 0x464c5348 /* "FLSH" */

int schema_newest(void); /* the version this programme writes */
/*
 * Applies every migration after `from` up to `to` (<= schema_newest()), each in one transaction. Returns an SQLite
 * code; on an error the file stays at the last version that was reached.
 */
int schema_migrate(sqlite3 *h, int from, int to);

enum schema_difference { SCHEMA_MISSING, SCHEMA_ADDED, SCHEMA_CHANGED };
/* One table, index, trigger or view that is not as the format has it; `sql` its text in the format, NULL when it has none. */
typedef void schema_tell(void *ctx, enum schema_difference d, const char *type, const char *name,
                         const char *sql);
/* Tells what in the file `h` differs from the text of format `version`, made anew in memory. SQLite code. */
int schema_compare(sqlite3 *h, int version, schema_tell *tell, void *ctx);
/* Makes the triggers of `h`, a file of format `version`, those of its format. SQLite code. */
int schema_put_triggers(sqlite3 *h, int version);

#endif /* DB_OPEN_SCHEMA_H */
