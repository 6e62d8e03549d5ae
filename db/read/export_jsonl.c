/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "db/read/export_private.h"

/* Length of the UTF-8 character at `s`, 0 when there is none. Surrogates and overlong forms are none. */
static size_t utf8_length(const unsigned char *s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80             ? 1
                 : (s[0] & 0xe0) == 0xc0 ? 2
                 : (s[0] & 0xf0) == 0xe0 ? 3
                 : (s[0] & 0xf8) == 0xf0 ? 4
                                         : 0;
    uint32_t code = len == 2 ? s[0] & 0x1fu : len == 3 ? s[0] & 0x0fu : s[0] & 0x07u;

    if (len < 2)
        return len;
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    return code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : len;
}

void export_json_string(struct out_file *o, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    out_file_text(o, "\"");
    while (*s != '\0') {
        size_t len = utf8_length(s);
        if (len == 0)
            out_file_text(o, "\xef\xbf\xbd");
        else if (*s == '"' || *s == '\\')
            out_file_format(o, "\\%c", *s);
        else if (*s < 0x20 || *s == 0x7f)
            out_file_format(o, "\\u%04x", *s);
        else
            out_file_write(o, s, len);
        s += len == 0 ? 1 : len;
    }
    out_file_text(o, "\"");
}

static void write_value(struct out_file *o, struct record_cursor *c, int i, enum field_type type)
{
    if (record_is_null(c, i)) {
        out_file_text(o, "null");
        return;
    }
    switch (type) {
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_SECONDS:
    case FIELD_OBJECT:
        out_file_text(o, record_text(c, i));
        break;
    case FIELD_TEXT:
    case FIELD_WORD:
    case FIELD_MAC:
    case FIELD_HASH:
    case FIELD_TIME:
    case FIELD_FLASH_ID:
        export_json_string(o, record_text(c, i));
        break;
    }
}

void export_jsonl_row(struct out_file *o, struct record_cursor *c, enum record_view view)
{
    const struct record_field *fields = record_fields(view);

    out_file_format(o, "{\"v\":%d,\"record\":\"%s\"", EXPORT_VERSION,
                    view == RECORD_ATTEMPTS ? "attempt" : "unit");
    for (int i = 0; fields[i].name != NULL; i++) {
        out_file_format(o, ",\"%s\":", fields[i].name);
        write_value(o, c, i, fields[i].type);
    }
    out_file_text(o, "}\n");
}
