/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v2 - migration 2, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V2_H
#define DB_OPEN_SCHEMA_V2_H

/* A release counts from a place in the chain, which neither a clock nor an attempt still open can move. */
/* clang-format off */
#define SCHEMA_V2 \
    {"ALTER TABLE stop_release RENAME COLUMN after_attempt TO after_seq;" \
     "CREATE TRIGGER slot_stays BEFORE DELETE ON slot" \
     " BEGIN SELECT RAISE(ABORT, 'slot: records are never deleted'); END;", \
     NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V2_H */
