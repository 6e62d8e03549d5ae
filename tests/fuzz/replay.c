/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay - the main() of a fuzz target where there is no libFuzzer: feeds it every file of the folders and files named,
 * and the empty input, so that a crash once found and kept in the corpus stays found in every build.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return -1;
    }
    uint8_t *data = NULL;
    size_t size = 0, room = 0, got;
    do {
        if (size == room) {
            room = room ? room * 2 : 4096;
            uint8_t *more = realloc(data, room);
            if (!more) {
                free(data);
                fclose(f);
                return -1;
            }
            data = more;
        }
        got = fread(data + size, 1, room - size, f);
        size += got;
    } while (got);
    fclose(f);
    /* An exact copy, so that AddressSanitizer sees a read one byte past the end. */
    uint8_t *exact = malloc(size ? size : 1);
    for (size_t i = 0; exact && i < size; i++)
        exact[i] = data[i];
    free(data);
    if (!exact)
        return -1;
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

static int replay(const char *path, int *count)
{
    struct stat st;
    if (stat(path, &st)) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(st.st_mode)) {
        (*count)++;
        return replay_file(path);
    }
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort), bad = n < 0;
    for (int i = 0; i < n; i++) {
        char child[4096];
        int len = snprintf(child, sizeof child, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && len > 0 && (size_t)len < sizeof child && replay(child, count))
            bad = 1;
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
    int count = 0, bad = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++)
        if (replay(argv[i], &count))
            bad = 1;
    printf("%d inputs replayed\n", count);
    if (!count)
        fprintf(stderr, "no inputs: the corpus is missing\n");
    return bad || !count;
}
