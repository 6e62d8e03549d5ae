/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/job_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/duplicate.h"
#include "base/plain.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/file_refusal.h"
#include "profiles/firmware/firmware_archive.h"
#include "profiles/job/pycom_keys.h"
#include "profiles/job/reset_words.h"
#include "profiles/job/unit_keys.h"
#include "profiles/plan/plan.h"
#include "profiles/pycom/pycom_model.h"
#include "profiles/text/file_bytes.h"

#define TARGET                            \
    struct job_file *f = target;          \
    const struct schema_value *v = value; \
    (void)c
#define SETTER(name) static int name(void *target, const struct schema_value *value, struct complaint *c)

static int bad(struct job_file *f, const struct schema_value *v, struct complaint *c, const char *what)
{
    return complain(c, FAIL_JOB, f->path, v->line, "%s: '%.80s' %s", v->key, v->text, what);
}

SETTER(set_name)
{
    TARGET;
    const char *trouble = plain_name_trouble(v->text);

    if (trouble != NULL)
        return complain(c, FAIL_JOB, f->path, v->line, "name: '%s' %s", v->text, trouble);
    snprintf(f->job->name, sizeof f->job->name, "%s", v->text);
    return 0;
}

/* A generation or a module ("WiPy 3.0", "W01") is the board that its firmware calls it, with that one's sizes alone. */
SETTER(set_board)
{
    TARGET;
    const struct pycom_model *m = pycom_model_find(v->text);

    f->model = m != NULL && strcasecmp(m->name, m->board) != 0 ? m : NULL;
    snprintf(f->job->board, sizeof f->job->board, "%s", f->model != NULL ? m->board : v->text);
    if (f->firmware_line == 0)
        f->firmware_line = v->line;
    return 0;
}

SETTER(set_chip)
{
    TARGET;
    snprintf(f->job->chip, sizeof f->job->chip, "%s", v->text);
    f->says_chip = true;
    return 0;
}

/* "3" or "3.1"; as a minimum 3 means v3.0, as a maximum every v3. Returns -1 when it is neither. */
static int parse_revision(const char *text, int minor_default)
{
    const char *dot = strchr(text, '.');
    char major[8];
    int64_t a, b = minor_default;
    size_t len = dot != NULL ? (size_t)(dot - text) : strlen(text);

    if (len >= sizeof major)
        return -1;
    memcpy(major, text, len);
    major[len] = '\0';
    if (strchr(text, 'x') != NULL || schema_parse_number(major, &a) != 0 || a > 99)
        return -1;
    if (dot != NULL && (schema_parse_number(dot + 1, &b) != 0 || b > 99))
        return -1;
    return (int)(a * 100 + b);
}

SETTER(set_revision_min)
{
    TARGET;
    f->job->revision_min = parse_revision(v->text, 0);
    f->revision_min_line = v->line;
    snprintf(f->revision_min, sizeof f->revision_min, "%s", v->text);
    return f->job->revision_min >= 0 ? 0 : bad(f, v, c, "is no chip revision; write it like 1 or 3.1");
}

SETTER(set_revision_max)
{
    TARGET;
    f->job->revision_max = parse_revision(v->text, 99);
    f->revision_max_line = v->line;
    return f->job->revision_max >= 0 ? 0 : bad(f, v, c, "is no chip revision; write it like 1 or 3.1");
}

SETTER(set_flash_size)
{
    TARGET;
    size_t i = 0, room = sizeof f->job->flash_sizes / sizeof f->job->flash_sizes[0];

    if ((v->number & (v->number - 1)) != 0)
        return bad(f, v, c, "is no flash size; write one like 4MB or 8MB");
    while (i < room && f->job->flash_sizes[i] != 0) {
        if (f->job->flash_sizes[i] == v->number)
            return bad(f, v, c, "is listed twice; remove one");
        i++;
    }
    if (i == room)
        return bad(f, v, c, "is one size too many");
    f->job->flash_sizes[i] = (uint32_t)v->number;
    f->flash_size_line = v->line;
    return 0;
}

