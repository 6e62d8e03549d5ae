/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_macs - the database in which Pycom's production scripts kept their EUIs (flasher.py, 2017): table macs with mac (text), status
 * (0 unused, 1 on a board, -1 that failed, -2 while it was written to), last_touch (seconds of Unix time) and wmac (text, the board's).
 * Those scripts gave a board that was run again another EUI, and never gave out again what had failed: nor do we.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/desk/pool_source.h"
#include "db/open/sql.h"

enum { MACS_UNUSED = 0, MACS_OK = 1, MACS_FAILED = -1, MACS_LOCKED = -2 };

static const char macs_sql[] =
    "SELECT m.rowid, m.mac, m.status, m.wmac, EXISTS (SELECT 1 FROM macs n WHERE n.wmac = m.wmac AND n.status = 1"
    " AND (n.last_touch > m.last_touch OR (n.last_touch = m.last_touch AND n.rowid > m.rowid)))"
    " FROM macs m ORDER BY m.rowid";

bool pool_is_macs(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic];
    FILE *in = fopen(path, "re");
    bool is = in != NULL && fread(head, 1, sizeof head, in) == sizeof head &&
              memcmp(head, magic, sizeof magic) == 0;

    if (in != NULL)
        fclose(in);
    return is;
}

static int bad_row(const struct pool_block *b, int row, const char *why, struct failure *f)
{
    return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%.200s: row %d of table macs: %s", b->source, row, why);
}

static enum pool_state state_of(int status, bool has_newer)
{
    if (status == MACS_UNUSED)
        return POOL_FREE;
    return status == MACS_OK && !has_newer ? POOL_VERIFIED : POOL_SPOILED;
}

static int add_row(struct pool_block *b, sqlite3_stmt *s, struct failure *f)
{
    int row = sqlite3_column_int(s, 0), status = sqlite3_column_int(s, 2);
    const char *wmac = sql_text(s, 3);
    bool has_mac = wmac[0] != '\0';
    struct mac mac = {{0}};

    if (sqlite3_column_type(s, 2) != SQLITE_INTEGER || status < MACS_LOCKED || status > MACS_OK)
        return bad_row(b, row, "its status is none of 0, 1, -1, -2", f);
    if (has_mac && (mac_parse(wmac, &mac) != 0 || mac_is_blank(&mac)))
        return bad_row(b, row, "its wmac is no MAC address", f);
    if (status == MACS_UNUSED && has_mac)
        return bad_row(b, row, "it is unused, and yet a board has it", f);
    enum pool_state state = state_of(status, sqlite3_column_int(s, 4) != 0);
    return pool_block_add(b, sql_text(s, 1), state, has_mac ? &mac : NULL, row, f);
}

int pool_read_macs(const char *path, struct pool_block *b, struct failure *f)
{
    sqlite3 *h = NULL;
    int code = 0;

    snprintf(b->source, sizeof b->source, "%s", path);
    int rc = sqlite3_open_v2(path, &h, SQLITE_OPEN_READONLY, NULL);
    sqlite3_stmt *s = rc == SQLITE_OK ? sql_prepare(h, macs_sql, "") : NULL;
    while (s != NULL && code == 0 && (rc = sqlite3_step(s)) == SQLITE_ROW)
        code = add_row(b, s, f);
    if (code == 0 && rc != SQLITE_DONE)
        code = failure_set(f, FAIL_WORK, STAGE_NONE, 0,
                           "%.300s has no table macs with mac, status, last_touch and wmac: %.100s", path,
                           h != NULL ? sqlite3_errmsg(h) : "no memory");
    sqlite3_finalize(s);
    sqlite3_close(h);
    return code;
}
