/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/text/file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "profiles/text/arena.h"

static const char *not_regular(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "a device, not a file";
    return S_ISFIFO(mode) ? "a pipe, not a file" : "not a regular file";
}

static int read_all(int fd, uint8_t *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -ENODATA;
        done += (size_t)n;
    }
    return 0;
}

int file_bytes_read(const char *path, size_t limit, struct arena *a, const uint8_t **data, size_t *size,
                    enum failure_code code, const struct place *at, struct complaint *c)
{
    uint8_t *bytes;
    struct stat st;
    int fd, rc = -1, err;

    /* O_NONBLOCK: a pipe named by mistake must not hang the station. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return complain_at(c, code, at, "cannot be read: %s; check the path and its permissions",
                           errno_text(errno));
    if (fstat(fd, &st) != 0) {
        complain_at(c, code, at, "cannot be read: %s", errno_text(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        complain_at(c, code, at, "is %s; name a file", not_regular(st.st_mode));
        goto out;
    }
    if (st.st_size == 0) {
        complain_at(c, code, at, "is empty: it has no bytes; copy or download it again");
        goto out;
    }
    if ((uint64_t)st.st_size > limit) {
        complain_at(c, code, at, "has %lld bytes, more than the %zu allowed; is it the right file?",
                    (long long)st.st_size, limit);
        goto out;
    }
    bytes = arena_alloc(a, (size_t)st.st_size);
    if (bytes == NULL) {
        complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
        goto out;
    }
    err = read_all(fd, bytes, (size_t)st.st_size);
    if (err != 0) {
        complain_at(c, code, at, "cannot be read: %s",
                    err == -ENODATA ? "it shrank while it was read" : errno_text(-err));
        goto out;
    }
    *data = bytes;
    *size = (size_t)st.st_size;
    rc = 0;
out:
    close(fd);
    return rc;
}