SETTER(set_revision_decides)
{
    TARGET;
    f->job->revision_decides_size = v->number != 0;
    return 0;
}

static int begin_form(struct job_file *f, const struct schema_value *v, enum firmware_form form,
                      struct complaint *c)
{
    if (f->form != FIRMWARE_UNSAID && f->form != form)
        return complain(
            c, FAIL_JOB, f->path, v->line,
            "%s: the firmware is already described at line %d; keep one of archive, images, merged", v->key,
            f->firmware_line);
    f->form = form;
    f->firmware_line = v->line;
    return 0;
}

SETTER(begin_firmware)
{
    TARGET;
    f->firmware_line = v->line;
    return 0;
}

static int set_path(struct job_file *f, const struct schema_value *v)
{
    struct firmware_file *file = &f->files[f->count - 1];

    snprintf(file->path, sizeof file->path, "%s", v->text);
    file->line = v->line;
    file->path_spot = v->spot;
    return 0;
}

SETTER(set_archive)
{
    TARGET;
    if (begin_form(f, v, FIRMWARE_ARCHIVE, c) != 0)
        return -1;
    /* `sha256` may stand before `archive`: both speak of file 0. */
    f->count = 1;
    return set_path(f, v);
}

SETTER(begin_image)
{
    TARGET;
    if (begin_form(f, v, FIRMWARE_IMAGES, c) != 0)
        return -1;
    if (f->count == JOB_IMAGES_MAX)
        return complain(c, FAIL_JOB, f->path, v->line, "images: more than %d files; merge some",
                        JOB_IMAGES_MAX);
    f->files[f->count++].line = v->line;
    return 0;
}

SETTER(begin_merged)
{
    TARGET;
    if (begin_form(f, v, FIRMWARE_MERGED, c) != 0)
        return -1;
    f->count = 1;
    f->files[0].line = v->line;
    return 0;
}

SETTER(set_file)
{
    TARGET;
    f->firmware_line = v->line;
    return set_path(f, v);
}

SETTER(set_offset)
{
    TARGET;
    if (v->number % SECTOR_SIZE != 0)
        return bad(f, v, c, "is not a multiple of 0x1000; flash is erased by 4 KiB sectors");
    f->files[f->count - 1].offset = (uint32_t)v->number;
    f->files[f->count - 1].has_offset = true;
    return 0;
}

static bool is_sha256(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static int pin(struct job_file *f, struct firmware_file *file, const struct schema_value *v,
               struct complaint *c)
{
    if (!is_sha256(v->text))
        return bad(f, v, c, "is no SHA-256: 64 lower-case hex digits");
    snprintf(file->sha256, sizeof file->sha256, "%s", v->text);
    file->sha256_line = v->line;
    file->sha256_spot = v->spot;
    return 0;
}

SETTER(set_sha256)
{
    TARGET;
    return pin(f, &f->files[f->count > 0 ? f->count - 1 : 0], v, c);
}

/* Beside `archive`; it may stand before or after it. */
SETTER(set_archive_sha256)
{
    ((struct job_file *)target)->archive_sha256_line = value->line;
    return set_sha256(target, value, c);
}

SETTER(set_filesystem)
{
    TARGET;
    snprintf(f->filesystem.path, sizeof f->filesystem.path, "%s", v->text);
    f->filesystem.line = v->line;
    f->filesystem.path_spot = v->spot;
    return 0;
}

SETTER(set_filesystem_sha256)
{
    TARGET;
    return pin(f, &f->filesystem, v, c);
}

SETTER(set_released)
{
    TARGET;
    f->job->released = v->number != 0;
    f->released_line = v->line;
    f->released_spot = v->spot;
    return 0;
}

SETTER(set_baud)
{
    TARGET;
    f->job->baud = (uint32_t)v->number;
    return 0;
}

/* A key of old files: nothing depends on it, and whoever wrote it is told so (firmware_source.c). */
SETTER(set_verify)
{
    TARGET;
    f->verify_line = v->line;
    return 0;
}

SETTER(set_retries)
{
    TARGET;
    f->job->retries = (int)v->number;
    return 0;
}

SETTER(set_reset)
{
    TARGET;
    static const char *const words[] = {"classic", "tight", "none"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(v->text, words[i]) == 0) {
            f->job->reset = (enum reset_method)i;
            return 0;
        }
    }
    if (!reset_words_are_good(v->text))
        return bad(f, v, c,
                   "is not known; write classic, tight, none or a sequence like D0|R1|W0.1|D1|R0|W0.05|D0");
    f->job->reset = RESET_CUSTOM;
    snprintf(f->job->reset_custom, sizeof f->job->reset_custom, "%s", v->text);
    return 0;
}

