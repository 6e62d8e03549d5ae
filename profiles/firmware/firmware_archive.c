/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/firmware_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/text/arena.h"

#define GZIP_OVERHEAD 18 /* smallest header and trailer */
#define TAR_BLOCK     512

static bool is_gzip(const uint8_t *b, size_t size)
{
    return size >= 2 && b[0] == 0x1f && b[1] == 0x8b;
}

bool firmware_archive_is(const uint8_t *bytes, size_t size)
{
    return is_gzip(bytes, size) || (size >= TAR_BLOCK && memcmp(bytes + 257, "ustar", 5) == 0);
}

static int bomb(const struct place *at, struct complaint *c)
{
    return complain_at(c, FAIL_FIRMWARE, at, "expands to more than %u MiB; this is no firmware archive",
                       ARCHIVE_EXPANDED_MAX >> 20);
}

/*
 * libdeflate rather than libarchive's own filter: it checks the CRC and the length at the end of the stream, so a file
 * cut short or damaged on its way is found here and not on a board. Caller frees *out.
 */
static int expand(const uint8_t *gz, size_t size, uint8_t **out, size_t *out_size, const struct place *at,
                  struct complaint *c)
{
    struct libdeflate_decompressor *d = NULL;
    enum libdeflate_result result;
    uint8_t *tar = NULL;
    size_t used = 0;
    uint32_t claimed;
    int rc = -1;

    if (size < GZIP_OVERHEAD)
        return complain_at(c, FAIL_FIRMWARE, at, "ends too early; get the file again");
    claimed = gz[size - 4] | (uint32_t)gz[size - 3] << 8 | (uint32_t)gz[size - 2] << 16 |
              (uint32_t)gz[size - 1] << 24;
    /* A cut file claims whatever its last four bytes happen to be: only then does the limit itself decide. */
    if (claimed > ARCHIVE_EXPANDED_MAX)
        claimed = ARCHIVE_EXPANDED_MAX;
    d = libdeflate_alloc_decompressor();
    tar = malloc((size_t)claimed + 1);
    if (d == NULL || tar == NULL) {
        complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
        goto out;
    }
    result = libdeflate_gzip_decompress_ex(d, gz, size, tar, claimed, &used, out_size);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && claimed < ARCHIVE_EXPANDED_MAX) {
        uint8_t *more = realloc(tar, ARCHIVE_EXPANDED_MAX);

        if (more == NULL) {
            complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
            goto out;
        }
        tar = more;
        result = libdeflate_gzip_decompress_ex(d, gz, size, tar, ARCHIVE_EXPANDED_MAX, &used, out_size);
    }
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
        bomb(at, c);
        goto out;
    }
    if (result != LIBDEFLATE_SUCCESS) {
        complain_at(c, FAIL_FIRMWARE, at, "is cut short or damaged (gzip); get the file again");
        goto out;
    }
    if (used != size) {
        complain_at(c, FAIL_FIRMWARE, at,
                    "has %zu bytes after the end of its gzip stream; get the file again", size - used);
        goto out;
    }
    *out = tar;
    tar = NULL;
    rc = 0;
out:
    free(tar);
    if (d != NULL)
        libdeflate_free_decompressor(d);
    return rc;
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

static int read_data(struct archive *tar, struct archive_member *m, uint8_t *data, const struct place *at,
                     struct complaint *c)
{
    size_t done = 0;

    while (done < m->size) {
        la_ssize_t n = archive_read_data(tar, data + done, m->size - done);

        if (n <= 0)
            return complain_at(c, FAIL_FIRMWARE, at,
                               "%s: ends too early, after %zu of %zu bytes; get the file again", m->name,
                               done, m->size);
        done += (size_t)n;
    }
    return 0;
}

static int add_member(struct archive *tar, struct archive_entry *entry, struct arena *a,
                      struct firmware_archive *out, size_t *total, const struct place *at,
                      struct complaint *c)
{
    struct archive_member *m = &out->members[out->count];
    const char *raw = archive_entry_pathname(entry), *name = NULL, *trouble = name_trouble(raw, &name);
    int64_t size = archive_entry_size(entry);
    uint8_t *data;

