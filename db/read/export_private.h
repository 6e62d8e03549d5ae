/* SPDX-License-Identifier: Apache-2.0 */
/* export_private - one format, one file; each writes every row of the cursor. */
#ifndef DB_READ_EXPORT_PRIVATE_H
#define DB_READ_EXPORT_PRIVATE_H

#include "base/out_file.h"
#include "db/read/export.h"

char csv_delimiter(const struct csv_dialect *d);
void export_csv_head(struct out_file *o, const struct csv_dialect *d, enum record_view view);
void export_csv_row(struct out_file *o, const struct csv_dialect *d, struct record_cursor *c,
                    enum record_view view);

#define EXPORT_TEMP_SIZE 4096

/* A database of its own, whole and on the disk under the name `temp`; and its own name. -1: *f, and `temp` is gone. */
int export_sqlite_stage(struct db *db, const struct export_request *request,
                        char temp[static EXPORT_TEMP_SIZE], struct export_report *report, struct failure *f);
int export_sqlite_place(struct db *db, const struct export_request *request, const char *temp,
                        struct failure *f);

#endif /* DB_READ_EXPORT_PRIVATE_H */
