/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/record_json.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/plain.h"

struct sink {
    record_json_sink *put;
    void *ctx;
};

static void put_text(const struct sink *to, const char *text)
{
    to->put(to->ctx, text, strlen(text));
}

/* What stands for the character c of n bytes inside quotes, or NULL when it stands for itself. */
static const char *escaped(uint32_t c, size_t n, char escape[static 8])
{
    if (plain_is_broken(c, n))
        return "\xef\xbf\xbd";
    if (c == '"' || c == '\\')
        snprintf(escape, 8, "\\%c", (int)c);
    else if (c < 0x20 || c == 0x7f)
        snprintf(escape, 8, "\\u%04x", (unsigned)c & 0xff);
    else
        return NULL;
    return escape;
}

/* Whole runs go to the sink: an export of a million attempts has a thousand million characters. */
void record_json_string(const char *text, record_json_sink *put, void *ctx)
{
    const struct sink to = {put, ctx};
    const char *run = text;
    char escape[8];
    uint32_t c;

    put(ctx, "\"", 1);
    for (size_t n; (n = plain_next(text, &c)) > 0; text += n) {
        const char *instead = escaped(c, n, escape);

        if (instead == NULL)
            continue;
        put(ctx, run, (size_t)(text - run));
        put_text(&to, instead);
        run = text + n;
    }
    put(ctx, run, (size_t)(text - run));
    put(ctx, "\"", 1);
}

static void put_value(const struct sink *to, struct record_cursor *c, int i, enum field_type type)
{
    if (record_is_null(c, i)) {
        put_text(to, "null");
        return;
    }
    switch (type) {
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_SECONDS:
    case FIELD_OBJECT:
        put_text(to, record_text(c, i));
        break;
    case FIELD_TEXT:
    case FIELD_WORD:
    case FIELD_MAC:
    case FIELD_HASH:
    case FIELD_TIME:
    case FIELD_FLASH_ID:
        record_json_string(record_text(c, i), to->put, to->ctx);
        break;
    }
}

void record_json_line(struct record_cursor *c, enum record_view view, const char *key, record_json_sink *put,
                      void *ctx)
{
    const struct record_field *fields = record_fields(view);
    const struct sink to = {put, ctx};
    char head[64];

    snprintf(head, sizeof head, "{\"v\":%d,\"%.16s\":\"%s\"", RECORD_JSON_VERSION, key,
             view == RECORD_ATTEMPTS ? "attempt" : "unit");
    put_text(&to, head);
    for (int i = 0; fields[i].name != NULL; i++) {
        put_text(&to, ",\"");
        put_text(&to, fields[i].name);
        put_text(&to, "\":");
        put_value(&to, c, i, fields[i].type);
    }
    put_text(&to, "}\n");
}
