/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/time_text.h"
#include "station/print/utf8.h"

json_t *json_line_new(const char *event)
{
    json_t *o = json_object();

    json_put_int(o, "v", JSON_LINE_VERSION);
    json_put_text(o, "event", event);
    return o;
}

int json_line_write(FILE *out, json_t *o)
{
    if (o == NULL)
        return -1;
    char *text = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(o);
    if (text == NULL)
        return -1;
    int bad = fputs(text, out) == EOF || fputc('\n', out) == EOF || fflush(out) != 0;
    free(text);
    return bad ? -1 : 0;
}

void json_put_text(json_t *o, const char *key, const char *text)
{
    if (o == NULL)
        return;
    char *clean = text != NULL ? utf8_repair(text) : NULL;
    json_object_set_new(o, key, clean != NULL ? json_string(clean) : json_null());
    free(clean);
}

void json_put_int(json_t *o, const char *key, int64_t value)
{
    if (o != NULL)
        json_object_set_new(o, key, json_integer(value));
}

void json_put_bool(json_t *o, const char *key, int value)
{
    if (o != NULL)
        json_object_set_new(o, key, json_boolean(value));
}

void json_put_mac(json_t *o, const char *key, const struct mac *mac)
{
    char text[MAC_TEXT_SIZE];

    mac_text(mac, text);
    json_put_text(o, key, text);
}

void json_put_eui64(json_t *o, const char *key, const uint8_t eui64[static EUI64_SIZE])
{
    char text[EUI64_TEXT_SIZE];

    eui64_text(eui64, text);
    json_put_text(o, key, text);
}

void json_put_hex(json_t *o, const char *key, const uint8_t *bytes, size_t len)
{
    char *text = malloc(2 * len + 1);

    if (text != NULL)
        digest_hex(bytes, len, text);
    json_put_text(o, key, text);
    free(text);
}

void json_put_time(json_t *o, const char *key, int64_t wall_ms)
{
    char text[TIME_TEXT_SIZE];

    time_text_utc(wall_ms, text);
    json_put_text(o, key, text);
}
