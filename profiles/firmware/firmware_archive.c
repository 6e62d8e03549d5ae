/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/firmware_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/file_refusal.h"
#include "profiles/firmware/stream_expand.h"
#include "profiles/text/arena.h"

#define TAR_BLOCK   512
#define ZIP_END     22    /* bytes of a zip's end record without its comment */
#define ZIP_COMMENT 65535 /* the longest */

bool firmware_archive_is(const uint8_t *bytes, size_t size)
{
    return file_kind_is_archive(file_kind_of(bytes, size));
}

/* NULL: the name is harmless and *clean is it without "./"; else what is wrong with it. */
static const char *name_trouble(const char *name, const char **clean)
{
    if (name == NULL || name[0] == '\0')
        return "has no name";
    if (name[0] == '/')
        return "has an absolute path";
    if (strchr(name, '\\') != NULL)
        return "has a backslash in its name";
    while (name[0] == '.' && name[1] == '/')
        name += 2 + strspn(name + 2, "/");
    for (const char *p = name; *p != '\0';) {
        size_t len = strcspn(p, "/");

        if (len == 2 && memcmp(p, "..", 2) == 0)
            return "leads out of the archive ('..')";
        p += len + strspn(p + len, "/");
    }
    if (strlen(name) > 200)
        return "has a name of more than 200 bytes";
    *clean = name;
    return NULL;
}

/* What file managers leave beside the files of a folder: no part of anybody's firmware. */
static bool is_litter(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash != NULL ? slash + 1 : name;

    return strncmp(name, "__MACOSX/", 9) == 0 || strncmp(base, "._", 2) == 0 ||
           strcmp(base, ".DS_Store") == 0 || strcmp(base, "Thumbs.db") == 0 ||
           strcmp(base, "desktop.ini") == 0;
}

/* An archive while it is read. */
struct reader {
    struct archive *archive;
    const char *form;               /* "tar", "zip" */
    const struct stream_feed *feed; /* NULL: read by seeking */
    struct arena *arena;
    struct firmware_archive *out;
    size_t total; /* bytes of all members */
    const struct place *at;
    struct complaint *c;
};

#define REFUSE(r, ...) complain_at((r)->c, FAIL_FIRMWARE, (r)->at, __VA_ARGS__)

/* It does not go on, `how` to a member: cut off where it asked for more than there is, else damaged. */
static int broken(struct reader *r, const char *how, const char *member)
{
    char where[160];

    if (archive_errno(r->archive) == ENOMEM)
        return complain_at(r->c, FAIL_NO_MEMORY, r->at, "out of memory");
    snprintf(where, sizeof where, "%s%s%.100s", r->form, how, member);
    if (r->feed != NULL && r->feed->dry)
        return file_refuse_cut(r->feed->size, FAIL_FIRMWARE, where, r->at, r->c);
    return REFUSE(r, "is damaged (%s); copy or download it again", where);
}

static int read_data(struct reader *r, struct archive_member *m, uint8_t *data)
{
    size_t done = 0;
    uint8_t one;

    while (done < m->size) {
        la_ssize_t n = archive_read_data(r->archive, data + done, m->size - done);

        if (n <= 0)
            return broken(r, ", within member ", m->name);
        done += (size_t)n;
    }
    /* Nothing may follow; and it is here that a zip's checksum is looked at. */
    return archive_read_data(r->archive, &one, 1) == 0 ? 0 : broken(r, ", at the end of member ", m->name);
}

/* What a member is that is passed over, read, or refused. 1: read it; 0: pass it over; -1: it is refused. */
static int look_at(struct reader *r, struct archive_entry *entry, const char **name)
{
    const char *raw = archive_entry_pathname(entry), *trouble = name_trouble(raw, name);
    int64_t size = archive_entry_size(entry);

    if (trouble != NULL)
        return REFUSE(r, "member '%.80s' %s; refused", raw != NULL ? raw : "", trouble);
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL)
        return REFUSE(r, "member '%.80s' is a link; refused, pack the file itself", *name);
    if (archive_entry_filetype(entry) == AE_IFDIR || is_litter(*name))
        return 0;
    if (archive_entry_is_encrypted(entry))
        return REFUSE(
            r, "member '%.80s' is locked with a password; unpack the archive with it and pack it without",
            *name);
    if (archive_entry_filetype(entry) != AE_IFREG)
        return REFUSE(r, "member '%.80s' is not a regular file; refused", *name);
    if (firmware_archive_find(r->out, *name) != NULL)
        return REFUSE(r, "member '%.80s' is there twice; refused, keep one", *name);
    if (r->out->count == ARCHIVE_MEMBERS_MAX)
        return REFUSE(r, "has more than %d members; this is no firmware archive", ARCHIVE_MEMBERS_MAX);
    if (size < 0 || (uint64_t)size > ARCHIVE_EXPANDED_MAX - r->total)
        return stream_expand_too_large(r->at, r->c);
    return 1;
}

static int add_member(struct reader *r, struct archive_entry *entry)
{
    struct archive_member *m = &r->out->members[r->out->count];
    const char *name = NULL;
    int rc = look_at(r, entry, &name);
    uint8_t *data;

    if (rc <= 0)
        return rc;
    m->size = (size_t)archive_entry_size(entry);
    m->name = arena_text(r->arena, "%s", name);
    m->data = data = arena_alloc(r->arena, m->size);
    if (m->name == NULL || data == NULL)
        return complain_at(r->c, FAIL_NO_MEMORY, r->at, "out of memory");
    if (read_data(r, m, data) != 0)
        return -1;
    r->total += m->size;
    r->out->count++;
    return 0;
}

