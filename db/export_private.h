/* SPDX-License-Identifier: Apache-2.0 */
/* export_private - one format, one file; each writes every row of the cursor. */
#ifndef DB_EXPORT_PRIVATE_H
#define DB_EXPORT_PRIVATE_H

#include "db/export.h"
#include "db/out_file.h"

void export_csv_head(struct out_file *o, enum record_view view);
void export_csv_row(struct out_file *o, struct record_cursor *c, enum record_view view);
void export_jsonl_row(struct out_file *o, struct record_cursor *c, enum record_view view);
/* A JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void export_json_string(struct out_file *o, const char *text);
int export_sqlite(struct db *db, const struct export_request *request, struct export_report *report,
                  struct failure *f);

#endif /* DB_EXPORT_PRIVATE_H */
