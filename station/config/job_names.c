/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/job_names.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "station/config/paths.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int add_folder(const char *folder, char (*out)[JOB_NAME_SIZE], int count, int max)
{
    DIR *dir = opendir(folder);

    if (dir == NULL)
        return count;
    for (struct dirent *e; count < max && (e = readdir(dir)) != NULL;) {
        size_t len = strlen(e->d_name);
        if (len <= 5 || len - 5 >= JOB_NAME_SIZE || strcmp(e->d_name + len - 5, ".yaml") != 0)
            continue;
        snprintf(out[count++], JOB_NAME_SIZE, "%.*s", (int)(len - 5), e->d_name);
    }
    closedir(dir);
    return count;
}

int job_names(char (*out)[JOB_NAME_SIZE], int max)
{
    char folder[PATH_TEXT];
    int count = 0, kept = 0, error;

    for (int i = 0; (error = path_job_folder(i, folder)) != -ERANGE; i++) {
        if (error == 0)
            count = add_folder(folder, out, count, max);
    }
    qsort(out, (size_t)count, sizeof *out, by_name);
    for (int i = 0; i < count; i++) {
        if (kept == 0 || strcmp(out[kept - 1], out[i]) != 0)
            memmove(out[kept++], out[i], sizeof *out);
    }
    return kept;
}
