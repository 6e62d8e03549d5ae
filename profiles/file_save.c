/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/file_save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* The name is durable only once its folder is. */
static int sync_folder(const char *path)
{
    char folder[1024];
    char *slash;
    int fd, rc;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash == NULL)
        snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder ? 1 : 0] = '\0';
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = fsync(fd) == 0 ? 0 : -errno;
    close(fd);
    return rc;
}

static int save(const char *path, const void *data, size_t size, mode_t mode)
{
    struct stat st;
    char temp[1024];
    int fd, rc;

    if (snprintf(temp, sizeof temp, "%s.XXXXXX", path) >= (int)sizeof temp)
        return -ENAMETOOLONG;
    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode)) /* rename() would put a file in the place of a device */
            return S_ISDIR(st.st_mode) ? -EISDIR : -EOPNOTSUPP;
        mode = st.st_mode & 07777;
    }
    fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    rc = write_all(fd, data, size);
    if (rc == 0 && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
        rc = -errno;
    if (close(fd) != 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && rename(temp, path) != 0)
        rc = -errno;
    if (rc != 0) {
        unlink(temp);
        return rc;
    }
    return sync_folder(path);
}

int file_save(const char *path, const void *data, size_t size, mode_t mode)
{
    /* Through a link to the file itself: rename() would replace the link. */
    char *real = realpath(path, NULL);
    int rc = save(real != NULL ? real : path, data, size, mode);

    free(real);
    return rc;
}