static int read_members(struct reader *r)
{
    size_t headers = 0;

    for (;;) {
        struct archive_entry *entry;
        int rc = archive_read_next_header(r->archive, &entry);

        if (rc == ARCHIVE_EOF)
            break;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return r->out->count == 0 ? broken(r, "", "")
                                      : broken(r, ", after member ", r->out->members[r->out->count - 1].name);
        /* Folders and the like count too: a tar of a million folders is a trick as well. */
        if (++headers > 4 * ARCHIVE_MEMBERS_MAX)
            return REFUSE(r, "has too many members; this is no firmware archive");
        if (add_member(r, entry) != 0)
            return -1;
    }
    return r->out->count > 0
               ? 0
               : REFUSE(r, "is an archive without a file in it; look whether it is the right one");
}

/* A tar ends in blocks of zeros: without them its last members may be missing, and nothing else would show it. */
static bool has_tar_end(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < TAR_BLOCK; i++)
        if (size < TAR_BLOCK || bytes[size - TAR_BLOCK + i] != 0)
            return false;
    return true;
}

static int read_tar(const uint8_t *bytes, size_t size, struct arena *a, struct firmware_archive *out,
                    const struct place *at, struct complaint *c)
{
    struct stream_feed feed = {.bytes = bytes, .size = size};
    struct reader r = {archive_read_new(), "tar", &feed, a, out, 0, at, c};
    int rc = -1;

    if (r.archive == NULL)
        return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
    if (archive_read_support_format_tar(r.archive) != ARCHIVE_OK ||
        stream_feed_open(r.archive, &feed) != ARCHIVE_OK)
        broken(&r, "", "");
    else if (read_members(&r) == 0)
        rc = has_tar_end(bytes, size)
                 ? 0
                 : file_refuse_cut(size, FAIL_FIRMWARE, "tar, without its end mark", at, c);
    archive_read_free(r.archive);
    return rc;
}

/* A zip's list of members is at its end; what was cut off has none. */
static bool has_zip_end(const uint8_t *bytes, size_t size)
{
    for (size_t back = ZIP_END; back <= size && back <= ZIP_END + ZIP_COMMENT; back++)
        if (memcmp(bytes + size - back, "PK\5\6", 4) == 0)
            return true;
    return false;
}

static int read_zip(const uint8_t *bytes, size_t size, struct arena *a, struct firmware_archive *out,
                    const struct place *at, struct complaint *c)
{
    struct reader r = {NULL, "zip", NULL, a, out, 0, at, c};
    int rc = -1;

    if (!has_zip_end(bytes, size))
        return file_refuse_cut(size, FAIL_FIRMWARE, file_kind_name(FILE_KIND_ZIP), at, c);
    r.archive = archive_read_new();
    if (r.archive == NULL)
        return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
    if (archive_read_support_format_zip_seekable(r.archive) != ARCHIVE_OK ||
        archive_read_open_memory(r.archive, bytes, size) != ARCHIVE_OK)
        broken(&r, "", "");
    else
        rc = read_members(&r);
    archive_read_free(r.archive);
    return rc;
}

/* Whoever packs a folder packs its name too: where everything lies below one, that name goes. */
static void enter_folder(struct firmware_archive *archive)
{
    const char *first = archive->members[0].name, *slash = strchr(first, '/');

    while (slash != NULL) {
        size_t len = (size_t)(slash + 1 - first);

        for (size_t i = 0; i < archive->count; i++)
            if (strncmp(archive->members[i].name, first, len) != 0 || archive->members[i].name[len] == '\0')
                return;
        for (size_t i = 0; i < archive->count; i++)
            archive->members[i].name += len;
        first = archive->members[0].name;
        slash = strchr(first, '/');
    }
}

static int read_expanded(const uint8_t *bytes, size_t size, struct arena *a, struct firmware_archive *out,
                         const struct place *at, struct complaint *c)
{
    uint8_t *expanded;
    size_t expanded_size;
    int rc;

    if (stream_expand(bytes, size, &expanded, &expanded_size, at, c) != 0)
        return -1;
    if (file_kind_of(expanded, expanded_size) == FILE_KIND_TAR) {
        rc = read_tar(expanded, expanded_size, a, out, at, c);
    } else {
        enum file_kind outside = file_kind_of(bytes, size), inside = file_kind_of(expanded, expanded_size);

        rc = complain_at(c, FAIL_FIRMWARE, at, "is %s, but what is in it is no tar archive: it is %s; %s",
                         file_kind_name(outside), file_kind_name(inside), file_kind_advice(outside));
    }
    free(expanded);
    return rc;
}

int firmware_archive_read(const uint8_t *bytes, size_t size, struct arena *a, struct firmware_archive *out,
                          const struct place *at, struct complaint *c)
{
    enum file_kind kind = file_kind_of(bytes, size);
    int rc;

    out->count = 0;
    out->members = arena_alloc(a, (ARCHIVE_MEMBERS_MAX + 1) * sizeof *out->members);
    if (out->members == NULL)
        return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
    if (file_kind_is_compressed(kind))
        rc = read_expanded(bytes, size, a, out, at, c);
    else if (kind == FILE_KIND_TAR)
        rc = read_tar(bytes, size, a, out, at, c);
    else if (kind == FILE_KIND_ZIP)
        rc = read_zip(bytes, size, a, out, at, c);
    else
        rc = file_refuse(bytes, size, FAIL_FIRMWARE, "a firmware archive (tar, tar.gz, zip)", at, c);
    if (rc == 0)
        enter_folder(out);
    return rc;
}

const struct archive_member *firmware_archive_find(const struct firmware_archive *archive, const char *name)
{
    for (size_t i = 0; i < archive->count; i++)
        if (strcmp(archive->members[i].name, name) == 0)
            return &archive->members[i];
    return NULL;
}
