/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/firmware_version.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "profiles/firmware/esp_image.h"

#define BANNER_MAX 160

/* Copies the printable text at `at` into line, cut at the first byte that is none. */
static void take_line(const uint8_t *app, size_t size, size_t at, char line[static BANNER_MAX])
{
    size_t n = 0;

    while (n < BANNER_MAX - 1 && at + n < size && app[at + n] >= 0x20 && app[at + n] < 0x7f) {
        line[n] = (char)app[at + n];
        n++;
    }
    line[n] = '\0';
}

static void copy_span(char *out, size_t size, const char *from, const char *to)
{
    size_t n = (size_t)(to - from);

    if (n >= size)
        n = size - 1;
    memcpy(out, from, n);
    out[n] = '\0';
}

/* "<mark>VERSION [..] on DATE; BOARD with ESP32..": both parts are taken, or neither. */
static int read_banner(const char *line, const char *mark, struct firmware_version *out)
{
    const char *version = line + strlen(mark), *semi = strstr(version, "; "), *with, *end;

    if (semi == NULL)
        return -1;
    with = strstr(semi + 2, " with ESP32");
    end = strchr(version, ' ');
    if (with == NULL || with == semi + 2 || end == NULL || end > semi || end == version)
        return -1;
    if (out->version[0] == '\0')
        copy_span(out->version, sizeof out->version, version, end);
    if (out->board[0] == '\0')
        copy_span(out->board, sizeof out->board, semi + 2, with);
    return 0;
}

static int find_banner(const uint8_t *app, size_t size, const char *mark, struct firmware_version *out)
{
    size_t len = strlen(mark);
    char line[BANNER_MAX];

    for (size_t at = 0; at + len < size;) {
        const uint8_t *hit = memmem(app + at, size - at, mark, len);

        if (hit == NULL)
            return -1;
        at = (size_t)(hit - app);
        take_line(app, size, at, line);
        if (read_banner(line, mark, out) == 0)
            return 0;
        at += len;
    }
    return -1;
}

void firmware_version_find(const uint8_t *app, size_t size, struct firmware_version *out)
{
    struct esp_image image;
    const char *why;

    memset(out, 0, sizeof *out);
    out->origin = "none";
    if (esp_image_parse(app, size, &image, &why) == 0) {
        size = image.size;
        if (image.has_descriptor && image.version[0] != '\0') {
            snprintf(out->version, sizeof out->version, "%s", image.version);
            out->origin = "app descriptor";
        }
    }
    if (find_banner(app, size, "Pycom MicroPython ", out) == 0) {
        if (out->origin[0] == 'n')
            out->origin = "Pycom strings";
    } else if (find_banner(app, size, "MicroPython ", out) == 0) {
        if (out->origin[0] == 'n')
            out->origin = "MicroPython strings";
    }
}

void firmware_version_of_name(const char *file, char *out, size_t size)
{
    static const char *const endings[] = {".tar.gz", ".tgz", ".tar", ".bin"};
    const char *dash = strchr(file, '-'), *end;

    out[0] = '\0';
    /* Pycom's makepkg: <Board>-<version>.tar.gz; versions begin with a digit. */
    while (dash != NULL && !isdigit((unsigned char)dash[1]))
        dash = strchr(dash + 1, '-');
    if (dash == NULL)
        return;
    end = dash + strlen(dash);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t len = strlen(endings[i]);

        if ((size_t)(end - dash) > len + 1 && strcmp(end - len, endings[i]) == 0) {
            end -= len;
            break;
        }
    }
    copy_span(out, size, dash + 1, end);
}
