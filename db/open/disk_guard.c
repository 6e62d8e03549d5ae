/* SPDX-License-Identifier: Apache-2.0 */
#include "db/open/disk_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/own_file.h"

#define PATH_SIZE 4112

int64_t disk_free(const char *path)
{
    struct statvfs st;

    if (statvfs(path, &st) != 0)
        return -errno;
    return (int64_t)(st.f_bavail * st.f_frsize);
}

static void reserve_path(const char *path, char out[static PATH_SIZE])
{
    snprintf(out, PATH_SIZE, "%.4095s.reserve", path);
}

int disk_reserve_keep(const char *path, int64_t floor)
{
    char reserve[PATH_SIZE];
    struct stat st;

    reserve_path(path, reserve);
    if (stat(reserve, &st) == 0 && st.st_size == DISK_RESERVE_SIZE)
        return 0;
    if (disk_free(path) < floor + 2 * DISK_RESERVE_SIZE)
        return -ENOSPC;
    int fd = own_file_open_path(reserve, 0);
    if (fd < 0)
        return fd;
    /* Real blocks, not a hole: a hole gives nothing back. */
    int err = posix_fallocate(fd, 0, DISK_RESERVE_SIZE);
    close(fd);
    if (err != 0)
        unlink(reserve);
    return -err;
}

bool disk_reserve_release(const char *path)
{
    char reserve[PATH_SIZE];

    reserve_path(path, reserve);
    return unlink(reserve) == 0;
}