    if (trouble != NULL)
        return complain_at(c, FAIL_FIRMWARE, at, "member '%.80s' %s; refused", raw != NULL ? raw : "",
                           trouble);
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL)
        return complain_at(c, FAIL_FIRMWARE, at, "member '%.80s' is a link; refused, pack the file itself",
                           name);
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return 0;
    if (archive_entry_filetype(entry) != AE_IFREG)
        return complain_at(c, FAIL_FIRMWARE, at, "member '%.80s' is not a regular file; refused", name);
    if (firmware_archive_find(out, name) != NULL)
        return complain_at(c, FAIL_FIRMWARE, at, "member '%.80s' is there twice; refused, keep one", name);
    if (out->count == ARCHIVE_MEMBERS_MAX)
        return complain_at(c, FAIL_FIRMWARE, at, "has more than %d members; this is no firmware archive",
                           ARCHIVE_MEMBERS_MAX);
    if (size < 0 || (uint64_t)size > ARCHIVE_EXPANDED_MAX - *total)
        return bomb(at, c);
    *total += (size_t)size;
    m->name = arena_text(a, "%s", name);
    data = arena_alloc(a, (size_t)size);
    if (m->name == NULL || data == NULL)
        return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
    m->data = data;
    m->size = (size_t)size;
    if (read_data(tar, m, data, at, c) != 0)
        return -1;
    out->count++;
    return 0;
}

static int read_members(struct archive *tar, struct arena *a, struct firmware_archive *out,
                        const struct place *at, struct complaint *c)
{
    size_t total = 0, headers = 0;

    for (;;) {
        struct archive_entry *entry;
        int rc = archive_read_next_header(tar, &entry);

        if (rc == ARCHIVE_EOF)
            break;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return complain_at(c, FAIL_FIRMWARE, at, "is cut short or damaged (tar%s%s); get the file again",
                               out->count > 0 ? ", after member " : "",
                               out->count > 0 ? out->members[out->count - 1].name : "");
        /* Folders and the like count too: a tar of a million folders is a trick as well. */
        if (++headers > 4 * ARCHIVE_MEMBERS_MAX)
            return complain_at(c, FAIL_FIRMWARE, at, "has too many members; this is no firmware archive");
        if (add_member(tar, entry, a, out, &total, at, c) != 0)
            return -1;
    }
    if (out->count == 0)
        return complain_at(c, FAIL_FIRMWARE, at, "has no members; get the file again");
    return 0;
}

int firmware_archive_read(const uint8_t *bytes, size_t size, struct arena *a, struct firmware_archive *out,
                          const struct place *at, struct complaint *c)
{
    struct archive *tar = NULL;
    uint8_t *expanded = NULL;
    int rc = -1;

    out->count = 0;
    out->members = arena_alloc(a, (ARCHIVE_MEMBERS_MAX + 1) * sizeof *out->members);
    if (out->members == NULL)
        return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
    if (is_gzip(bytes, size)) {
        if (expand(bytes, size, &expanded, &size, at, c) != 0)
            return -1;
        bytes = expanded;
    }
    tar = archive_read_new();
    if (tar == NULL) {
        complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
        goto out;
    }
    if (size < TAR_BLOCK || archive_read_support_format_tar(tar) != ARCHIVE_OK ||
        archive_read_open_memory(tar, bytes, size) != ARCHIVE_OK) {
        complain_at(c, FAIL_FIRMWARE, at, "is not a tar or tar.gz archive; name a Pycom firmware archive");
        goto out;
    }
    rc = read_members(tar, a, out, at, c);
out:
    if (tar != NULL)
        archive_read_free(tar);
    free(expanded);
    return rc;
}

const struct archive_member *firmware_archive_find(const struct firmware_archive *archive, const char *name)
{
    for (size_t i = 0; i < archive->count; i++)
        if (strcmp(archive->members[i].name, name) == 0)
            return &archive->members[i];
    return NULL;
}
