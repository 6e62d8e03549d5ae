/* SPDX-License-Identifier: Apache-2.0 */
#include "base/out_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/own_file.h"

#define PATH_SIZE   4096
#define BUFFER_SIZE 65536

struct out_file {
    const struct station_files *own;
    char path[PATH_SIZE];
    struct file_draft draft; /* of `path` */
    int error;
    EVP_MD_CTX *digest;
    uint64_t bytes;
    size_t used;
    uint8_t buffer[BUFFER_SIZE];
};

static int cannot(struct failure *f, const char *doing, const char *path, int err)
{
    return failure_set(f, FAIL_RECORD, STAGE_NONE, err, "cannot %s %s: %s", doing, path, errno_text(err));
}

static int check_target(const struct station_files *own, int folder, const char *name, const char *path,
                        struct failure *f)
{
    if (station_files_may_write_at(own, folder, name, path, WRITE_FILE, f) != 0)
        return -1;
    int rc = file_may_replace(folder, name, 0);
    if (rc == 0)
        return 0;
    return failure_set(f, FAIL_RECORD, STAGE_NONE, EEXIST,
                       "cannot write %s: it is %s, not a file: name a file", path,
                       rc == -EISDIR  ? "a folder"
                       : rc == -ELOOP ? "a link"
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

int file_check_free(const struct station_files *own, const char *path, struct failure *f)
{
    struct stat is;

    if (file_check_target(own, path, f) != 0)
        return -1;
    if (lstat(path, &is) != 0)
        return 0;
    return failure_set(f, FAIL_RECORD, STAGE_NONE, EEXIST,
                       "cannot write %s: it is there already; name another file, or say --replace", path);
}

static void free_parts(struct out_file *o)
{
    file_draft_drop(&o->draft);
    EVP_MD_CTX_free(o->digest);
    free(o);
}

struct out_file *out_file_new(const struct station_files *own, const char *path, struct failure *f)
{
    struct out_file *o = calloc(1, sizeof *o);

    if (o != NULL)
        o->draft.fd = o->draft.folder = -1;
    if (o == NULL || (o->digest = EVP_MD_CTX_new()) == NULL ||
        EVP_DigestInit_ex(o->digest, EVP_sha256(), NULL) != 1) {
        if (o != NULL)
            free_parts(o);
        failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "writing %s", path);
        return NULL;
    }
    o->own = own;
    int n = snprintf(o->path, sizeof o->path, "%s", path);
    int rc = n >= PATH_SIZE ? -ENAMETOOLONG : file_draft_open(&o->draft, o->path);
    if (rc != 0)
        cannot(f, "write", path, -rc);
    if (rc == 0 && check_target(own, o->draft.folder, o->draft.name, path, f) == 0)
        return o;
    free_parts(o);
    return NULL;
}

static void flush_buffer(struct out_file *o)
{
    if (o->error == 0)
        o->error = -file_write_all(o->draft.fd, o->buffer, o->used);
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
    if (o->error == 0)
        o->error = -file_draft_flush(&o->draft);
    *bytes = o->bytes;
    return o->error == 0 ? 0 : give_up(o, f);
}

int out_file_place(struct out_file *o, struct failure *f)
{
    /* The name may have become something else since. */
    if (check_target(o->own, o->draft.folder, o->draft.name, o->path, f) != 0)
        return give_up(o, f);
    o->error = -file_draft_place(&o->draft, 0);
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
    if (o != NULL)
        free_parts(o);
}
