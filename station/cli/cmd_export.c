/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_export - records into a file for others: CSV, JSON Lines or a database. */
#include <stdio.h>
#include <string.h>

#include "db/read/export.h"
#include "db/read/past.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/print/json.h"

static int report(const struct export_request *q, const struct export_report *r, bool json)
{
    char hash[SHA256_TEXT_SIZE];

    digest_hex(r->sha256, SHA256_SIZE, hash);
    if (json) {
        json_t *o = json_line_new("export");
        json_put_text(o, "file", q->path);
        json_put_text(o, "format", export_format_name(q->format));
        json_put_int(o, "rows", r->rows);
        json_put_int(o, "bytes", (int64_t)r->bytes);
        json_put_text(o, "sha256", hash);
        json_line_write(stdout, o);
        return EXIT_ALL_PASS;
    }
    printf("%s: %lld rows, %llu bytes, SHA-256 %s\n", q->path, (long long)r->rows,
           (unsigned long long)r->bytes, hash);
    return EXIT_ALL_PASS;
}

struct csv_options {
    int excel; /* -1: not given */
    const char *delimiter;
};

static bool is_delimiter(const char *text, char *out)
{
    *out = text[0];
    if (strcmp(text, "tab") == 0)
        *out = '\t';
    return *out == '\t' || (strchr(",;|", *out) != NULL && text[1] == '\0');
}

/* --excel is three of the switches and a delimiter in one; a delimiter of its own goes before that. 0, or an exit code. */
static int take_dialect(const struct csv_options *o, bool is_csv, struct csv_dialect *d)
{
    static const struct csv_dialect excel[] = {{',', true, false, true}, {';', true, true, true}};
    bool given = o->excel >= 0 || o->delimiter != NULL || d->bom || d->decimal_comma || d->text_columns;

    if (given && !is_csv)
        return cmd_fail(
            EXIT_USAGE, "export",
            "--excel, --csv-delimiter, --bom, --decimal-comma and --text-columns go with --format csv");
    if (o->excel >= 0) {
        d->delimiter = excel[o->excel].delimiter;
        d->bom = d->text_columns = true;
        d->decimal_comma = d->decimal_comma || excel[o->excel].decimal_comma;
    }
    if (o->delimiter != NULL && !is_delimiter(o->delimiter, &d->delimiter))
        return cmd_fail(EXIT_USAGE, "export", "--csv-delimiter: '%s' is none of , ; | and tab", o->delimiter);
    return 0;
}

/* An export reads no archives: where units that may leave can be in one, whoever ships by the file is told. 0, or an exit code. */
static int tell_archived(struct db *db, const struct export_request *q)
{
    const struct record_filter *filter = &q->filter;
    const struct past_ask ask = {.mac = filter->has_mac ? &filter->mac : NULL,
                                 .serial = filter->has_mac ? NULL : filter->serial,
                                 .lot = filter->has_mac || filter->serial != NULL ? NULL : filter->lot};
    struct past_file one;
    struct failure f = {0};
    int files = filter->shippable ? past_files(db, &ask, &one, 1, &f) : 0;

    if (files > 0)
        fprintf(stderr,
                "units in archives are not in %s: 'flashline units --shippable' lists those of a lot\n",
                q->path);
    return files < 0 ? cmd_fail(EXIT_INPUT, "export", "%s", f.detail) : EXIT_ALL_PASS;
}

int cmd_export(int argc, char **argv)
{
    static char long_name[] = "--output";
    struct options_common common = {0};
    struct record_options o = {0};
    struct export_request q = {0};
    int format = -1, records = 0;
    struct csv_options csv = {.excel = -1};
    const struct options_row rows[] = {
        OPTIONS_WORD("format", &format, "csv|jsonl|sqlite", "how to write them"),
        OPTIONS_STRING("output", &q.path, "FILE", "where to; also -o FILE"),
        OPTIONS_WORD("records", &records, "attempts|units", "one row an attempt, or a unit"),
        OPTIONS_SWITCH("replace", &q.replace, "FILE may exist: it is replaced once the new one is whole"),
        OPTIONS_WORD("excel", &csv.excel, "en|de", "csv: as Excel and LibreOffice of that language read it"),
        OPTIONS_STRING("csv-delimiter", &csv.delimiter, "C", "csv: between cells: , ; | or tab"),
        OPTIONS_SWITCH("bom", &q.csv.bom, "csv: begin with a byte order mark"),
        OPTIONS_SWITCH("decimal-comma", &q.csv.decimal_comma, "csv: 30,512 instead of 30.512"),
        OPTIONS_SWITCH("text-columns", &q.csv.text_columns,
                       "csv: text stays text (=\"0012\"), times are dates in UTC"),
        RECORD_OPTIONS_SHIPPABLE(&o),
        RECORD_OPTIONS_ROWS(&o),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "export", "--format csv|jsonl|sqlite -o FILE [OPTION...]",
        "Writes records to FILE, whole or not at all, and FILE.manifest.json with the number\n"
        "of rows and the SHA-256. Training attempts are left out unless --training is given.",
        rows, 0};
    struct export_report r;
    struct failure f = {0};

    for (int i = 1; i < argc; i++)
        argv[i] = strcmp(argv[i], "-o") == 0 ? long_name : argv[i];
    int code, first = options_parse(&spec, argc, argv, &common, &code);
    if (first < 0 || (code = record_options_filter("export", &o, &q.filter)) != 0)
        return code;
    if (format < 0 || q.path == NULL)
        return cmd_fail(EXIT_USAGE, "export", "say how and where to: --format csv|jsonl|sqlite -o FILE");
    if ((code = take_dialect(&csv, format == EXPORT_CSV, &q.csv)) != 0)
        return code;
    if (o.shippable && (records == 0 || format == (int)EXPORT_SQLITE))
        return cmd_fail(EXIT_USAGE, "export",
                        "--shippable goes with --records units and --format csv or jsonl");
    if (q.filter.result == RESULT_OPEN)
        return cmd_fail(
            EXIT_USAGE, "export",
            "--result: a running attempt has no record to export yet; 'flashline attempts' shows it");
    struct db *db = record_open_filtered("export", &common, &q.filter, &code);
    if (db == NULL)
        return code;
    q.format = (enum export_format)format;
    q.view = records == 0 ? RECORD_ATTEMPTS : RECORD_UNITS;
    if (export_records(db, &q, &r, &f) == 0)
        code = report(&q, &r, common.json);
    else
        code = cmd_fail(EXIT_INPUT, "export", "%s", f.detail);
    if (code == EXIT_ALL_PASS)
        code = tell_archived(db, &q);
    db_close(db);
    return code;
}
