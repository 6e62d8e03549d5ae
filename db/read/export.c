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
        export_csv_head(o, q->view);
    while ((rc = record_next(c, f)) == 1) {
        if (q->format == EXPORT_CSV)
            export_csv_row(o, c, q->view);
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
    out_file_format(
        o,
        ",\n  \"code\": %d,\n  \"slot\": %d,\n  \"from_ms\": %lld,\n  \"to_ms\": %lld,\n  \"training\": %s",
        x->code, x->slot, (long long)x->from_ms, (long long)x->to_ms, x->training ? "true" : "false");
    if (x->newest > 0)
        out_file_format(o, ",\n  \"newest\": %lld", (long long)x->newest);
    else
        put_text(o, "newest", NULL);
}

static struct out_file *stage_manifest(struct db *db, const struct export_request *q,
                                       const struct export_report *report, struct failure *f)
{
    char path[4096], hash[SHA256_TEXT_SIZE];
    const char *slash = strrchr(q->path, '/');
    uint8_t own[SHA256_SIZE];
    uint64_t bytes;

    if (snprintf(path, sizeof path, "%s.manifest.json", q->path) >= (int)sizeof path) {
        failure_set(f, FAIL_RECORD, STAGE_NONE, 0, "the file name is too long");
        return NULL;
    }
    struct out_file *o = out_file_new(&db->own, path, f);
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
    memset(report, 0, sizeof *report);
    return q->format == EXPORT_SQLITE ? export_database(db, q, report, f) : export_text(db, q, report, f);
}
