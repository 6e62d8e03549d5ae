/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file_save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"

static int write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* As the old file's. The mode last: a change of owner takes some of it away. */
static int keep_owner(int fd, const struct stat *old)
{
    struct stat now;

    if (fstat(fd, &now) == 0 && (now.st_uid != old->st_uid || now.st_gid != old->st_gid) &&
        fchown(fd, old->st_uid, old->st_gid) != 0)
        return -errno;
    return fchmod(fd, old->st_mode & 07777) == 0 ? 0 : -errno;
}

/* Under a name of its own, and then under the right one. */
static int save_in(int folder, const char *name, const void *data, size_t size)
{
    char temp[NAME_MAX + 1];
    struct stat st;
    uint32_t random;
    bool there = fstatat(folder, name, &st, 0) == 0;

    if (there && !S_ISREG(st.st_mode)) /* rename() would put a file in the place of a device */
        return S_ISDIR(st.st_mode) ? -EISDIR : -EOPNOTSUPP;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return -errno;
    if (snprintf(temp, sizeof temp, "%s.%08x.tmp", name, random) >= (int)sizeof temp)
        return -ENAMETOOLONG;
    int fd = own_file_open(folder, temp, O_EXCL);
    if (fd < 0)
        return fd;
    int rc = write_all(fd, data, size);
    if (rc == 0 && there)
        rc = keep_owner(fd, &st);
    if (rc == 0 && fsync(fd) != 0)
        rc = -errno;
    if (close(fd) != 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && renameat(folder, temp, folder, name) != 0)
        rc = -errno;
    if (rc != 0)
        unlinkat(folder, temp, 0);
    return rc == 0 ? own_folder_sync(folder) : rc;
}

static int save(const char *path, const void *data, size_t size)
{
    const char *name;
    int folder = own_folder_open(path, &name);

    if (folder < 0)
        return folder;
    int rc = save_in(folder, name, data, size);
    close(folder);
    return rc;
}

int file_save(const char *path, const void *data, size_t size)
{
    /* Through a link to the file itself: rename() would replace the link. */
    char *real = realpath(path, NULL);
    int rc = save(real != NULL ? real : path, data, size);

    free(real);
    return rc;
}
