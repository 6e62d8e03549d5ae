/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "db/read/export_private.h"

/* Quoting does not stop a spreadsheet from computing: OWASP's list of first characters that start a formula. */
static bool looks_like_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

static void write_cell(struct out_file *o, const char *text, bool free_text)
{
    bool formula = free_text && looks_like_formula(text);

    if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
        out_file_text(o, text);
        return;
    }
    out_file_text(o, formula ? "\"'" : "\"");
    for (const char *at = text; *at != '\0';) {
        size_t run = strcspn(at, "\"");
        out_file_write(o, at, run);
        at += run;
        if (*at == '"') {
            out_file_text(o, "\"\"");
            at++;
        }
    }
    out_file_text(o, "\"");
}

void export_csv_head(struct out_file *o, enum record_view view)
{
    const struct record_field *fields = record_fields(view);

    for (int i = 0; fields[i].name != NULL; i++) {
        out_file_text(o, i > 0 ? "," : "");
        out_file_text(o, fields[i].name);
    }
    out_file_text(o, "\r\n");
}

void export_csv_row(struct out_file *o, struct record_cursor *c, enum record_view view)
{
    const struct record_field *fields = record_fields(view);

    for (int i = 0; fields[i].name != NULL; i++) {
        out_file_text(o, i > 0 ? "," : "");
        write_cell(o, record_text(c, i), fields[i].type == FIELD_TEXT);
    }
    out_file_text(o, "\r\n");
}
