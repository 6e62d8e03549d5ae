/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/scratch.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

void scratch_make(char dir[SCRATCH_SIZE], const char *what)
{
    const char *tmp = getenv("TMPDIR");
    int n = snprintf(dir, SCRATCH_SIZE, "%s/flashline-%s-XXXXXX", tmp != NULL && tmp[0] == '/' ? tmp : "/tmp",
                     what);

    assert_in_range(n, 1, SCRATCH_SIZE - 1);
    assert_non_null(mkdtemp(dir));
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void scratch_remove(const char *dir)
{
    assert_int_equal(nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
}

void scratch_enter(char dir[SCRATCH_SIZE], const char *what)
{
    scratch_make(dir, what);
    assert_int_equal(chdir(dir), 0);
}

void scratch_leave(const char *dir)
{
    assert_int_equal(chdir("/"), 0);
    scratch_remove(dir);
}

void scratch_save(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

void scratch_save_text(const char *path, const char *text)
{
    scratch_save(path, text, strlen(text));
}

void scratch_read_text(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    out[fread(out, 1, size - 1, f)] = '\0';
    assert_int_equal(fclose(f), 0);
}

void scratch_copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char block[16384];
    size_t n;

    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        assert_int_equal(fwrite(block, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}
