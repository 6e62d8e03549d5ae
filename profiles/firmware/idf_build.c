/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/idf_build.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/firmware/file_kind.h"

#define SECTOR 0x1000u
#define MB     (1024u * 1024)

struct reader {
    struct idf_build *out;
    const struct place *at;
    struct complaint *c;
};

#define REFUSE(r, ...) complain_at((r)->c, FAIL_FIRMWARE, (r)->at, __VA_ARGS__)

/* A text without NUL that fits and holds nothing that a line of a job could not. NULL: it is none. */
static const char *plain_text(const json_t *value, size_t room)
{
    const char *text = json_string_value(value);

    if (text == NULL || strlen(text) != json_string_length(value) || strlen(text) >= room)
        return NULL;
    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return NULL;
    return text;
}

/* "dio" of "flash_mode"; nothing where it is not there. */
static int take_text(struct reader *r, const json_t *in, const char *key, char *out, size_t room)
{
    const json_t *value = json_object_get(in, key);
    const char *text = plain_text(value, room);

    if (value == NULL)
        return 0;
    if (text == NULL)
        return REFUSE(r, IDF_BUILD_LIST ": '%s' is no short text", key);
    snprintf(out, room, "%s", text);
    /* esptool of 2025 on writes default-reset for default_reset. */
    for (char *p = out; *p != '\0'; p++)
        if (*p == '-')
            *p = '_';
    return 0;
}

static int take_size(struct reader *r, const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    r->out->detects_size = strcmp(text, "detect") == 0;
    if (text[0] == '\0' || r->out->detects_size || strcmp(text, "keep") == 0)
        return 0;
    if (text[0] < '0' || text[0] > '9' || n == 0 || n > 1024 ||
        (strcmp(end, "MB") != 0 && strcmp(end, "KB") != 0))
        return REFUSE(r, IDF_BUILD_LIST ": flash_size '%.20s' is not understood; it is like 4MB", text);
    r->out->flash_size = (uint32_t)n * (end[0] == 'M' ? MB : 1024);
    return 0;
}

static bool leads_outside(const char *path)
{
    int depth = 0;

    if (path[0] == '/')
        return true;
    for (const char *p = path; *p != '\0';) {
        size_t len = strcspn(p, "/");

        if (len == 2 && memcmp(p, "..", 2) == 0)
            depth--;
        else if (len > 0 && !(len == 1 && p[0] == '.'))
            depth++;
        if (depth < 0)
            return true;
        p += len + strspn(p + len, "/");
    }
    return false;
}

static int parse_offset(const char *text, uint32_t *out)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 0);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > UINT32_MAX)
        return -1;
    *out = (uint32_t)n;
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct idf_file *x = a, *y = b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static int read_files(struct reader *r, json_t *files)
{
    struct idf_build *b = r->out;
    const char *offset;
    json_t *path;

    if (!json_is_object(files) || json_object_size(files) == 0)
        return REFUSE(r, IDF_BUILD_LIST ": lists no 'flash_files'; build the project anew");
    if (json_object_size(files) > IDF_BUILD_FILES_MAX)
        return REFUSE(r, IDF_BUILD_LIST ": lists more than %d files; merge some", IDF_BUILD_FILES_MAX);
    json_object_foreach(files, offset, path)
    {
        struct idf_file *f = &b->files[b->count];
        const char *text = plain_text(path, sizeof f->path);

        if (parse_offset(offset, &f->offset) != 0 || f->offset % SECTOR != 0)
            return REFUSE(r, IDF_BUILD_LIST ": '%.40s' is no offset in whole 4 KiB sectors", offset);
        if (text == NULL || text[0] == '\0')
            return REFUSE(r, IDF_BUILD_LIST ": the file for %.40s has no usable path (at most %zu bytes)",
                          offset, sizeof f->path - 1);
        snprintf(f->path, sizeof f->path, "%s", text);
        f->is_outside = leads_outside(text);
        b->count++;
    }
    qsort(b->files, b->count, sizeof b->files[0], by_offset);
    return 0;
}

static bool is_yes(const json_t *value)
{
    const char *text = json_string_value(value);

    return json_is_true(value) || (text != NULL && strcmp(text, "true") == 0);
}

/* "app", "bootloader" and the like: an object with a file each, and whether the chip is to encrypt it. */
static int read_roles(struct reader *r, json_t *root)
{
    struct idf_build *b = r->out;
    const char *role;
    json_t *value;

    b->app = b->count;
    json_object_foreach(root, role, value)
    {
        const char *file = json_string_value(json_object_get(value, "file"));

        if (file == NULL)
            continue;
        if (is_yes(json_object_get(value, "encrypted")))
            return REFUSE(r,
                          IDF_BUILD_LIST
                          ": is an encrypted build: the chip is to encrypt '%.40s' (%.60s) as it writes, "
                          "which is not done here; build without flash encryption",
                          role, file);
        for (size_t i = 0; strcmp(role, "app") == 0 && i < b->count; i++)
            if (strcmp(b->files[i].path, file) == 0)
                b->app = i;
    }
    return 0;
}