SETTER(set_stub)
{
    TARGET;
    f->job->stub = (enum stub_rule)v->number;
    return 0;
}

SETTER(set_stub_sha256)
{
    TARGET;
    if (!is_sha256(v->text))
        return bad(f, v, c, "is no SHA-256: 64 lower-case hex digits");
    snprintf(f->job->stub_sha256, sizeof f->job->stub_sha256, "%s", v->text);
    f->stub_sha256_line = v->line;
    f->stub_sha256_spot = v->spot;
    return 0;
}

SETTER(set_duplicate)
{
    TARGET;
    f->job->on_duplicate = (enum duplicate_rule)v->number;
    return 0;
}

SETTER(set_write_config)
{
    TARGET;
    f->write_config = v->number != 0;
    f->write_config_line = v->line;
    return 0;
}

/* "0x9000+0x5000", or "0x3FF000": one sector. 0: no range at all, -1: one that is not in whole sectors. */
static int parse_range(const char *text, struct span *out)
{
    const char *plus = strchr(text, '+');
    size_t len = plus != NULL ? (size_t)(plus - text) : strlen(text);
    int64_t offset, size = SECTOR_SIZE;
    char first[16];

    if (text[0] < '0' || text[0] > '9')
        return 0;
    if (len >= sizeof first)
        return -1;
    memcpy(first, text, len);
    first[len] = '\0';
    if (schema_parse_size(first, &offset) != 0 || (plus != NULL && schema_parse_size(plus + 1, &size) != 0))
        return -1;
    if (offset % SECTOR_SIZE != 0 || size % SECTOR_SIZE != 0 || size == 0 || offset >= FLASH_MAX ||
        size > FLASH_MAX - offset)
        return -1;
    *out = (struct span){(uint32_t)offset, (uint32_t)size};
    return 1;
}

static int add_word(struct job_file *f, struct range_words *list, const struct schema_value *v,
                    struct complaint *c)
{
    struct range_word *w = &list->words[list->count];
    int range;

    if (list->count == RANGE_WORDS)
        return complain(c, FAIL_JOB, f->path, v->line, "%s: more than %d places; name fewer", v->key,
                        RANGE_WORDS);
    range = parse_range(v->text, &w->range);
    if (range < 0)
        return bad(f, v, c, "is no range in whole 4 KiB sectors within 16 MB; write it like 0x9000+0x5000");
    if (range == 0 && strlen(v->text) >= sizeof w->name)
        return bad(f, v, c, "is longer than the 16 bytes of a partition's name");
    if (range == 0)
        snprintf(w->name, sizeof w->name, "%s", v->text);
    w->line = v->line;
    list->count++;
    return 0;
}

/* `none` takes back what the board type protects; everything else is added to it. */
SETTER(set_protect)
{
    TARGET;
    bool none = strcmp(v->text, "none") == 0;

    if (f->write_config || (none && f->protect.count > 0))
        return bad(f, v, c, "does not go with the rest of the list; 'none' stands alone");
    f->protect_line = v->line;
    if (!none)
        return add_word(f, &f->protect, v, c);
    f->write_config = true;
    return 0;
}

SETTER(set_erase)
{
    TARGET;
    bool all = strcmp(v->text, "all") == 0;

    if (f->erase.all || (all && f->erase.count > 0))
        return bad(f, v, c, "does not go with the rest of the list; 'all' stands alone");
    if (!all)
        return add_word(f, &f->erase, v, c);
    f->erase.all = true;
    f->erase.words[0].line = v->line;
    return 0;
}

