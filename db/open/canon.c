/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/canon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define KEEP_MAX \
    65536 /* an archive row stands for any number of rows: beyond this they are digested as they come */

static void drain(struct canon *c)
{
    if (c->stream == NULL) {
        c->stream = EVP_MD_CTX_new();
        c->failed = c->stream == NULL || EVP_DigestInit_ex(c->stream, EVP_sha256(), NULL) != 1;
    }
    if (!c->failed)
        c->failed = EVP_DigestUpdate(c->stream, c->data, c->len) != 1;
    c->len = 0;
}

void canon_bytes(struct canon *c, const void *data, size_t len)
{
    if (!c->failed && c->len > KEEP_MAX)
        drain(c);
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
    if (c->stream != NULL) {
        drain(c);
        c->failed = c->failed || EVP_DigestFinal_ex(c->stream, hash, NULL) != 1;
        EVP_MD_CTX_free(c->stream);
    } else if (!c->failed) {
        digest_sha256(c->data, c->len, hash);
    }
    int rc = c->failed ? SQLITE_NOMEM : SQLITE_OK;
    free(c->data);
    memset(c, 0, sizeof *c);
    return rc;
}
