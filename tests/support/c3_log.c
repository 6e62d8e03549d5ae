/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/c3_log.h"

#include <stdio.h>
#include <string.h>

const char *c3_unquote(const char *s, char quote, struct probe_bytes *out)
{
    for (; *s != quote && *s != '\n' && *s != '\0'; s++) {
        uint8_t byte = (uint8_t)*s;
        if (byte == '\\') {
            s++;
            byte = *s == 'r' ? '\r' : *s == 'n' ? '\n' : (uint8_t)*s;
        }
        out->at[out->len++] = byte;
    }
    return s;
}

bool c3_wanted(const char *s, struct probe_bytes *want, bool *panic)
{
    char hex[2 * PROBE_REPLY_MAX + 1];

    want->len = 0;
    *panic = strncmp(s, "PANIC", 5) == 0;
    while (*s != '\0' && *s != '\n' && *s != '(' && *s != '|' && !*panic) {
        int times = 1, used = 0;
        if (sscanf(s, "%d x %n", &times, &used) == 1 && used > 0)
            s += used;
        else
            times = 1;
        size_t n = strspn(s, "0123456789abcdef");
        if (strncmp(s, "text ", 5) == 0) {
            s = c3_unquote(s + 6, s[5], want) + 1;
        } else if (n > 0 && strncmp(s + n, "..", 2) != 0) {
            struct probe_bytes part;
            memcpy(hex, s, n);
            hex[n] = '\0';
            probe_unhex(hex, &part);
            for (; times > 0 && want->len + part.len <= sizeof want->at; times--) {
                memcpy(want->at + want->len, part.at, part.len);
                want->len += part.len;
            }
            s += n;
        } else {
            return false;
        }
        s += strspn(s, " +");
    }
    return true;
}

bool c3_sent(const char *s, struct c3_frame *out)
{
    size_t n = strspn(s, "0123456789abcdef"), count = 0;

    for (out->len = 0; out->len < n / 2; out->len++) {
        unsigned v;
        sscanf(s + 2 * out->len, "%2x", &v);
        out->at[out->len] = (uint8_t)v;
    }
    if (strncmp(s + n, "..", 2) != 0)
        return true;
    sscanf(s + n, "..(%zu", &count);
    return c3_restore(out, count);
}
