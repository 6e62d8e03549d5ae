/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/export.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db/open/db_inside.h"
#include "db/read/export_private.h"

const char *export_format_name(enum export_format format)
{
    static const char *const names[] = {"csv", "jsonl", "sqlite"};

    return names[format];
}

static void take(void *ctx, const void *bytes, size_t size)
{
    out_file_write(ctx, bytes, size);
}

static int stage_rows(struct db *db, const struct export_request *q, struct out_file **staged,
                      struct export_report *report, struct failure *f)
{
    struct out_file *o = out_file_new(&db->own, q->path, f);
    struct record_cursor *c = o == NULL ? NULL : record_query(db, q->view, &q->filter, f);
    int rc;

    if (c == NULL) {
        out_file_drop(o);
        return -1;
    }
    if (q->format == EXPORT_CSV)
        export_csv_head(o, &q->csv, q->view);
    while ((rc = record_next(c, f)) == 1) {
        if (q->format == EXPORT_CSV)
            export_csv_row(o, &q->csv, c, q->view);
        else
            record_json_line(c, q->view, "record", take, o);
        report->rows++;
    }
    record_cursor_free(c);
    if (rc != 0) {
        out_file_drop(o);
        return -1;
    }
    *staged = o;
    return out_file_finish(o, &report->bytes, report->sha256, f);
}

static void put_text(struct out_file *o, const char *name, const char *text)
{
    out_file_format(o, ",\n  \"%s\": ", name);
    if (text == NULL)
        out_file_text(o, "null");
    else
        record_json_string(text, take, o);
}

/* A filter that is a number is not given where it is 0. */
static void put_number(struct out_file *o, const char *name, int64_t value)
{
    out_file_format(o, ",\n  \"%s\": ", name);
    if (value == 0)
        out_file_text(o, "null");
    else
        out_file_format(o, "%lld", (long long)value);
}

static void put_filter(struct out_file *o, const struct record_filter *x)
{
    char mac[MAC_TEXT_SIZE] = "";

    if (x->has_mac)
        mac_text(&x->mac, mac);
    put_text(o, "lot", x->lot);
    put_text(o, "operator", x->operator_id);
    put_text(o, "job", x->job);
    put_text(o, "firmware", x->firmware);
    put_text(o, "serial", x->serial);
    put_text(o, "mac", x->has_mac ? mac : NULL);
    put_text(o, "result", x->result == RESULT_COUNT ? NULL : result_name(x->result));
    put_text(o, "loader", x->loader == LOADER_ANY ? NULL : record_loader_name(x->loader));
    put_number(o, "code", x->code);
    put_number(o, "slot", x->slot);
    put_number(o, "from_ms", x->from_ms);
    put_number(o, "to_ms", x->to_ms);
    put_number(o, "newest", x->newest);
    out_file_format(o, ",\n  \"training\": %s,\n  \"shippable\": %s", x->training ? "true" : "false",
                    x->shippable ? "true" : "false");
}

static void put_dialect(struct out_file *o, const struct csv_dialect *d)
{
    const char delimiter[] = {csv_delimiter(d), '\0'};

    put_text(o, "delimiter", delimiter);
    out_file_format(o, ",\n  \"bom\": %s,\n  \"decimal_comma\": %s,\n  \"text_columns\": %s",
                    d->bom ? "true" : "false", d->decimal_comma ? "true" : "false",
                    d->text_columns ? "true" : "false");
}

static int manifest_path(const struct export_request *q, char out[static EXPORT_TEMP_SIZE], struct failure *f)
{
    return snprintf(out, EXPORT_TEMP_SIZE, "%s.manifest.json", q->path) < EXPORT_TEMP_SIZE
               ? 0
               : failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "the file name is too long");
}

static struct out_file *stage_manifest(struct db *db, const struct export_request *q,
                                       const struct export_report *report, struct failure *f)
{
    char path[EXPORT_TEMP_SIZE], hash[SHA256_TEXT_SIZE];
    const char *slash = strrchr(q->path, '/');
    uint8_t own[SHA256_SIZE];
    uint64_t bytes;
    struct out_file *o = manifest_path(q, path, f) == 0 ? out_file_new(&db->own, path, f) : NULL;

    if (o == NULL)
        return NULL;
    digest_hex(report->sha256, SHA256_SIZE, hash);
    out_file_format(o, "{\n  \"v\": %d,\n  \"format\": \"%s\",\n  \"records\": \"%s\"", EXPORT_VERSION,
                    export_format_name(q->format), q->view == RECORD_UNITS ? "units" : "attempts");
    put_text(o, "file", slash == NULL ? q->path : slash + 1);
    put_text(o, "sha256", hash);
    out_file_format(o,
                    ",\n  \"bytes\": %llu,\n  \"rows\": %lld,\n  \"made_ms\": %lld,\n  \"program\": \"%s\"",
                    (unsigned long long)report->bytes, (long long)report->rows, (long long)db_wall_ms(db),
                    FLASHLINE_VERSION);
    if (q->format == EXPORT_CSV)
        put_dialect(o, &q->csv);
    put_filter(o, &q->filter);
    out_file_text(o, "\n}\n");
    return out_file_finish(o, &bytes, own, f) == 0 ? o : NULL;
}

/* Both are on the disk before either gets its name: no manifest ever stands beside another file's rows for want of room. */
static int export_text(struct db *db, const struct export_request *q, struct export_report *report,
                       struct failure *f)
{
    struct out_file *rows = NULL;

    if (stage_rows(db, q, &rows, report, f) != 0)
        return -1;
    struct out_file *manifest = stage_manifest(db, q, report, f);
    if (manifest == NULL) {
        out_file_drop(rows);
        return -1;
    }
    if (out_file_place(rows, f) != 0) {
        out_file_drop(manifest);
        return -1;
    }
    return out_file_place(manifest, f);
}

static int export_database(struct db *db, const struct export_request *q, struct export_report *report,
                           struct failure *f)
{
    char temp[EXPORT_TEMP_SIZE];

    if (export_sqlite_stage(db, q, temp, report, f) != 0)
        return -1;
    struct out_file *manifest = stage_manifest(db, q, report, f);
    if (manifest == NULL) {
        unlink(temp);
        return -1;
    }
    if (export_sqlite_place(db, q, temp, f) != 0) {
        out_file_drop(manifest);
        return -1;
    }
    return out_file_place(manifest, f);
}

int export_records(struct db *db, const struct export_request *q, struct export_report *report,
                   struct failure *f)
{
    char manifest[EXPORT_TEMP_SIZE];

    memset(report, 0, sizeof *report);
    if (!q->replace && (manifest_path(q, manifest, f) != 0 || file_check_free(&db->own, q->path, f) != 0 ||
                        file_check_free(&db->own, manifest, f) != 0))
        return -1;
    return q->format == EXPORT_SQLITE ? export_database(db, q, report, f) : export_text(db, q, report, f);
}
