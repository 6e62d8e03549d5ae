/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/packed.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM (32u << 20)

static void need(int rc, struct archive *a, const char *what)
{
    if (rc == ARCHIVE_OK)
        return;
    fprintf(stderr, "packed: %s: %s\n", what, archive_error_string(a));
    abort();
}

static int set_form(struct archive *a, enum packed_form form)
{
    int rc = ARCHIVE_OK;

    if (form == PACKED_ZIP || form == PACKED_ZIP_STORED || form == PACKED_ZIP_LOCKED)
        need(archive_write_set_format_zip(a), a, "zip");
    else if (form == PACKED_XZ)
        need(archive_write_set_format_raw(a), a, "raw");
    else
        need(archive_write_set_format_pax_restricted(a), a, "tar");
    if (form == PACKED_ZIP_STORED)
        need(archive_write_set_options(a, "zip:compression=store"), a, "stored");
    if (form == PACKED_ZIP_LOCKED) {
        rc = archive_write_set_options(a, "zip:encryption=traditional");
        need(archive_write_set_passphrase(a, "secret"), a, "password");
    }
    if (form == PACKED_TAR_GZ)
        rc = archive_write_add_filter_gzip(a);
    else if (form == PACKED_TAR_XZ || form == PACKED_XZ)
        rc = archive_write_add_filter_xz(a);
    else if (form == PACKED_TAR_BZIP2)
        rc = archive_write_add_filter_bzip2(a);
    else if (form == PACKED_TAR_ZSTD)
        rc = archive_write_add_filter_zstd(a);
    return rc;
}

static void add(struct archive *a, const char *folder, const struct tar_member *m)
{
    struct archive_entry *e = archive_entry_new();
    char name[300];

    snprintf(name, sizeof name, "%s%s", folder, m->name);
    archive_entry_set_pathname(e, name);
    archive_entry_set_filetype(e, m->kind == TAR_FOLDER ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_size(e, (la_int64_t)m->size);
    need(archive_write_header(a, e), a, name);
    if (m->size > 0 && archive_write_data(a, m->data, m->size) != (la_ssize_t)m->size)
        need(ARCHIVE_FATAL, a, name);
    archive_entry_free(e);
}

uint8_t *packed_make(enum packed_form form, const char *folder, const struct tar_member *members,
                     size_t count, size_t *size)
{
    struct archive *a = archive_write_new();
    uint8_t *out = malloc(ROOM), *exact;

    if (a == NULL || out == NULL)
        abort();
    if (set_form(a, form) != ARCHIVE_OK) {
        archive_write_free(a);
        free(out);
        return NULL;
    }
    archive_write_set_bytes_in_last_block(a, 1);
    need(archive_write_open_memory(a, out, ROOM, size), a, "open");
    for (size_t i = 0; i < count; i++)
        add(a, folder, &members[i]);
    need(archive_write_close(a), a, "close");
    archive_write_free(a);
    exact = realloc(out, *size);
    return exact != NULL ? exact : out;
}
