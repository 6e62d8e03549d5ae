/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/stub_source.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/errno_text.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/file_refusal.h"
#include "profiles/firmware/firmware_archive.h"
#include "profiles/text/arena.h"
#include "profiles/text/complaint.h"
#include "profiles/text/file_bytes.h"

#define STUB_JSON_MAX (1u << 20) /* the largest known has 17 KiB */
#define DEPTH_MAX     8          /* esptool/targets/stub_flasher/2/esp32.json has four */
#define ENTRIES_MAX   20000      /* a folder that has more is not the one that was meant */

struct walk {
    struct stub_source *out;
    struct complaint *c;
    int entries;
};

static bool is_json_name(const char *name)
{
    size_t len = strlen(name);

    return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

static struct stub_offer *find_chip(struct stub_source *s, const char *chip)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->offers[i].stub.chip, chip) == 0)
            return &s->offers[i];
    return NULL;
}

/* One of many: known, and the best of its chip so far, or let go. */
static void offer(struct stub_source *s, const char *name, const uint8_t *bytes, size_t size)
{
    struct stub_offer new = {.bytes = bytes, .size = size}, *old;
    char why[160];

    s->looked++;
    if (stub_read(name, bytes, size, &new.stub, why) != 0)
        return;
    old = stub_is_known(&new.stub) ? find_chip(s, new.stub.chip) : NULL;
    s->unknown += !stub_is_known(&new.stub);
    if (!stub_is_known(&new.stub) || (old == NULL && s->count == STUB_OFFERS_MAX) ||
        (old != NULL && stub_rank(&old->stub) <= stub_rank(&new.stub))) {
        stub_free(&new.stub);
        return;
    }
    if (old == NULL)
        old = &s->offers[s->count++];
    else
        stub_free(&old->stub);
    *old = new;
}

static int read_file(const char *path, struct walk *w)
{
    const struct place at = {.file = path};
    const uint8_t *bytes = NULL;
    size_t size = 0;
    struct stat st;

    if (stat(path, &st) != 0 || st.st_size == 0 || st.st_size > STUB_JSON_MAX)
        return 0; /* no helper program, whatever it is */
    if (file_bytes_read(path, STUB_JSON_MAX, w->out->arena, &bytes, &size, FAIL_CONFIG, &at, w->c) != 0)
        return -1;
    offer(w->out, path, bytes, size);
    return 0;
}

/* Links are not followed: what lies in the folder itself is meant. */
static int read_folder(const char *folder, int depth, struct walk *w)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    struct stat st;
    int rc = 0;

    if (dir == NULL)
        return complain(w->c, FAIL_CONFIG, folder, 0, "%s", errno_text(errno));
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        char path[PATH_MAX];

        if (entry->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path ||
            lstat(path, &st) != 0)
            continue;
        if (++w->entries > ENTRIES_MAX)
            rc = complain(w->c, FAIL_CONFIG, folder, 0,
                          "has too many files: name the folder of the tool itself");
        else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
            rc = read_folder(path, depth + 1, w);
        else if (S_ISREG(st.st_mode) && is_json_name(entry->d_name))
            rc = read_file(path, w);
    }
    closedir(dir);
    return rc;
}

static int read_archive(const uint8_t *bytes, size_t size, const struct place *at, struct walk *w)
{
    struct firmware_archive archive;

    if (firmware_archive_read(bytes, size, w->out->arena, &archive, at, w->c) != 0)
        return -1;
    for (size_t i = 0; i < archive.count; i++) {
        const struct archive_member *m = &archive.members[i];

        if (is_json_name(m->name) && m->size <= STUB_JSON_MAX)
            offer(w->out, m->name, m->data, m->size);
    }
    return 0;
}

/* A file that is no stub: by what it is where that is plain, else by what its reader missed. */
static int read_single(const uint8_t *bytes, size_t size, const struct place *at, struct walk *w)
{
    struct stub_offer *o = &w->out->offers[0];
    enum file_kind kind = file_kind_of(bytes, size);
    char why[160];

    *o = (struct stub_offer){.bytes = bytes, .size = size};
    if (stub_read(at->file, bytes, size, &o->stub, why) == 0) {
        w->out->count = 1;
        return 0;
    }
    if (kind != FILE_KIND_UNKNOWN && kind != FILE_KIND_JSON)
        return file_refuse(bytes, size, FAIL_CONFIG, "a helper program (esp32.json)", at, w->c);
    return complain_at(w->c, FAIL_CONFIG, at, "%s", why);
}

static int read_any(const char *path, struct walk *w, bool *many)
{
    const struct place at = {.file = path};
    const uint8_t *bytes = NULL;
    size_t size = 0;
    struct stat st;

    *many = true;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return read_folder(path, 0, w);
    if (file_bytes_read(path, ARCHIVE_FILE_MAX, w->out->arena, &bytes, &size, FAIL_CONFIG, &at, w->c) != 0)
        return -1;
    if (firmware_archive_is(bytes, size))
        return read_archive(bytes, size, &at, w);
    *many = false;
    return read_single(bytes, size, &at, w);
}

int stub_source_read(const char *path, struct stub_source *out, struct complaint *c)
{
    struct walk w = {.out = out, .c = c};
    bool many;

    memset(out, 0, sizeof *out);
    out->arena = arena_new();
    if (out->arena == NULL)
        return complain(c, FAIL_NO_MEMORY, path, 0, "out of memory");
    if (read_any(path, &w, &many) != 0)
        return -1;
    if (out->count > 0)
        return 0;
    return complain(
        c, FAIL_CONFIG, path, 0,
        "has no helper program that is known here (of its JSON files %d were looked at, %d of them other "
        "helper programs): one that you trust is installed alone, as its JSON file",
        out->looked, out->unknown);
}

void stub_source_free(struct stub_source *s)
{
    for (int i = 0; i < s->count; i++)
        stub_free(&s->offers[i].stub);
    arena_free(s->arena);
    memset(s, 0, sizeof *s);
}
