/* SPDX-License-Identifier: Apache-2.0 */
#include "base/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/own_file.h"

#define PATH_SIZE   4096
#define BUFFER_SIZE 65536

struct out_file {
    const struct station_files *own;
    char path[PATH_SIZE], temp[NAME_MAX + 1];
    const char *name; /* in `path` */
    int folder, fd, error;
    EVP_MD_CTX *digest;
    uint64_t bytes;
    size_t used;
    uint8_t buffer[BUFFER_SIZE];
};

static int cannot(struct failure *f, const char *doing, const char *path, int err)
{
    return failure_set(f, FAIL_RECORD, STAGE_NONE, err, "cannot %s %s: %s", doing, path, strerror(err));
}

static int check_target(const struct station_files *own, int folder, const char *name, const char *path,
                        struct failure *f)
{
    struct stat st;

    if (station_files_may_write_at(own, folder, name, path, WRITE_FILE, f) != 0)
        return -1;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG(st.st_mode))
        return 0;
    return failure_set(f, FAIL_RECORD, STAGE_NONE, EEXIST,
                       "cannot write %s: it is %s, not a file: name a file", path,
                       S_ISDIR(st.st_mode)   ? "a folder"
                       : S_ISLNK(st.st_mode) ? "a link"
                                             : "a device or a pipe");
}

int file_check_target(const struct station_files *own, const char *path, struct failure *f)
{
    const char *name;
    int folder = own_folder_open(path, &name);

    if (folder < 0)
        return cannot(f, "write", path, -folder);
    int rc = check_target(own, folder, name, path, f);
    close(folder);
    return rc;
}

static void free_parts(struct out_file *o)
{
    if (o->fd >= 0)
        close(o->fd);
    if (o->folder >= 0)
        close(o->folder);
    EVP_MD_CTX_free(o->digest);
    free(o);
}

/* A name nobody can have laid a link at: O_EXCL in own_file_open() sees to it. */
static int open_temp(struct out_file *o)
{
    uint32_t random;

    o->folder = own_folder_open(o->path, &o->name);
    if (o->folder < 0)
        return o->folder;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return -errno;
    if (snprintf(o->temp, sizeof o->temp, "%s.%08x.tmp", o->name, random) >= (int)sizeof o->temp)
        return -ENAMETOOLONG;
    o->fd = own_file_open(o->folder, o->temp, O_EXCL);
    return o->fd < 0 ? o->fd : 0;
}

struct out_file *out_file_new(const struct station_files *own, const char *path, struct failure *f)
{
    struct out_file *o = calloc(1, sizeof *o);

    if (o != NULL)
        o->fd = o->folder = -1;
    if (o == NULL || (o->digest = EVP_MD_CTX_new()) == NULL ||
        EVP_DigestInit_ex(o->digest, EVP_sha256(), NULL) != 1) {
        if (o != NULL)
            free_parts(o);
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "writing %s", path);
        return NULL;
    }
    o->own = own;
    int n = snprintf(o->path, sizeof o->path, "%s", path);
    int rc = n >= PATH_SIZE ? -ENAMETOOLONG : open_temp(o);
    if (rc != 0)
        cannot(f, "write", path, -rc);
    if (rc == 0 && check_target(own, o->folder, o->name, path, f) != 0) {
        unlinkat(o->folder, o->temp, 0);
        rc = -1;
    }
    if (rc == 0)
        return o;
    free_parts(o);
    return NULL;
}

static void flush_buffer(struct out_file *o)
{
    for (size_t at = 0; at < o->used && o->error == 0;) {
        ssize_t n = write(o->fd, o->buffer + at, o->used - at);
        if (n < 0 && errno != EINTR)
            o->error = errno;
        else if (n > 0)
            at += (size_t)n;
    }
    if (o->used > 0 && EVP_DigestUpdate(o->digest, o->buffer, o->used) != 1)
        o->error = ENOMEM;
    o->used = 0;
}

