/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/cb_file.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/out_file.h"
#include "profiles/text/arena.h"
#include "profiles/text/file_bytes.h"
#include "station/print/cmd_fail.h"
#include "station/work/own_files.h"

#define FILE_MOST (64u * 1024)

void cb_file_name(const struct mac *mac, char out[static CB_NAME_SIZE])
{
    for (size_t i = 0; i < 6; i++)
        snprintf(out + 2 * i, 3, "%02X", mac->bytes[i]);
    snprintf(out + 12, CB_NAME_SIZE - 12, ".cb");
}

/* Twelve hex digits at the beginning of the name, and no thirteenth. */
static bool mac_of_name(const char *path, struct mac *out)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char text[MAC_TEXT_SIZE];

    for (size_t i = 0; i < 12; i++)
        if (!isxdigit((unsigned char)name[i]))
            return false;
    if (isxdigit((unsigned char)name[12]))
        return false;
    for (size_t i = 0; i < 6; i++)
        snprintf(text + 3 * i, sizeof text - 3 * i, "%.2s%s", name + 2 * i, i < 5 ? ":" : "");
    return mac_parse(text, out) == 0;
}

static int take(const char *path, const uint8_t *data, size_t size, struct cb_file *out, struct complaint *c)
{
    uint8_t decoded[CONFIG_BLOCK_SECTOR];
    ssize_t n = base64_bytes((const char *)data, size, decoded, sizeof decoded);
    const uint8_t *bytes = n >= 0 ? decoded : data;
    size_t count = n >= 0 ? (size_t)n : size;

    if (count < CONFIG_BLOCK_SIZE || count > CONFIG_BLOCK_SECTOR)
        return complain(
            c, FAIL_FIRMWARE, path, 0,
            "holds %zu bytes and is no backup of a config block: one has %u to %u, as base64 or as they "
            "are",
            count, CONFIG_BLOCK_SIZE, CONFIG_BLOCK_SECTOR);
    memset(out->sector, 0xFF, sizeof out->sector);
    memcpy(out->sector, bytes, count);
    explicit_bzero(decoded, sizeof decoded);
    if (config_block_is_blank(out->sector, CONFIG_BLOCK_SIZE))
        return complain(c, FAIL_FIRMWARE, path, 0, "is blank: there is no config block in it");
    if (config_block_trouble(out->sector) != NULL)
        return complain(c, FAIL_FIRMWARE, path, 0, "is no config block: %s",
                        config_block_trouble(out->sector));
    return 0;
}

int cb_file_read(const char *path, struct cb_file *out, struct complaint *c)
{
    struct place at = {path, 0, NULL};
    struct arena *a = arena_new();
    const uint8_t *data = NULL;
    size_t size = 0;
    int rc = a == NULL ? complain(c, FAIL_NO_MEMORY, path, 0, "out of memory")
                       : file_bytes_read(path, FILE_MOST, a, &data, &size, FAIL_FIRMWARE, &at, c);

    memset(out, 0, sizeof *out);
    if (rc == 0)
        rc = take(path, data, size, out, c);
    out->has_mac = mac_of_name(path, &out->mac);
    arena_free(a);
    return rc;
}

int cb_file_write(const char *verb, const struct options_common *common, const char *path,
                  const uint8_t sector[static CONFIG_BLOCK_SECTOR])
{
    char text[BASE64_TEXT_SIZE(CONFIG_BLOCK_SECTOR)];
    struct own_files own;
    struct stat is;
    struct failure f = {0};
    uint8_t sha256[SHA256_SIZE];
    uint64_t bytes;

    own_files_find(common, &own);
    if (file_check_target(&own.files, path, &f) != 0)
        return cmd_fail(EXIT_INPUT, verb, "%s", f.detail);
    if (lstat(path, &is) == 0)
        return cmd_fail(EXIT_INPUT, verb, "cannot write %s: it is there already; name another file: -o FILE",
                        path);
    struct out_file *o = out_file_new(&own.files, path, &f);
    if (o == NULL)
        return cmd_fail(EXIT_INPUT, verb, "%s", f.detail);
    base64_text(sector, CONFIG_BLOCK_SECTOR, text);
    out_file_text(o, text);
    out_file_text(o, "\n");
    explicit_bzero(text, sizeof text);
    return out_file_commit(o, &bytes, sha256, &f) == 0 ? 0 : cmd_fail(EXIT_STATION, verb, "%s", f.detail);
}
