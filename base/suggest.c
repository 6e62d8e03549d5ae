/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include <string.h>

#define WORD_MAX 32

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance; words longer than WORD_MAX are far from everything. */
size_t suggest_edits(const char *a, const char *b)
{
    size_t row[3][WORD_MAX + 1]; /* rows i-2, i-1 and i of the usual table, taken in turn */
    size_t na = strlen(a), nb = strlen(b);

    if (na > WORD_MAX || nb > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t swap = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = least(least(up[j] + 1, now[j - 1] + 1), up[j - 1] + swap);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], up2[j - 2] + 1);
        }
    }
    return row[na % 3][nb];
}

const char *suggest_nearest(const char *word, const char *const *words, size_t count)
{
    const char *best = NULL;
    size_t limit = strlen(word) <= 3 ? 1 : 2;

    for (size_t i = 0; i < count; i++) {
        if (words[i] == NULL)
            continue;
        size_t n = suggest_edits(word, words[i]);
        if (n <= limit) {
            best = words[i];
            limit = n == 0 ? 0 : n - 1; /* a later word must be strictly nearer */
            if (n == 0)
                break;
        }
    }
    return best;
}
