/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/tar_make.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_member(struct archive *tar, const struct tar_member *m)
{
    struct archive_entry *entry = archive_entry_new();
    int rc = -ENOMEM;

    if (entry == NULL)
        return rc;
    archive_entry_set_pathname(entry, m->name);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, m->kind == TAR_FOLDER    ? AE_IFDIR
                                      : m->kind == TAR_SYMLINK ? AE_IFLNK
                                                               : AE_IFREG);
    archive_entry_set_size(entry, m->kind == TAR_FILE ? (la_int64_t)m->size : 0);
    if (m->kind == TAR_SYMLINK)
        archive_entry_set_symlink(entry, m->data);
    if (m->kind == TAR_HARDLINK)
        archive_entry_set_hardlink(entry, m->data);
    if (archive_write_header(tar, entry) != ARCHIVE_OK)
        rc = -EINVAL;
    else if (m->kind != TAR_FILE || m->size == 0 ||
             archive_write_data(tar, m->data, m->size) == (la_ssize_t)m->size)
        rc = 0;
    archive_entry_free(entry);
    return rc;
}

int tar_make(const struct tar_member *members, size_t count, bool gzip, uint8_t **out, size_t *size)
{
    struct archive *tar = archive_write_new();
    size_t room = 64 * 1024;
    int rc = -ENOMEM;

    *out = NULL;
    *size = 0;
    for (size_t i = 0; i < count; i++)
        room += members[i].size + members[i].size / 100 + 4096;
    *out = malloc(room);
    if (tar == NULL || *out == NULL)
        goto out;
    archive_write_set_format_ustar(tar);
    if (gzip && (archive_write_add_filter_gzip(tar) != ARCHIVE_OK ||
                 archive_write_set_filter_option(tar, "gzip", "timestamp", NULL) != ARCHIVE_OK))
        goto out;
    archive_write_set_bytes_in_last_block(tar, 1);
    if (archive_write_open_memory(tar, *out, room, size) != ARCHIVE_OK)
        goto out;
    rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = add_member(tar, &members[i]);
    if (archive_write_close(tar) != ARCHIVE_OK && rc == 0)
        rc = -EIO;
out:
    if (tar != NULL)
        archive_write_free(tar);
    if (rc != 0) {
        free(*out);
        *out = NULL;
    }
    return rc;
}
