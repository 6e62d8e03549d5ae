/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/clean_end.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void clean_end_boot(char out[static 64])
{
    FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");

    out[0] = '\0';
    if (in != NULL) {
        if (fgets(out, 64, in) == NULL)
            out[0] = '\0';
        fclose(in);
    }
    out[strcspn(out, "\n")] = '\0';
}

void clean_end_write(char out[static CLEAN_END_TEXT], const char *path, int64_t run, int64_t checked_ms)
{
    struct stat st;
    char boot[64];

    out[0] = '\0';
    clean_end_boot(boot);
    if (boot[0] == '\0' || stat(path, &st) != 0)
        return;
    snprintf(out, CLEAN_END_TEXT,
             "ended in order 1 run %" PRId64 " inode %ju size %jd changed %jd.%09ld boot %s checked %" PRId64
             " end\n",
             run, (uintmax_t)st.st_ino, (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
             boot, checked_ms);
}

bool clean_end_holds(const char *text, const char *path, int64_t run, int64_t now_ms, int64_t *checked_ms)
{
    const char *at = strstr(text, " checked ");
    char want[CLEAN_END_TEXT];
    int64_t checked;

    if (at == NULL || sscanf(at, " checked %" SCNd64 " end", &checked) != 1)
        return false;
    /* A clock that stands before the look says nothing of how long ago it was. */
    if (checked > now_ms || now_ms - checked > CLEAN_END_MAX_MS)
        return false;
    clean_end_write(want, path, run, checked);
    if (want[0] == '\0' || strcmp(want, text) != 0)
        return false;
    *checked_ms = checked;
    return true;
}