SETTER(set_partial)
{
    TARGET;
    f->partial = v->number != 0;
    return 0;
}

SETTER(set_version)
{
    TARGET;
    snprintf(f->version, sizeof f->version, "%s", v->text);
    return 0;
}

SETTER(set_firmware_name)
{
    TARGET;
    snprintf(f->firmware_name, sizeof f->firmware_name, "%s", v->text);
    return 0;
}

SETTER(set_unchanged)
{
    TARGET;
    f->job->write_all = v->number != 0;
    return 0;
}

static const char *const verifies[] = {"md5", NULL};
static const char *const unchanged_words[] = {"skip", "write", NULL};
static const char *const stubs[] = {"auto", "no", NULL};

static const struct schema_rule revision_rules[] = {
    {.key = "min", .type = SCHEMA_TEXT, .min = 1, .max = 8, .set = set_revision_min},
    {.key = "max", .type = SCHEMA_TEXT, .min = 1, .max = 8, .set = set_revision_max},
    {.key = NULL}};

static const struct schema_rule image_rules[] = {
    {.key = "file", .type = SCHEMA_TEXT, .required = true, .min = 1, .max = 255, .set = set_file},
    {.key = "offset", .type = SCHEMA_NUMBER, .required = true, .max = FLASH_MAX - 1, .set = set_offset},
    {.key = "sha256", .type = SCHEMA_TEXT, .min = 1, .set = set_sha256},
    {.key = NULL}};

static const struct schema_rule merged_rules[] = {
    {.key = "file", .type = SCHEMA_TEXT, .max = 255, .set = set_file},
    {.key = "offset", .type = SCHEMA_NUMBER, .max = FLASH_MAX - 1, .set = set_offset},
    {.key = "sha256", .type = SCHEMA_TEXT, .min = 1, .set = set_sha256},
    {.key = NULL}};

static const struct schema_rule firmware_rules[] = {
    {.key = "archive", .type = SCHEMA_TEXT, .max = 255, .set = set_archive},
    {.key = "sha256", .type = SCHEMA_TEXT, .min = 1, .set = set_archive_sha256},
    {.key = "name", .type = SCHEMA_TEXT, .min = 1, .max = 127, .set = set_firmware_name},
    {.key = "images", .type = SCHEMA_MAP, .list = true, .map = image_rules, .set = begin_image},
    {.key = "merged", .type = SCHEMA_MAP, .map = merged_rules, .set = begin_merged},
    {.key = NULL}};

static const struct schema_rule job_rules[] = {
    {.key = "board", .type = SCHEMA_TEXT, .required = true, .min = 1, .max = 31, .set = set_board},
    {.key = "name", .type = SCHEMA_TEXT, .min = 1, .max = 63, .set = set_name},
    {.key = "chip", .type = SCHEMA_CHOICE, .required = true, .choice = chip_kind_name, .set = set_chip},
    {.key = "revision", .type = SCHEMA_MAP, .map = revision_rules},
    {.key = "flash_size",
     .type = SCHEMA_SIZE,
     .list = true,
     .min = 1 << 20,
     .max = FLASH_MAX,
     .set = set_flash_size},
    {.key = "require", .type = SCHEMA_MAP, .map = job_require_rules},
    {.key = "revision_decides_size", .type = SCHEMA_BOOL, .set = set_revision_decides},
    {.key = "firmware", .type = SCHEMA_MAP, .map = firmware_rules, .set = begin_firmware},
    {.key = "filesystem", .type = SCHEMA_TEXT, .min = 1, .max = 255, .set = set_filesystem},
    {.key = "filesystem_sha256", .type = SCHEMA_TEXT, .min = 1, .set = set_filesystem_sha256},
    {.key = "baud", .type = SCHEMA_NUMBER, .min = 9600, .max = 4000000, .set = set_baud},
    {.key = "verify", .type = SCHEMA_CHOICE, .choices = verifies, .set = set_verify},
    {.key = "retries", .type = SCHEMA_NUMBER, .max = 5, .set = set_retries},
    {.key = "reset", .type = SCHEMA_TEXT, .min = 1, .max = 127, .set = set_reset},
    {.key = "stub", .type = SCHEMA_CHOICE, .choices = stubs, .set = set_stub},
    {.key = "stub_sha256", .type = SCHEMA_TEXT, .min = 1, .set = set_stub_sha256},
    {.key = "on_duplicate", .type = SCHEMA_CHOICE, .choices = duplicate_words, .set = set_duplicate},
    {.key = "on_unchanged", .type = SCHEMA_CHOICE, .choices = unchanged_words, .set = set_unchanged},
    {.key = "protect", .type = SCHEMA_TEXT, .list = true, .min = 1, .max = 40, .set = set_protect},
    {.key = "erase", .type = SCHEMA_TEXT, .list = true, .min = 1, .max = 40, .set = set_erase},
    {.key = "partial", .type = SCHEMA_BOOL, .set = set_partial},
    {.key = "region", .type = SCHEMA_TEXT, .min = 1, .max = 63, .set = pycom_key_region},
    {.key = "eui", .type = SCHEMA_TEXT, .min = 1, .max = UNIT_TEXT_SIZE - 1, .set = pycom_key_eui},
    {.key = "unit", .type = SCHEMA_MAP, .list = true, .map = unit_key_rules, .set = unit_key_begin},
    {.key = "version", .type = SCHEMA_TEXT, .min = 1, .max = 63, .set = set_version},
    {.key = "write_config", .type = SCHEMA_BOOL, .set = set_write_config},
    {.key = "released", .type = SCHEMA_BOOL, .set = set_released},
    {.key = NULL}};

