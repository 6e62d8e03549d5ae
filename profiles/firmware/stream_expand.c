/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/stream_expand.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/file_refusal.h"
#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/little_endian.h"

#define GZIP_OVERHEAD 18 /* smallest header and trailer */
#define FIRST_ROOM    (1u << 20)

int stream_expand_too_large(const struct place *at, struct complaint *c)
{
    return complain_at(c, FAIL_FIRMWARE, at, "expands to more than %u MiB; this is no firmware archive",
                       ARCHIVE_EXPANDED_MAX >> 20);
}

static int out_of_memory(const struct place *at, struct complaint *c)
{
    return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
}

static la_ssize_t feed_read(struct archive *a, void *data, const void **buffer)
{
    struct stream_feed *feed = data;

    (void)a;
    if (feed->given) {
        feed->dry = true;
        return 0;
    }
    feed->given = true;
    *buffer = feed->bytes;
    return (la_ssize_t)feed->size;
}

int stream_feed_open(struct archive *a, struct stream_feed *feed)
{
    return archive_read_open(a, feed, NULL, feed_read, NULL);
}

static int support(struct archive *a, enum file_kind kind)
{
    if (kind == FILE_KIND_GZIP)
        return archive_read_support_filter_gzip(a);
    if (kind == FILE_KIND_XZ)
        return archive_read_support_filter_xz(a);
    if (kind == FILE_KIND_BZIP2)
        return archive_read_support_filter_bzip2(a);
    return archive_read_support_filter_zstd(a);
}

/* All of the one entry of a raw stream. 0, or -1: it broke, *c is filled where that is not the stream's own doing. */
static int drain(struct archive *a, uint8_t **out, size_t *size, const struct place *at, struct complaint *c)
{
    size_t room = FIRST_ROOM;

    *size = 0;
    *out = malloc(room);
    while (*out != NULL) {
        la_ssize_t n = archive_read_data(a, *out + *size, room - *size);

        if (n <= 0)
            return n < 0 ? -1 : 0;
        *size += (size_t)n;
        if (*size > ARCHIVE_EXPANDED_MAX)
            return stream_expand_too_large(at, c);
        if (*size == room) {
            uint8_t *more = realloc(*out, room *= 2);

            if (more == NULL)
                break;
            *out = more;
        }
    }
    return out_of_memory(at, c);
}

/* What a stream that did not read to its end is called; a complaint that was made before stands. */
static int broken(struct archive *a, const struct stream_feed *feed, enum file_kind kind,
                  const struct place *at, struct complaint *c)
{
    if (archive_errno(a) == ENOMEM)
        return out_of_memory(at, c);
    if (feed->dry)
        return file_refuse_cut(feed->size, FAIL_FIRMWARE, file_kind_name(kind), at, c);
    return complain_at(c, FAIL_FIRMWARE, at, "is %s that is damaged; copy or download it again",
                       file_kind_name(kind));
}

/* By libarchive, which does not look at gzip's CRC: for that form it only tells where it breaks. */
static int expand_by_filter(const uint8_t *bytes, size_t size, uint8_t **out, size_t *out_size,
                            const struct place *at, struct complaint *c)
{
    struct stream_feed feed = {.bytes = bytes, .size = size};
    enum file_kind kind = file_kind_of(bytes, size);
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    int rc = -1;

    *out = NULL;
    if (a == NULL)
        return out_of_memory(at, c);
    /* ARCHIVE_WARN would mean that a programme of that name is run for it. */
    if (support(a, kind) != ARCHIVE_OK || archive_read_support_format_raw(a) != ARCHIVE_OK)
        complain_at(c, FAIL_FIRMWARE, at, "is %s, which this system's libarchive does not read; %s",
                    file_kind_name(kind), file_kind_advice(kind));
    else if (stream_feed_open(a, &feed) == ARCHIVE_OK && archive_read_next_header(a, &entry) == ARCHIVE_OK) {
        if (archive_filter_count(a) > 2)
            complain_at(c, FAIL_FIRMWARE, at, "is compressed twice; unpack it once");
        else
            rc = drain(a, out, out_size, at, c);
    }
    if (rc != 0) {
        free(*out);
        broken(a, &feed, kind, at, c);
    }
    archive_read_free(a);
    return rc;
}

/* libdeflate found it bad; libarchive says whether it ends too early or is wrong within. */
static int broken_gzip(const uint8_t *gz, size_t size, const struct place *at, struct complaint *c)
{
    uint8_t *out;
    size_t out_size;

    if (size < GZIP_OVERHEAD)
        return file_refuse_cut(size, FAIL_FIRMWARE, file_kind_name(FILE_KIND_GZIP), at, c);
    if (expand_by_filter(gz, size, &out, &out_size, at, c) == 0)
        free(out);
    return complain_at(c, FAIL_FIRMWARE, at,
                       "is a gzip-compressed file that is damaged; copy or download it again");
}

/* What the trailer claims, bounded: a cut file claims whatever its last four bytes happen to be. */
static size_t claimed_size(const uint8_t *gz, size_t size)
{
    uint32_t claimed = le32(gz + size - 4);

    return claimed < ARCHIVE_EXPANDED_MAX ? claimed : ARCHIVE_EXPANDED_MAX;
}

/* libdeflate, as it checks the CRC and the length at the end: what was damaged on its way is found here, not on a board. */
static int expand_gzip(const uint8_t *gz, size_t size, uint8_t **out, size_t *out_size,
                       const struct place *at, struct complaint *c)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    enum libdeflate_result result = LIBDEFLATE_BAD_DATA;
    size_t used = 0, room = size < GZIP_OVERHEAD ? 0 : claimed_size(gz, size);
    int rc = -1;

    *out = malloc(room + 1);
    if (d == NULL || *out == NULL) {
        out_of_memory(at, c);
        goto out;
    }
    result = libdeflate_gzip_decompress_ex(d, gz, size, *out, room, &used, out_size);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && room < ARCHIVE_EXPANDED_MAX) {
        uint8_t *more = realloc(*out, ARCHIVE_EXPANDED_MAX);

        if (more == NULL) {
            out_of_memory(at, c);
            goto out;
        }
        *out = more;
        result = libdeflate_gzip_decompress_ex(d, gz, size, more, ARCHIVE_EXPANDED_MAX, &used, out_size);
    }
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
        stream_expand_too_large(at, c);
    else if (result != LIBDEFLATE_SUCCESS)
        broken_gzip(gz, size, at, c);
    else if (used != size)
        complain_at(
            c, FAIL_FIRMWARE, at,
            "has %zu bytes after the end of its gzip stream: something was added to it; take it without",
            size - used);
    else
        rc = 0;
out:
    if (rc != 0)
        free(*out);
    if (d != NULL)
        libdeflate_free_decompressor(d);
    return rc;
}

int stream_expand(const uint8_t *bytes, size_t size, uint8_t **out, size_t *out_size, const struct place *at,
                  struct complaint *c)
{
    if (file_kind_of(bytes, size) == FILE_KIND_GZIP)
        return expand_gzip(bytes, size, out, out_size, at, c);
    return expand_by_filter(bytes, size, out, out_size, at, c);
}
