/* SPDX-License-Identifier: Apache-2.0 */
#include "db/canon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void canon_bytes(struct canon *c, const void *data, size_t len)
{
    if (c->failed || len == 0)
        return;
    if (c->len + len > c->size) {
        size_t size = (c->len + len) * 2;
        char *grown = realloc(c->data, size);
        if (grown == NULL) {
            c->failed = true;
            return;
        }
        c->data = grown;
        c->size = size;
    }
    memcpy(c->data + c->len, data, len);
    c->len += len;
}

void canon_text(struct canon *c, const char *text)
{
    canon_bytes(c, text, strlen(text));
}

void canon_column(struct canon *c, sqlite3_stmt *s, int column)
{
    static const char letters[] = {[SQLITE_INTEGER] = 'i',
                                   [SQLITE_FLOAT] = 'f',
                                   [SQLITE_TEXT] = 't',
                                   [SQLITE_BLOB] = 'b',
                                   [SQLITE_NULL] = 'n'};
    int type = sqlite3_column_type(s, column);
    const void *value =
        type == SQLITE_BLOB ? sqlite3_column_blob(s, column) : (const void *)sqlite3_column_text(s, column);
    int len = type == SQLITE_NULL ? 0 : sqlite3_column_bytes(s, column);
    char head[96];
    int n = snprintf(head, sizeof head, "%.64s %c %d ", sqlite3_column_name(s, column), letters[type], len);

    canon_bytes(c, head, (size_t)n);
    canon_bytes(c, value, (size_t)len);
    canon_bytes(c, "\n", 1);
}

int canon_finish(struct canon *c, uint8_t hash[static SHA256_SIZE])
{
    int rc = c->failed ? SQLITE_NOMEM : SQLITE_OK;

    if (rc == SQLITE_OK)
        digest_sha256(c->data, c->len, hash);
    free(c->data);
    memset(c, 0, sizeof *c);
    return rc;
}