void out_file_write(struct out_file *o, const void *data, size_t len)
{
    const uint8_t *from = data;

    o->bytes += len;
    while (len > 0 && o->error == 0) {
        size_t part = sizeof o->buffer - o->used;
        part = part < len ? part : len;
        memcpy(o->buffer + o->used, from, part);
        o->used += part;
        from += part;
        len -= part;
        if (o->used == sizeof o->buffer)
            flush_buffer(o);
    }
}

void out_file_text(struct out_file *o, const char *text)
{
    out_file_write(o, text, strlen(text));
}

void out_file_format(struct out_file *o, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        o->error = EOVERFLOW; /* a caller's bug must not become a short file */
    else
        out_file_write(o, text, (size_t)n);
}

static int sync_folder(const char *path)
{
    const char *name;
    int folder = own_folder_open(path, &name);

    if (folder < 0)
        return folder;
    int rc = own_folder_sync(folder);
    close(folder);
    return rc;
}

int file_prepare(const char *path)
{
    unlink(path);
    int fd = own_file_open_path(path, O_EXCL);

    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}

int file_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int rc = fsync(fd) == 0 ? 0 : -errno;
    close(fd);
    return rc == 0 ? sync_folder(path) : rc;
}

int file_replace(const char *from, const char *to)
{
    if (rename(from, to) != 0)
        return -errno;
    return sync_folder(to);
}

static int give_up(struct out_file *o, struct failure *f)
{
    if (o->error != 0)
        cannot(f, "write", o->path, o->error);
    out_file_drop(o);
    return -1;
}

int out_file_finish(struct out_file *o, uint64_t *bytes, uint8_t sha256[static SHA256_SIZE],
                    struct failure *f)
{
    flush_buffer(o);
    if (o->error == 0 && EVP_DigestFinal_ex(o->digest, sha256, NULL) != 1)
        o->error = ENOMEM;
    if (o->error == 0 && fsync(o->fd) != 0)
        o->error = errno;
    *bytes = o->bytes;
    return o->error == 0 ? 0 : give_up(o, f);
}

int out_file_place(struct out_file *o, struct failure *f)
{
    /* The name may have become something else since. */
    if (check_target(o->own, o->folder, o->name, o->path, f) != 0)
        return give_up(o, f);
    if (renameat(o->folder, o->temp, o->folder, o->name) != 0)
        o->error = errno;
    else
        o->error = -own_folder_sync(o->folder);
    if (o->error != 0)
        return give_up(o, f);
    free_parts(o);
    return 0;
}

int out_file_commit(struct out_file *o, uint64_t *bytes, uint8_t sha256[static SHA256_SIZE],
                    struct failure *f)
{
    return out_file_finish(o, bytes, sha256, f) == 0 ? out_file_place(o, f) : -1;
}

void out_file_drop(struct out_file *o)
{
    if (o == NULL)
        return;
    unlinkat(o->folder, o->temp, 0);
    free_parts(o);
}

int file_sha256(const char *path, uint8_t sha256[static SHA256_SIZE], uint64_t *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t *buffer = malloc(BUFFER_SIZE);
    ssize_t n = 0;

    *bytes = 0;
    if (fd < 0)
        rc = -errno;
    else if (digest == NULL || buffer == NULL || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        rc = -ENOMEM;
    while (rc == 0 && (n = read(fd, buffer, BUFFER_SIZE)) > 0) {
        *bytes += (uint64_t)n;
        if (EVP_DigestUpdate(digest, buffer, (size_t)n) != 1)
            rc = -ENOMEM;
    }
    if (rc == 0 && n < 0)
        rc = -errno;
    if (rc == 0 && EVP_DigestFinal_ex(digest, sha256, NULL) != 1)
        rc = -ENOMEM;
    if (fd >= 0)
        close(fd);
    free(buffer);
    EVP_MD_CTX_free(digest);
    return rc;
}
