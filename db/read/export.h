/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export - records into a file for others to read (docs/export.md), streamed, whole or not at all, with a manifest
 * beside it (FILE.manifest.json) that holds the row count and SHA-256. Backed-up sectors, badges and PINs never leave.
 */
#ifndef DB_READ_EXPORT_H
#define DB_READ_EXPORT_H

#include "base/digest.h"
#include "db/read/record_json.h"
#include "db/read/record_query.h"

#define EXPORT_VERSION RECORD_JSON_VERSION

enum export_format {
    EXPORT_CSV, /* RFC 4180: CRLF, header row; free text that a spreadsheet would compute is made harmless */
    EXPORT_JSONL, /* {"v":1,"record":"attempt",...} a line, byte-exact text */
    EXPORT_SQLITE /* a database of its own */
};

/* How EXPORT_CSV writes, for who reads it (docs/export.md, "For spreadsheets"); {0} is RFC 4180 to the letter. */
struct csv_dialect {
    char delimiter;     /* between cells; '\0': a comma */
    bool bom;           /* begins with U+FEFF, by which Excel knows UTF-8 */
    bool decimal_comma; /* 30,512 */
    /* Columns are what a spreadsheet shall take them for: text "="…"", times dates without a zone, named opened_utc. */
    bool text_columns;
};

struct export_request {
    const char *path;
    bool replace; /* `path` and its manifest may exist */
    enum export_format format;
    struct csv_dialect csv;
    enum record_view view; /* EXPORT_SQLITE of RECORD_UNITS holds each unit's last attempt */
    struct record_filter filter;
};

struct export_report {
    int64_t rows;
    uint64_t bytes;
    uint8_t sha256[SHA256_SIZE];
};

const char *export_format_name(enum export_format format); /* "csv"; static storage */
/*
 * 0, or -1 with *f: neither file has changed, unless the disk would not take the new names or say that they are durable:
 * then what has its name is whole.
 */
int export_records(struct db *db, const struct export_request *request, struct export_report *report,
                   struct failure *f);

#endif /* DB_READ_EXPORT_H */
