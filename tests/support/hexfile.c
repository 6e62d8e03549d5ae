/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/hexfile.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <stdlib.h>

static size_t parse(const char *hex, uint8_t *out, size_t size)
{
    size_t n = 0;
    unsigned byte;

    while (n < size && sscanf(hex, "%2x", &byte) == 1) {
        out[n++] = (uint8_t)byte;
        hex += 2;
    }
    return n;
}

size_t hexfile_read(const char *file, const char *name, uint8_t *out, size_t size)
{
    char path[512], *line = NULL;
    size_t cap = 0, n = 0, len = strlen(name);

    snprintf(path, sizeof path, "%s/tests/vectors/%s", SOURCE_DIR, file);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    while (n == 0 && getline(&line, &cap, f) > 0) {
        if (strncmp(line, name, len) == 0 && line[len] == ' ')
            n = parse(line + len + 1, out, size);
    }
    free(line);
    fclose(f);
    return n;
}
