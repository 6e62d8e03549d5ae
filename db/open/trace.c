/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/trace.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "base/station_files.h"

#define WAL_LEAST 32 /* a WAL's header; records come behind it */

/* An empty WAL and a shared memory file say nothing; the lock speaks by its state. */
static bool is_trace(int folder, const char *name, const char *rest)
{
    struct stat st;

    if (!station_files_is_beside(rest) || strcmp(rest, "-shm") == 0 || strcmp(rest, ".lock") == 0 ||
        strcmp(rest, ".sock") == 0)
        return false;
    return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

bool trace_find(const char *path, const char *state, char *out, size_t size)
{
    const char *base;
    int folder = own_folder_open(path, &base);
    DIR *dir = folder >= 0 ? fdopendir(folder) : NULL;
    size_t len = folder >= 0 ? strlen(base) : 0;
    bool found = state[0] != '\0';
    struct dirent *entry;

    if (found)
        snprintf(out, size, ".lock");
    while (!found && dir != NULL && (entry = readdir(dir)) != NULL) {
        found =
            strncmp(entry->d_name, base, len) == 0 && is_trace(folder, entry->d_name, entry->d_name + len);
        if (found)
            snprintf(out, size, "%s", entry->d_name + len);
    }
    if (dir != NULL)
        closedir(dir);
    else if (folder >= 0)
        close(folder);
    return found;
}

bool trace_wal_is_there(const char *path)
{
    char wal[4096 + 8];
    struct stat st;

    snprintf(wal, sizeof wal, "%s-wal", path);
    return stat(wal, &st) == 0 && st.st_size > WAL_LEAST;
}