/* Up to its first dot; "" where that is no name for the records: they take it whole or not at all. */
static void name_by_file(struct job *job, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    size_t len = strcspn(base, ".");

    job->name[0] = '\0';
    if (len < sizeof job->name)
        snprintf(job->name, sizeof job->name, "%.*s", (int)len, base);
    if (plain_name_trouble(job->name) != NULL)
        job->name[0] = '\0';
}

void job_file_defaults(struct job_file *out, struct job *job, const char *path)
{
    memset(out, 0, sizeof *out);
    out->job = job;
    out->path = path;
    name_by_file(job, path);
    snprintf(job->path, sizeof job->path, "%s", path);
    snprintf(job->chip, sizeof job->chip, "%s", chip_kind_first()->name);
    job->baud = JOB_BAUD;
    job->retries = 1;
}

int job_file_check_name(const struct job_file *f, struct complaint *c)
{
    if (f->job->name[0] == '\0') /* a folder, "build/" or ".": by the firmware that was found in it */
        name_by_file(f->job, f->job->firmware_source);
    if (f->job->name[0] != '\0')
        return 0;
    return complain(
        c, FAIL_JOB, f->path, 0,
        "the file's name up to its first dot is no name for the records (1 to 63 bytes, nothing that "
        "acts); rename it, or write 'name:' in a job");
}

/* What no single key shows: pins need something to pin, bounds an order. */
static int apply_model(struct job_file *f, struct complaint *c)
{
    const struct pycom_model *m = f->model;
    uint32_t *sizes = f->job->flash_sizes;
    size_t n = 0;

    if (m == NULL)
        return 0;
    for (size_t i = 0; i < sizeof f->job->flash_sizes / sizeof sizes[0] && sizes[i] != 0; i++)
        if (!(sizes[i] == 4u << 20 && m->has_4mb) && !(sizes[i] == 8u << 20 && m->has_8mb))
            return complain(c, FAIL_JOB, f->path, f->flash_size_line,
                            "flash_size: a %s has %s; leave the line out, or name another board", m->name,
                            !m->has_8mb   ? "4 MB"
                            : !m->has_4mb ? "8 MB"
                                          : "4 or 8 MB");
    if (sizes[0] == 0 && m->has_4mb)
        sizes[n++] = 4u << 20;
    if (sizes[0] == 0 || (n == 1 && m->has_8mb))
        sizes[n] = 8u << 20;
    f->job->revision_decides_size = true;
    return 0;
}

