/* SPDX-License-Identifier: Apache-2.0 */
/* canon - values as bytes that can be read one way only: "name type length value\n"; docs/database.md. Private here. */
#ifndef DB_OPEN_CANON_H
#define DB_OPEN_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/digest.h"

struct canon {
    char *data;
    size_t len, size;
    void *stream; /* libcrypto's digest of what no longer stands in `data`; NULL: everything still does */
    bool failed;  /* out of memory: told by canon_finish() */
};

void canon_bytes(struct canon *c, const void *data, size_t len);
void canon_text(struct canon *c, const char *text);
void canon_column(struct canon *c, sqlite3_stmt *s, int column);
/* SHA-256 of what was put; frees. SQLITE_OK or SQLITE_NOMEM. */
int canon_finish(struct canon *c, uint8_t hash[static SHA256_SIZE]);

#endif /* DB_OPEN_CANON_H */
