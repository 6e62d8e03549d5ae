/* SPDX-License-Identifier: Apache-2.0 */
/* schema_v6 - migration 6, private to schema.c. Shipped: never edit, add a migration instead. */
#ifndef DB_OPEN_SCHEMA_V6_H
#define DB_OPEN_SCHEMA_V6_H

/*
 * A lot may name its job: the name, and the SHA-256 of the released job file (db/desk/duty_rules.h). NULL: any job, as every
 * lot of before; such a row stands in the journal in its old form.
 */
/* clang-format off */
#define SCHEMA_V6 \
    {"ALTER TABLE lot ADD COLUMN job_name TEXT;" \
     "ALTER TABLE lot ADD COLUMN job_sha256 BLOB CHECK (job_sha256 IS NULL AND job_name IS NULL OR length(job_sha256) = 32 AND job_name IS NOT NULL);", \
     NULL}
/* clang-format on */

#endif /* DB_OPEN_SCHEMA_V6_H */