static int check_whole(const struct job_file *f, struct complaint *c)
{
    const struct chip_kind *kind = chip_kind_by_name(f->job->chip);

    if (job_file_check_name(f, c) != 0)
        return -1;
    if (kind != NULL && f->job->revision_min > kind->last_revision)
        return complain(c, FAIL_JOB, f->path, f->revision_min_line,
                        "min: '%s' is beyond every %s; write %d.%d or less", f->revision_min, kind->title,
                        kind->last_revision / 100, kind->last_revision % 100);
    if (f->revision_max_line != 0 && f->job->revision_max < f->job->revision_min)
        return complain(c, FAIL_JOB, f->path, f->revision_max_line, "revision: max is below min; swap them");
    if (job_require_check(&f->job->require, f->job->chip, f->path, c) != 0)
        return -1;
    if (f->form == FIRMWARE_UNSAID && f->files[0].sha256_line != 0)
        return complain(c, FAIL_JOB, f->path, f->files[0].sha256_line,
                        "sha256: no firmware is named beside it; add 'archive:' or remove it");
    if ((f->form == FIRMWARE_IMAGES || f->form == FIRMWARE_MERGED) && f->archive_sha256_line != 0)
        return complain(c, FAIL_JOB, f->path, f->archive_sha256_line,
                        "sha256: does not say which file it is of; write it below the file's own 'file:'");
    if (f->filesystem.sha256_line != 0 && f->filesystem.line == 0)
        return complain(c, FAIL_JOB, f->path, f->filesystem.sha256_line,
                        "filesystem_sha256: no 'filesystem:' is named that it is of; name it or remove it");
    if (f->protect_line != 0 && f->write_config_line != 0)
        return complain(c, FAIL_JOB, f->path, f->write_config_line,
                        "write_config: 'protect' at line %d says it already; remove write_config",
                        f->protect_line);
    if (f->job->released && f->count == 0 && f->filesystem.line == 0)
        return complain(c, FAIL_JOB, f->path, f->released_line,
                        "released: no firmware is named; name it and run "
                        "'flashline job release'");
    return 0;
}

int job_file_read(const char *path, struct arena *a, const uint8_t **bytes, size_t *size, struct complaint *c)
{
    struct place at = {path, 0, NULL};

    /* Firmware given as a job is larger than any job: it is read all the same, to be called by its name. */
    if (file_bytes_read(path, ARCHIVE_FILE_MAX, a, bytes, size, FAIL_JOB, &at, c) != 0)
        return -1;
    if (!file_kind_may_be_text(file_kind_of(*bytes, *size)))
        return file_refuse(*bytes, *size, FAIL_JOB, "a job file (YAML)", &at, c);
    if (*size > JOB_FILE_MAX)
        return complain_at(c, FAIL_JOB, &at, "has %zu bytes, more than the %u allowed; is it the right file?",
                           *size, JOB_FILE_MAX);
    return 0;
}

static int check_pinned(const struct job_file *f, const struct firmware_file *file, struct complaint *c)
{
    if (file->sha256[0] != '\0')
        return 0;
    return complain(c, FAIL_JOB, f->path, file->line,
                    "released: this file has no sha256; run 'flashline job release' on the job");
}

int job_file_unit(struct job_file *f, struct complaint *c)
{
    if (pycom_keys_add(f, c) != 0 || unit_spec_check(&f->unit, f->path, c) != 0)
        return -1;
    f->job->unit = f->unit.count > 0 ? &f->unit : NULL;
    return 0;
}

int job_file_parse(const void *bytes, size_t size, struct job_file *out, struct complaint *c)
{
    if (schema_read(out->path, bytes, size, job_rules, out, FAIL_JOB, c) != 0)
        return -1;
    if (check_whole(out, c) != 0 || apply_model(out, c) != 0 || job_file_unit(out, c) != 0)
        return -1;
    for (size_t i = 0; out->job->released && i < out->count; i++)
        if (check_pinned(out, &out->files[i], c) != 0)
            return -1;
    return out->job->released && out->filesystem.line != 0 ? check_pinned(out, &out->filesystem, c) : 0;
}
