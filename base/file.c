/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/own_file.h"

#define BUFFER_SIZE 65536

int file_write_all(int fd, const void *data, size_t size)
{
    const uint8_t *from = data;

    while (size > 0) {
        ssize_t n = write(fd, from, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        from += n;
        size -= (size_t)n;
    }
    return 0;
}

static int open_folder(struct file_draft *d, const char *path)
{
    d->fd = -1;
    d->folder = own_folder_open(path, &d->name);
    return d->folder < 0 ? d->folder : 0;
}

/* A name nobody can have laid a link at: O_EXCL in own_file_open() sees to it. */
static int open_temp(struct file_draft *d)
{
    uint32_t random;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return -errno;
    if (snprintf(d->temp, sizeof d->temp, "%s.%08x.tmp", d->name, random) >= (int)sizeof d->temp)
        return -ENAMETOOLONG;
    d->fd = own_file_open(d->folder, d->temp, O_EXCL);
    return d->fd < 0 ? d->fd : 0;
}

static void close_both(struct file_draft *d)
{
    if (d->fd >= 0)
        close(d->fd);
    if (d->folder >= 0)
        close(d->folder);
    d->fd = d->folder = -1;
}

int file_draft_open(struct file_draft *d, const char *path)
{
    int rc = open_folder(d, path);

    if (rc == 0)
        rc = open_temp(d);
    if (rc != 0)
        close_both(d);
    return rc;
}

int file_draft_flush(struct file_draft *d)
{
    return fsync(d->fd) == 0 ? 0 : -errno;
}

int file_draft_place(struct file_draft *d, unsigned policy)
{
    int rc = close(d->fd) == 0 ? 0 : -errno;

    d->fd = -1;
    if (rc == 0 && renameat(d->folder, d->temp, d->folder, d->name) != 0)
        rc = -errno;
    if (rc != 0) {
        file_draft_drop(d);
        return rc;
    }
    rc = (policy & FILE_NOT_DURABLE) != 0 ? 0 : own_folder_sync(d->folder);
    close_both(d);
    return rc;
}

void file_draft_drop(struct file_draft *d)
{
    if (d->folder >= 0)
        unlinkat(d->folder, d->temp, 0);
    close_both(d);
}

int file_may_replace(int folder, const char *name, unsigned policy)
{
    struct stat st;

    if (fstatat(folder, name, &st, (policy & FILE_FOLLOW) != 0 ? 0 : AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISREG(st.st_mode))
        return 0;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if ((policy & FILE_TAKE_NAME) != 0)
        return 0;
    return S_ISLNK(st.st_mode) ? -ELOOP
                               : -EOPNOTSUPP; /* rename() would put a file in the place of a device */
}

/*
 * May it become ours? A file that its group writes, in a folder that is this group's (own_file.h): whoever of them may write into
 * it may as well own it. To give it back to its owner is root's alone.
 */
static bool is_shared(const struct file_draft *d, const struct stat *old)
{
    struct stat folder;

    return fstat(d->folder, &folder) == 0 && (folder.st_mode & S_ISGID) != 0 &&
           (folder.st_mode & S_IWGRP) != 0 && old->st_gid == folder.st_gid && (old->st_mode & S_IWGRP) != 0 &&
           faccessat(d->folder, d->name, W_OK, AT_EACCESS) == 0;
}

/* As the old file's; nothing where there is none. The mode last: a change of owner takes some of it away. */
static int keep_owner(const struct file_draft *d)
{
    struct stat old, now;
    int rc = 0;

    if (fstatat(d->folder, d->name, &old, 0) != 0)
        return 0;
    if (fstat(d->fd, &now) == 0 && (now.st_uid != old.st_uid || now.st_gid != old.st_gid) &&
        fchown(d->fd, old.st_uid, old.st_gid) != 0)
        rc = -errno;
    if (rc == -EPERM && is_shared(d, &old))
        rc = now.st_gid == old.st_gid || fchown(d->fd, (uid_t)-1, old.st_gid) == 0 ? 0 : -errno;
    if (rc != 0)
        return rc;
    return fchmod(d->fd, old.st_mode & 07777) == 0 ? 0 : -errno;
}

static int write_draft(struct file_draft *d, const void *data, size_t size, unsigned policy)
{
    int rc = file_write_all(d->fd, data, size);

    if (rc == 0 && (policy & FILE_KEEP_OWNER) != 0)
        rc = keep_owner(d);
    if (rc == 0 && (policy & FILE_NOT_DURABLE) == 0)
        rc = file_draft_flush(d);
    if (rc == 0)
        return file_draft_place(d, policy);
    file_draft_drop(d);
    return rc;
}

static int save(const char *path, const void *data, size_t size, unsigned policy)
{
    struct file_draft d;
    int rc = open_folder(&d, path);

    if (rc == 0)
        rc = file_may_replace(d.folder, d.name, policy);
    if (rc == 0)
        rc = open_temp(&d);
    if (rc == 0)
        return write_draft(&d, data, size, policy);
    close_both(&d);
    return rc;
}

int file_save(const char *path, const void *data, size_t size, unsigned policy)
{
    /* Through a link to the file itself: rename() would replace the link. */
    char *real = (policy & FILE_FOLLOW) != 0 ? realpath(path, NULL) : NULL;
    int rc = save(real != NULL ? real : path, data, size, policy);

    free(real);
    return rc;
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
