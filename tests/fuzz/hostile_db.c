/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hostile-db [--runs N] [--seed N] [--keep DIR] [SCRIPT...]: N damaged or forged databases through every verb. Before each run its script is left
 * as DIR/last (tests/fuzz/corpus/database takes it), so that a crash can be played again: hostile-db DIR/last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz/hostile.h"

#define SCRIPT_MAX 40

/* xorshift64*: the same scripts on every machine. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

static void keep(const char *dir, const uint8_t *script, size_t size)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/last", dir);
    FILE *out = fopen(path, "wb");
    if (out != NULL) {
        fwrite(script, 1, size, out);
        fclose(out);
    }
}

static void play(struct hostile *h, const char *path)
{
    uint8_t script[SCRIPT_MAX * 2];
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        perror(path);
        exit(2);
    }
    size_t size = fread(script, 1, sizeof script, in);
    fclose(in);
    hostile_try(h, script, size);
}

int main(int argc, char **argv)
{
    long runs = 0, seed = 1;
    const char *dir = NULL;
    struct hostile *h = hostile_new();
    time_t start = time(NULL);

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
            runs = atol(argv[++i]);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = atol(argv[++i]);
        else if (strcmp(argv[i], "--keep") == 0 && i + 1 < argc)
            dir = argv[++i];
        else
            play(h, argv[i]);
    }
    uint64_t state = (uint64_t)seed * 0x9e3779b97f4a7c15ull + 1;
    for (long n = 0; n < runs; n++) {
        uint8_t script[SCRIPT_MAX];
        size_t size = 4 + (size_t)(next(&state) % (SCRIPT_MAX - 4));

        for (size_t i = 0; i < size; i++)
            script[i] = (uint8_t)(next(&state) >> 40);
        if (dir != NULL)
            keep(dir, script, size);
        hostile_try(h, script, size);
        if ((n + 1) % 5000 == 0)
            fprintf(stderr, "hostile-db: %ld of %ld, %ld s\n", n + 1, runs, (long)(time(NULL) - start));
    }
    hostile_free(h);
    printf("hostile-db: %ld databases from seed %ld, no crash, %ld s\n", runs, seed,
           (long)(time(NULL) - start));
    return 0;
}
