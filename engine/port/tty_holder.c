/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/port/tty_holder.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool process_holds(const char *pid, const char *target)
{
    char dir[64], link[PATH_MAX];
    bool found = false;

    snprintf(dir, sizeof dir, "/proc/%.20s/fd", pid);
    DIR *d = opendir(dir);
    if (d == NULL)
        return false;
    for (struct dirent *e; !found && (e = readdir(d)) != NULL;) {
        ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof link - 1);
        if (n > 0) {
            link[n] = '\0';
            found = strcmp(link, target) == 0;
        }
    }
    closedir(d);
    return found;
}

static void name_process(const char *pid, char *out, size_t size)
{
    char path[64], name[64] = "";

    snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
    FILE *f = fopen(path, "re");
    if (f != NULL) {
        if (fgets(name, sizeof name, f) == NULL)
            name[0] = '\0';
        fclose(f);
    }
    name[strcspn(name, "\n")] = '\0';
    snprintf(out, size, "%s (pid %.20s)", name[0] != '\0' ? name : "a program", pid);
}

void tty_holder(const char *path, char *out, size_t size)
{
    char target[PATH_MAX];
    char self[24];

    out[0] = '\0';
    snprintf(self, sizeof self, "%ld", (long)getpid());
    DIR *d = realpath(path, target) != NULL ? opendir("/proc") : NULL;
    if (d == NULL)
        return;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] < '1' || e->d_name[0] > '9' || strcmp(e->d_name, self) == 0)
            continue;
        if (process_holds(e->d_name, target)) {
            name_process(e->d_name, out, size);
            break;
        }
    }
    closedir(d);
}
