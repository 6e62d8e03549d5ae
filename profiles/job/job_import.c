/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/job_import.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "profiles/job/build_folder.h"
#include "profiles/job/firmware_source.h"
#include "profiles/job/job_file.h"
#include "profiles/text/arena.h"

#define MB       (1024u * 1024)
#define TEXT_MAX (16u * 1024) /* sixteen paths of 255 bytes, each byte escaped at worst, and the keys */

struct writer {
    char *text;
    size_t used;
};

static void put(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Never beyond TEXT_MAX: a text that is not whole does not read back as the same job. */
static void put(struct writer *w, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(w->text + w->used, TEXT_MAX - w->used, format, args);
    va_end(args);
    if (n > 0)
        w->used += (size_t)n < TEXT_MAX - w->used ? (size_t)n : TEXT_MAX - w->used - 1;
}

/* Plain where nothing in it could mean anything to YAML, else in quotes. */
static void put_path(struct writer *w, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/+-";

    if (path[strspn(path, plain)] == '\0' && path[0] != '-' && strchr(path, '/') != NULL) {
        put(w, "%s\n", path);
        return;
    }
    put(w, "\"");
    for (const char *p = path; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            put(w, "\\x%02x", (unsigned char)*p);
        else
            put(w, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
    }
    put(w, "\"\n");
}

/* The real path of the folder that `path` is in; "" and errno where there is none. */
static int real_folder(const char *path, char out[static PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    int n = slash == NULL
                ? snprintf(folder, sizeof folder, ".")
                : snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + (slash == path)), path);

    if (n < 0 || (size_t)n >= sizeof folder)
        return -ENAMETOOLONG;
    return realpath(folder, out) != NULL ? 0 : -errno;
}

/* `to` as seen from the folder `from`; both are real and absolute. 0 or -ENAMETOOLONG. */
static int relative_path(const char *from, const char *to, char *out, size_t size)
{
    size_t same = 0, used = 0;
    int n;

    for (size_t i = 0;; i++) {
        bool end_from = from[i] == '\0' || from[i] == '/', end_to = to[i] == '\0' || to[i] == '/';

        if (end_from && end_to)
            same = i;
        if (from[i] == '\0' || from[i] != to[i])
            break;
    }
    out[0] = '\0';
    for (const char *p = from + same; *p != '\0'; p += *p != '\0') {
        p += strspn(p, "/");
        if (*p == '\0')
            break;
        n = snprintf(out + used, size - used, "../");
        if (n < 0 || (size_t)n >= size - used)
            return -ENAMETOOLONG;
        used += (size_t)n;
        p += strcspn(p, "/");
        if (*p == '\0')
            break;
    }
    n = snprintf(out + used, size - used, "%s", to + same + strspn(to + same, "/"));
    return n >= 0 && (size_t)n < size - used ? 0 : -ENAMETOOLONG;
}

static int put_files(struct writer *w, const struct job_file *from, const char *path, struct complaint *c)
{
    char folder[PATH_MAX], real[PATH_MAX];
    int rc = real_folder(path, folder);

    if (rc != 0)
        return complain(c, FAIL_JOB, path, 0, "cannot be written: its folder: %s", errno_text(-rc));
    put(w, "firmware:\n  images:\n");
    for (size_t i = 0; i < from->count; i++) {
        const struct firmware_file *f = &from->files[i];
        char relative[sizeof f->path];

        if (realpath(f->path, real) == NULL)
            return complain(c, FAIL_FIRMWARE, f->path, 0, "cannot be read: %s", errno_text(errno));
        if (relative_path(folder, real, relative, sizeof relative) != 0)
            return complain(
                c, FAIL_JOB, path, 0,
                "the way from it to %.200s has more than %zu bytes; put the job nearer to the build", f->path,
                sizeof relative - 1);
        put(w, "    - file: ");
        put_path(w, relative);
        put(w, "      offset: 0x%x\n", f->offset);
    }
    return 0;
}

static void put_settings(struct writer *w, const struct job *job, bool partial)
{
    put(w, "# Imported from an ESP-IDF build, %s %s.\nboard: %s\nchip: %s\n", job->firmware_source,
        job->firmware_version, job->chip, job->chip);
    for (size_t i = 0; i < sizeof job->flash_sizes / sizeof job->flash_sizes[0] && job->flash_sizes[i] != 0;
         i++) {
        uint32_t kb = job->flash_sizes[i] / 1024;

        put(w, "%s%u%s", i == 0 ? "flash_size: [" : ", ", kb % 1024 == 0 ? kb / 1024 : kb,
            kb % 1024 == 0 ? "MB" : "KB");
    }
    if (job->flash_sizes[0] != 0)
        put(w, "]\n");
    if (partial)
        put(w, "partial: yes\n");
    if (job->reset == RESET_NONE)
        put(w, "reset: none\n");
    if (job->stub == STUB_NO)
        put(w, "stub: no\n");
}

static struct job_file *begin(struct arena *a, const char *path)
{
    struct job_file *file = arena_alloc(a, sizeof *file);
    struct job *job = arena_alloc(a, sizeof *job);

    if (file == NULL || job == NULL)
        return NULL;
    job_file_defaults(file, job, path);
    job->memory = a;
    return file;
}

/* The text as a run will read it: the same bytes at the same offsets, or it is not given out. */
static int read_back(const struct job_import *import, const struct job_file *from, const char *path,
                     struct arena *a, struct complaint *c)
{
    struct job_file *back = begin(a, path);
    bool same;

    if (back == NULL)
        return complain(c, FAIL_NO_MEMORY, path, 0, "out of memory");
    if (job_file_parse(import->text, import->size, back, c) != 0 ||
        firmware_source_load(back, NULL, a, c) != 0)
        return -1;
    same = back->count == from->count && back->job->reset == from->job->reset &&
           back->job->stub == from->job->stub &&
           memcmp(back->job->firmware_sha256, from->job->firmware_sha256, SHA256_SIZE) == 0 &&
           memcmp(back->job->flash_sizes, from->job->flash_sizes, sizeof from->job->flash_sizes) == 0;
    for (size_t i = 0; same && i < from->count; i++)
        same = back->files[i].offset == from->files[i].offset;
    return same ? 0
                : complain(c, FAIL_JOB, path, 0,
                           "the build's paths cannot be written into a job; rename them");
}

int job_import_prepare(const char *build, const char *path, struct job_import *out, struct complaint *c)
{
    struct arena *a = arena_new();
    struct job_file *from = a != NULL ? begin(a, build) : NULL;
    struct writer w = {.text = from != NULL ? arena_alloc(a, TEXT_MAX) : NULL};

    memset(out, 0, sizeof *out);
    out->memory = a;
    if (w.text == NULL)
        return complain(c, FAIL_NO_MEMORY, build, 0, "out of memory");
    if (!build_folder_is(build))
        return complain(c, FAIL_FIRMWARE, build, 0,
                        "is no folder of an ESP-IDF build; name the folder that has " IDF_BUILD_LIST
                        " in it");
    if (firmware_source_load(from, build, a, c) != 0)
        return -1;
    put_settings(&w, from->job, from->partial);
    if (put_files(&w, from, path, c) != 0)
        return -1;
    out->text = w.text;
    out->size = w.used;
    out->notes = from->job->warnings;
    out->note_count = from->job->warning_count;
    return read_back(out, from, path, a, c);
}

void job_import_free(struct job_import *import)
{
    arena_free(import->memory);
    memset(import, 0, sizeof *import);
}
