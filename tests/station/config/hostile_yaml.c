/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile_yaml - damaged station.yaml files by the hundred thousand, in this process: each is a text that people could
 * have written (tests/support/station_text.h), a few of its bytes changed, read and edited (tests/fuzz/check_station.h).
 *
 *   hostile_yaml [--runs N] [--seed S] [--write FOLDER]
 *
 * Run K has seed S + K, so that one run can be repeated alone; what it holds is written before it is tried only with
 * --write. --write with no damage done: FOLDER/K.yaml are sound texts, for readers of other houses.
 */
#include <inttypes.h>

#include "tests/fuzz/check_station.h"
#include "tests/support/station_text.h"

static uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t of)
{
    return of > 0 ? (size_t)(draw(state) % of) : 0;
}

struct page {
    char bytes[2 * STATION_TEXT_SIZE];
    size_t size;
};

/* `count` bytes at `at` become `with`, as far as there is room. */
static void replace(struct page *p, size_t at, size_t count, const char *with, size_t len)
{
    if (at > p->size || count > p->size - at || p->size - count + len > sizeof p->bytes)
        return;
    memmove(p->bytes + at + len, p->bytes + at + count, p->size - at - count);
    memcpy(p->bytes + at, with, len);
    p->size += len - count;
}

/* What YAML and this file's readers stumble over. */
static const char *const words[] = {"\n",
                                    "\r",
                                    "\r\n",
                                    "\t",
                                    " ",
                                    "  ",
                                    "\xef\xbb\xbf",
                                    "\xc2\x85",
                                    "\xe2\x80\xa8",
                                    "\xff",
                                    "\xc3",
                                    "#",
                                    " #",
                                    ": ",
                                    "- ",
                                    "-",
                                    "? ",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    ",",
                                    "*name",
                                    "&name ",
                                    "*",
                                    "&",
                                    "!!str ",
                                    "!",
                                    "!!int ",
                                    "|",
                                    "|-\n",
                                    ">+2\n",
                                    "'",
                                    "\"",
                                    "\\",
                                    "---\n",
                                    "...\n",
                                    "%YAML 1.1\n",
                                    "<<: *name\n",
                                    "slots:",
                                    "slots: []",
                                    "label:",
                                    "\"label\": ",
                                    "number: 1",
                                    "null",
                                    "~",
                                    "99999999999999999999",
                                    "-1",
                                    "0x7fffffff",
                                    "port: tty:/x",
                                    "\xef\xbf\xbe",
                                    "\xf0\x9f\x98\x80",
                                    "@",
                                    "`",
                                    "\x7f"};

static void damage(struct page *p, uint64_t *state)
{
    size_t at = below(state, p->size + 1), count = below(state, 12);
    char copy[64];

    count = count < p->size - at ? count : p->size - at;
    switch (below(state, 7)) {
    case 0: /* a bit */
        if (at < p->size)
            p->bytes[at] = (char)(p->bytes[at] ^ (1 << below(state, 8)));
        break;
    case 1:
        replace(p, at, count, "", 0);
        break;
    case 2: /* a piece moves */
        memcpy(copy, p->bytes + at, count);
        replace(p, at, count, "", 0);
        replace(p, below(state, p->size + 1), 0, copy, count);
        break;
    case 3: /* a piece twice */
        memcpy(copy, p->bytes + at, count);
        replace(p, below(state, p->size + 1), 0, copy, count);
        break;
    case 4: /* cut off, seldom */
        if (below(state, 8) == 0)
            p->size = at;
        break;
    default: {
        const char *word = words[below(state, sizeof words / sizeof *words)];
        replace(p, at, below(state, 2) ? count : 0, word, strlen(word));
    }
    }
}

static void write_page(const char *folder, uint64_t number, const struct page *p)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%" PRIu64 ".yaml", folder, number);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(p->bytes, 1, p->size, f) != p->size || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

struct sums {
    uint64_t readable, edits;
};

static void run(uint64_t seed, struct sums *sums)
{
    static struct page p;
    uint64_t state = ~seed;
    struct complaint c = {0};

    p.size = station_text_make(seed, p.bytes);
    for (size_t i = 1 + (below(&state, 2) ? below(&state, 5) : 0); i > 0; i--)
        damage(&p, &state);
    /* An exact copy, so that AddressSanitizer sees a read one byte past the end. */
    char *exact = malloc(p.size > 0 ? p.size : 1);
    if (exact == NULL)
        exit(1);
    memcpy(exact, p.bytes, p.size);
    struct config *config = config_parse("s.yaml", exact, p.size, &c);
    sums->readable += config != NULL;
    config_free(config);
    sums->edits += (uint64_t)check_station(exact, p.size);
    free(exact);
}

static int usage(void)
{
    fputs("usage: hostile_yaml [--runs N] [--seed S] [--write FOLDER]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    uint64_t runs = 1000, seed = 1;
    const char *folder = NULL;
    struct sums sums = {0};

    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            return usage();
        if (strcmp(argv[i], "--runs") == 0)
            runs = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--write") == 0)
            folder = argv[i + 1];
        else
            return usage();
    }
    for (uint64_t k = 0; k < runs; k++) {
        struct page p;
        if (folder == NULL) {
            run(seed + k, &sums);
            continue;
        }
        p.size = station_text_make(seed + k, p.bytes);
        write_page(folder, k, &p);
    }
    if (folder == NULL)
        printf("hostile-yaml: %" PRIu64 " damaged files, %" PRIu64 " of them still readable, %" PRIu64
               " edits made, no crash and no wrong edit (seed %" PRIu64 ")\n",
               runs, sums.readable, sums.edits, seed);
    return 0;
}
