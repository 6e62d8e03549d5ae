/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/time_text.h"
#include "db/read/export_private.h"

/* Excel takes no longer text in a formula; nothing so long is taken for a number or a date. */
#define MARKED_MAX 255

/* Quoting does not stop a spreadsheet from computing: OWASP's list of first characters that start a formula. */
static bool looks_like_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

char csv_delimiter(const struct csv_dialect *d)
{
    if (d->delimiter != '\0')
        return d->delimiter;
    return ',';
}

static bool is_text(enum field_type type)
{
    return type == FIELD_TEXT || type == FIELD_HASH;
}

/* Each `"` as `count` of them. */
static void write_quoted(struct out_file *o, const char *text, int count)
{
    for (const char *at = text; *at != '\0';) {
        size_t run = strcspn(at, "\"");
        out_file_write(o, at, run);
        at += run;
        for (int i = 0; i < count && *at == '"'; i++)
            out_file_text(o, "\"");
        at += *at == '"';
    }
}

static void write_cell(struct out_file *o, const struct csv_dialect *d, const char *text, bool free_text)
{
    const char special[] = {csv_delimiter(d), '"', '\r', '\n', '\0'};
    bool formula = free_text && looks_like_formula(text);
    size_t plain = strcspn(text, special);

    if (!formula && text[plain] == '\0') {
        out_file_write(o, text, plain);
        return;
    }
    out_file_text(o, formula ? "\"'" : "\"");
    write_quoted(o, text, 2);
    out_file_text(o, "\"");
}

/*
 * ="0012" is a formula whose value is a text, the only way to say so that Excel and LibreOffice understand without being
 * told; a `"` of the text is doubled for the formula, and all of them for the file.
 */
static void write_marked(struct out_file *o, const char *text)
{
    out_file_text(o, "\"=\"\"");
    write_quoted(o, text, 4);
    out_file_text(o, "\"\"\"");
}

/* The form that spreadsheets of any language take for a date, which cannot hold a zone: 2026-11-20 08:15:30,123. */
static void write_date(struct out_file *o, const struct csv_dialect *d, int64_t wall_ms)
{
    char text[TIME_TEXT_SIZE];

    time_text_utc(wall_ms, text);
    text[strcspn(text, "T")] = ' ';
    text[strcspn(text, "Z")] = '\0';
    if (d->decimal_comma)
        text[strcspn(text, ".")] = ',';
    write_cell(o, d, text, false);
}

static void write_real(struct out_file *o, const struct csv_dialect *d, const char *text)
{
    char figures[64];

    snprintf(figures, sizeof figures, "%s", text);
    if (d->decimal_comma && strchr(figures, '.') != NULL)
        figures[strcspn(figures, ".")] = ',';
    write_cell(o, d, figures, false);
}

void export_csv_head(struct out_file *o, const struct csv_dialect *d, enum record_view view)
{
    const struct record_field *fields = record_fields(view);
    const char between[] = {csv_delimiter(d), '\0'};

    out_file_text(o, d->bom ? "\xef\xbb\xbf" : "");
    for (int i = 0; fields[i].name != NULL; i++) {
        out_file_text(o, i > 0 ? between : "");
        out_file_text(o, fields[i].name);
        out_file_text(o, d->text_columns && fields[i].type == FIELD_TIME ? "_utc" : "");
    }
    out_file_text(o, "\r\n");
}

void export_csv_row(struct out_file *o, const struct csv_dialect *d, struct record_cursor *c,
                    enum record_view view)
{
    const struct record_field *fields = record_fields(view);
    const char between[] = {csv_delimiter(d), '\0'};

    for (int i = 0; fields[i].name != NULL; i++) {
        enum field_type type = fields[i].type;
        const char *text = record_text(c, i);

        out_file_text(o, i > 0 ? between : "");
        if (d->text_columns && type == FIELD_TIME && !record_is_null(c, i))
            write_date(o, d, record_int(c, i));
        else if (type == FIELD_SECONDS)
            write_real(o, d, text);
        else if (d->text_columns && is_text(type) && text[0] != '\0' && strlen(text) <= MARKED_MAX)
            write_marked(o, text);
        else
            write_cell(o, d, text, type == FIELD_TEXT);
    }
    out_file_text(o, "\r\n");
}