/* The settings' own three options are pairs and stand in flash_settings too; all others are told. */
static int read_arguments(struct reader *r, const json_t *list)
{
    struct idf_build *b = r->out;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = plain_text(json_array_get(list, i), sizeof b->others[0]);

        if (text == NULL)
            return REFUSE(r, IDF_BUILD_LIST ": 'write_flash_args' is not a list of short texts");
        if (strncmp(text, "--encrypt", 9) == 0)
            return REFUSE(r,
                          IDF_BUILD_LIST
                          ": is an encrypted build ('%s' among write_flash_args), which is not written "
                          "here; build without flash encryption",
                          text);
        if (strlen(text) > 9 && strncmp(text, "--flash", 7) == 0 &&
            (strcmp(text + 8, "mode") == 0 || strcmp(text + 8, "size") == 0 || strcmp(text + 8, "freq") == 0))
            i++;
        else if (b->other_count < IDF_BUILD_NOTES_MAX)
            snprintf(b->others[b->other_count++], sizeof b->others[0], "%s", text);
    }
    return 0;
}

static int read_root(struct reader *r, json_t *root)
{
    json_t *extra = json_object_get(root, "extra_esptool_args"),
           *settings = json_object_get(root, "flash_settings");
    struct idf_build *b = r->out;
    char size[16] = "";

    if (take_text(r, extra, "chip", b->chip, sizeof b->chip) != 0 ||
        take_text(r, extra, "before", b->before, sizeof b->before) != 0 ||
        take_text(r, extra, "after", b->after, sizeof b->after) != 0 ||
        take_text(r, settings, "flash_mode", b->flash_mode, sizeof b->flash_mode) != 0 ||
        take_text(r, settings, "flash_freq", b->flash_freq, sizeof b->flash_freq) != 0 ||
        take_text(r, settings, "flash_size", size, sizeof size) != 0)
        return -1;
    if (b->chip[0] == '\0')
        return REFUSE(r, IDF_BUILD_LIST
                      ": does not say for which chip ('extra_esptool_args'); build the project anew");
    b->no_stub = json_is_false(json_object_get(extra, "stub"));
    if (take_size(r, size) != 0 || read_files(r, json_object_get(root, "flash_files")) != 0)
        return -1;
    return read_roles(r, root) != 0 ? -1 : read_arguments(r, json_object_get(root, "write_flash_args"));
}

static json_t *load(const uint8_t *bytes, size_t size, json_error_t *error)
{
    size_t mark = file_kind_mark_size(bytes, size);

    return json_loadb((const char *)bytes + mark, size - mark, JSON_REJECT_DUPLICATES, error);
}

int idf_build_parse(const uint8_t *bytes, size_t size, struct idf_build *out, const struct place *at,
                    struct complaint *c)
{
    struct reader r = {out, at, c};
    json_error_t error;
    json_t *root = load(bytes, size, &error);
    int rc;

    memset(out, 0, sizeof *out);
    if (root == NULL && json_error_code(&error) == json_error_out_of_memory)
        return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
    if (root == NULL)
        return REFUSE(&r, IDF_BUILD_LIST ": line %d is not valid JSON: %.100s", error.line, error.text);
    rc = read_root(&r, root);
    json_decref(root);
    return rc;
}

int idf_build_check_config(const uint8_t *bytes, size_t size, const struct place *at, struct complaint *c)
{
    static const struct {
        const char *key, *name;
    } guards[] = {{"SECURE_BOOT", "secure boot"},
                  {"SECURE_BOOT_V1_ENABLED", "secure boot"},
                  {"SECURE_BOOT_V2_ENABLED", "secure boot"},
                  {"SECURE_FLASH_ENC_ENABLED", "flash encryption"},
                  {"FLASH_ENCRYPTION_ENABLED", "flash encryption"}};
    json_error_t error;
    json_t *root = load(bytes, size, &error);
    int rc = 0;

    for (size_t i = 0; i < sizeof guards / sizeof guards[0] && rc == 0; i++)
        if (json_is_true(json_object_get(root, guards[i].key)))
            rc = complain_at(
                c, FAIL_FIRMWARE, at,
                "is a build with %s (%s in config/sdkconfig.json), which is not written here; build without",
                guards[i].name, guards[i].key);
    json_decref(root);
    return rc;
}
