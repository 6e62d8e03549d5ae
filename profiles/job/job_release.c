/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/job_release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own_file.h"
#include "base/plain.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/job/firmware_source.h"
#include "profiles/text/arena.h"

#define EDITS_MAX (JOB_IMAGES_MAX + 3)

/* Replace bytes [from, to) by `text`. */
struct edit {
    size_t from, to;
    const char *text;
};

struct editor {
    const char *path;
    const uint8_t *bytes;
    size_t size;
    struct arena *arena;
    struct edit edits[EDITS_MAX];
    size_t count;
    struct complaint *c;
};

/* Byte offset of a line and column; columns count characters. Past the end of a line: its end. */
static size_t offset_of(const struct editor *e, int line, int column)
{
    size_t at = file_kind_mark_size(e->bytes, e->size); /* no column is counted for it */

    while (line > 0 && at < e->size)
        line -= e->bytes[at++] == '\n';
    while (column > 0 && at < e->size && e->bytes[at] != '\n') {
        at++;
        while (at < e->size && plain_continues((char)e->bytes[at]))
            at++;
        column--;
    }
    return at;
}

/* As the lines of this file end. */
static const char *line_end(const struct editor *e)
{
    const uint8_t *first = memchr(e->bytes, '\n', e->size);

    return first != NULL && first > e->bytes && first[-1] == '\r' ? "\r\n" : "\n";
}

static int add_edit(struct editor *e, size_t from, size_t to, const char *text)
{
    if (text == NULL)
        return complain(e->c, FAIL_NO_MEMORY, e->path, 0, "out of memory");
    e->edits[e->count++] = (struct edit){from, to, text};
    return 0;
}

static int replace_spot(struct editor *e, const struct schema_spot *s, const char *text)
{
    return add_edit(e, offset_of(e, s->line, s->column), offset_of(e, s->end_line, s->end_column), text);
}

static int pin_file(struct editor *e, const struct firmware_file *f, const char *key, const char *sha)
{
    const struct schema_spot *s = &f->path_spot;
    size_t end = offset_of(e, s->end_line, s->end_column);

    if (f->sha256_line != 0)
        return replace_spot(e, &f->sha256_spot, arena_text(e->arena, "%s", sha));
    if (s->flow)
        return add_edit(e, end, end, arena_text(e->arena, ", %s: %s", key, sha));
    while (end < e->size && e->bytes[end] != '\n')
        end++;
    if (end < e->size)
        return add_edit(e, end + 1, end + 1,
                        arena_text(e->arena, "%*s%s: %s%s", s->key_column, "", key, sha, line_end(e)));
    return add_edit(
        e, end, end,
        arena_text(e->arena, "%s%*s%s: %s%s", line_end(e), s->key_column, "", key, sha, line_end(e)));
}

/* `lines` after all there is; on a line of its own, also after a pin that was added at the very end. */
static int add_at_end(struct editor *e, const char *lines)
{
    bool newline = e->size > 0 && e->bytes[e->size - 1] == '\n';

    for (size_t i = 0; i < e->count; i++)
        newline = newline || e->edits[i].from == e->size;
    return add_edit(e, e->size, e->size, newline ? lines : arena_text(e->arena, "%s%s", line_end(e), lines));
}

/* The helper program, where one is released too, and the mark: the last edits. */
static int mark_released(struct editor *e, const struct job_file *f, const char *stub_sha256)
{
    const char *pin = "";

    if (stub_sha256 != NULL && f->stub_sha256_line != 0) {
        if (replace_spot(e, &f->stub_sha256_spot, arena_text(e->arena, "%s", stub_sha256)) != 0)
            return -1;
    } else if (stub_sha256 != NULL) {
        pin = arena_text(e->arena, "stub_sha256: %s%s", stub_sha256, line_end(e));
        if (pin == NULL || (f->released_line != 0 && add_at_end(e, pin) != 0))
            return complain(e->c, FAIL_NO_MEMORY, e->path, 0, "out of memory");
    }
    if (f->released_line != 0)
        return replace_spot(e, &f->released_spot, "yes");
    return add_at_end(e, arena_text(e->arena, "%sreleased: yes%s", pin, line_end(e)));
}

static int by_place(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;

    return x->from < y->from ? -1 : x->from > y->from;
}

/* Sorts the edits; false when two of them touch the same text, as they do where one alias serves two keys. */
static bool in_order(struct editor *e)
{
    /* `released` is added last and, among edits at one place, stays last: two places are never equal otherwise. */
    qsort(e->edits, e->count - 1, sizeof e->edits[0], by_place);
    if (e->edits[e->count - 1].from < e->size)
        qsort(e->edits, e->count, sizeof e->edits[0], by_place);
    for (size_t i = 0; i < e->count; i++) {
        if (e->edits[i].to < e->edits[i].from || (i > 0 && e->edits[i].from < e->edits[i - 1].to))
            return false;
    }
    return true;
}

static uint8_t *apply(struct editor *e, size_t *size)
{
    size_t room = e->size + 1, at = 0, used = 0;
    uint8_t *out;

    for (size_t i = 0; i < e->count; i++)
        room += strlen(e->edits[i].text);
    out = arena_alloc(e->arena, room);
    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < e->count; i++) {
        const struct edit *x = &e->edits[i];
        size_t len = strlen(x->text);

        memcpy(out + used, e->bytes + at, x->from - at);
        used += x->from - at;
        memcpy(out + used, x->text, len);
        used += len;
        at = x->to;
    }
    memcpy(out + used, e->bytes + at, e->size - at);
    *size = used + e->size - at;
    return out;
}

static int cannot_edit(const struct editor *e)
{
    return complain(e->c, FAIL_JOB, e->path, 0,
                    "cannot be edited in the form it is written in; put each key on a line of its own");
}

/* Their lines may have moved. */
static bool same_places(const struct range_words *a, const struct range_words *b)
{
    bool same = a->count == b->count && a->all == b->all;

    for (size_t i = 0; same && i < a->count; i++) {
        const struct range_word *x = &a->words[i], *y = &b->words[i];
        same = strcmp(x->name, y->name) == 0 && x->range.offset == y->range.offset &&
               x->range.size == y->range.size;
    }
    return same;
}

/* The same file as before, with the hash of what was found there. */
static bool is_pinned(const struct firmware_file *after, const struct firmware_file *before)
{
    char sha[SHA256_TEXT_SIZE];

    digest_hex(before->found, SHA256_SIZE, sha);
    return strcmp(after->path, before->path) == 0 && strcmp(after->sha256, sha) == 0;
}

/* Whether the edited text says exactly what the old one said, and the pins. */
static int read_back(const struct editor *e, const uint8_t *bytes, size_t size, const struct job_file *before,
                     const char *stub_sha256)
{
    struct job_file *after = arena_alloc(e->arena, sizeof *after);
    struct job *job = arena_alloc(e->arena, sizeof *job);
    bool same;

    if (after == NULL || job == NULL)
        return complain(e->c, FAIL_NO_MEMORY, e->path, 0, "out of memory");
    job_file_defaults(after, job, e->path);
    stub_sha256 = stub_sha256 != NULL ? stub_sha256 : before->job->stub_sha256;
    same = job_file_parse(bytes, size, after, NULL) == 0 && job->released && after->count == before->count &&
           after->form == before->form && after->write_config == before->write_config &&
           after->partial == before->partial && same_places(&after->protect, &before->protect) &&
           same_places(&after->erase, &before->erase) && strcmp(after->version, before->version) == 0 &&
           strcmp(after->firmware_name, before->firmware_name) == 0 &&
           strcmp(job->stub_sha256, stub_sha256) == 0;
    for (size_t i = 0; same && i < before->count; i++) {
        same = is_pinned(&after->files[i], &before->files[i]) &&
               after->files[i].offset == before->files[i].offset;
    }
    if (same && before->filesystem.line != 0)
        same = is_pinned(&after->filesystem, &before->filesystem);
    return same ? 0 : cannot_edit(e);
}

static int release_file(struct editor *e, const struct firmware_file *file, const char *key,
                        struct job_release *out)
{
    struct released_file *f = &out->files[out->count++];

    snprintf(f->path, sizeof f->path, "%s", file->path);
    digest_hex(file->found, SHA256_SIZE, f->sha256);
    return pin_file(e, file, key, f->sha256);
}

static int edit_job(struct editor *e, const struct job_file *file, const char *stub_sha256,
                    struct job_release *out)
{
    uint8_t sum[SHA256_SIZE];

    for (size_t i = 0; i < file->count; i++)
        if (release_file(e, &file->files[i], "sha256", out) != 0)
            return -1;
    if (file->filesystem.line != 0 && release_file(e, &file->filesystem, "filesystem_sha256", out) != 0)
        return -1;
    if (mark_released(e, file, stub_sha256) != 0)
        return -1;
    if (!in_order(e))
        return cannot_edit(e);
    out->text = apply(e, &out->size);
    if (out->text == NULL)
        return complain(e->c, FAIL_NO_MEMORY, e->path, 0, "out of memory");
    if (read_back(e, out->text, out->size, file, stub_sha256) != 0)
        return -1;
    snprintf(out->name, sizeof out->name, "%s", file->job->name);
    digest_sha256(e->bytes, e->size, sum);
    digest_hex(sum, sizeof sum, out->old_sha256);
    digest_sha256(out->text, out->size, sum);
    digest_hex(sum, sizeof sum, out->new_sha256);
    return 0;
}

int job_release_prepare(const char *path, const char *stub_sha256, struct job_release *out,
                        struct complaint *c)
{
    struct arena *arena = arena_new();
    struct editor e = {.path = path, .arena = arena, .c = c};
    struct job_file *file = arena != NULL ? arena_alloc(arena, sizeof *file) : NULL;
    struct job *job = arena != NULL ? arena_alloc(arena, sizeof *job) : NULL;

    memset(out, 0, sizeof *out);
    out->path = path;
    out->memory = arena;
    if (file == NULL || job == NULL)
        return complain(c, FAIL_NO_MEMORY, path, 0, "out of memory");
    job_file_defaults(file, job, path);
    if (job_file_read(path, arena, &e.bytes, &e.size, c) != 0 ||
        job_file_parse(e.bytes, e.size, file, c) != 0)
        return -1;
    /* Releasing anew is how a job moves to other firmware: old pins do not count. */
    for (size_t i = 0; i < file->count; i++)
        file->files[i].sha256[0] = '\0';
    file->filesystem.sha256[0] = '\0';
    if (firmware_source_load(file, NULL, arena, c) != 0)
        return -1;
    return edit_job(&e, file, stub_sha256, out);
}

int job_release_save(const struct job_release *release, struct complaint *c)
{
    int rc = file_save(release->path, release->text, release->size, FILE_FOLLOW | FILE_KEEP_OWNER);
    char why[OWN_DENIED_SIZE];

    if (rc == 0)
        return 0;
    own_file_denied(release->path, NULL, -rc, why);
    return complain(c, FAIL_JOB, release->path, 0, "cannot be written: %s", why);
}

void job_release_free(struct job_release *release)
{
    arena_free(release->memory);
    memset(release, 0, sizeof *release);
}
