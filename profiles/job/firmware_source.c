/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/firmware_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/plain.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/file_refusal.h"
#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/firmware_version.h"
#include "profiles/firmware/pycom_script.h"
#include "profiles/job/build_folder.h"
#include "profiles/job/filesystem_place.h"
#include "profiles/job/merged_image.h"
#include "profiles/job/pycom_board.h"
#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"
#include "profiles/text/file_bytes.h"

#define MB (1024u * 1024)

struct loader {
    struct job_file *file;
    struct job *job;
    struct arena *arena;
    struct complaint *c;
    struct plan_warnings *warnings;
    struct plan_context ctx;
    struct place at;
    const uint8_t *app; /* of the first plan */
    size_t app_size;
    bool from_here;          /* the files' paths are as seen from here, not from the job */
    struct idf_build *build; /* NULL: the firmware is no build's folder */
    struct filesystem fs;    /* of the job; data NULL: none */
    const char *unnamed; /* the firmware's file has a name that the records do not take; NULL: it has one */
};

/* What a lone file may be, as it is said of one that is something else. */
static const char wanted[] = "a firmware archive or a merged image";

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

bool firmware_source_name(struct job *job, const char *path)
{
    const char *name = base_name(path);
    bool fits = strlen(name) < sizeof job->firmware_source && plain_trouble(name) == NULL;

    snprintf(job->firmware_source, sizeof job->firmware_source, "%s", fits ? name : "");
    return fits;
}

static void name_source(struct loader *l, const char *path)
{
    l->unnamed = firmware_source_name(l->job, path) ? NULL : path;
}

/* `file` as seen from the folder of the job `job_path`; absolute paths stay. Returns 0 or -1 (too long). */
static int firmware_source_resolve(const char *job_path, const char *file, char *out, size_t size)
{
    const char *slash = strrchr(job_path, '/');
    int n;

    if (file[0] == '/' || slash == NULL)
        n = snprintf(out, size, "%s", file);
    else
        n = snprintf(out, size, "%.*s/%s", (int)(slash - job_path), job_path, file);
    return n >= 0 && (size_t)n < size ? 0 : -1;
}

static int find_file(const struct job_file *file, const struct firmware_file *f, struct complaint *c)
{
    struct place at = {file->path, f->line, f->path};
    char path[1024];

    if (f->path[0] == '\0')
        return 0;
    if (firmware_source_resolve(file->path, f->path, path, sizeof path) != 0)
        return complain_at(c, FAIL_FIRMWARE, &at, "its path is too long");
    if (access(path, R_OK) != 0)
        return complain_at(c, FAIL_FIRMWARE, &at, "cannot be read: %s", errno_text(errno));
    return 0;
}

int firmware_source_find(const struct job_file *file, struct complaint *c)
{
    for (size_t i = 0; i < file->count; i++)
        if (find_file(file, &file->files[i], c) != 0)
            return -1;
    return find_file(file, &file->filesystem, c);
}

static int out_of_memory(struct loader *l)
{
    return complain_at(l->c, FAIL_NO_MEMORY, &l->at, "out of memory");
}

static void take_chip(struct loader *l, const struct chip_kind *kind)
{
    snprintf(l->job->chip, sizeof l->job->chip, "%s", kind->name);
    l->ctx.chip_id = kind->image_id;
}

static int check_pin(struct loader *l, const struct firmware_file *f)
{
    char text[SHA256_TEXT_SIZE];

    digest_hex(f->found, SHA256_SIZE, text);
    if (f->sha256[0] == '\0' || strcmp(f->sha256, text) == 0)
        return 0;
    return complain_at(
        l->c, FAIL_HASH_MISMATCH, &l->at,
        "has SHA-256 %s, the job was released with %s (line %d); get the released file, or release anew",
        text, f->sha256, f->sha256_line);
}

/* Forms that carry an image, or stand for it, and are not its bytes: at no offset whatever is that what was meant. */
static bool is_never_written(enum file_kind kind)
{
    return kind == FILE_KIND_LFS_POINTER || kind == FILE_KIND_ELF || kind == FILE_KIND_INTEL_HEX ||
           kind == FILE_KIND_SRECORD || kind == FILE_KIND_UF2;
}

/* Opens a file of the job: `from_here` as seen from here, NULL: the job's own path as seen from the job. */
static int read_file(struct loader *l, struct firmware_file *f, const char *from_here, const uint8_t **data,
                     size_t *size)
{
    char path[1024];

    l->at.line = f->line;
    l->at.inside = from_here != NULL ? from_here : f->path;
    if (strcmp(l->at.inside, l->at.file) == 0)
        l->at.inside = NULL; /* the firmware is all there is */
    if (from_here != NULL)
        snprintf(path, sizeof path, "%s", from_here);
    else if (firmware_source_resolve(l->file->path, f->path, path, sizeof path) != 0)
        return complain_at(l->c, FAIL_FIRMWARE, &l->at, "its path is too long");
    if (file_bytes_read(path, ARCHIVE_FILE_MAX, l->arena, data, size, FAIL_FIRMWARE, &l->at, l->c) != 0)
        return -1;
    if (is_never_written(file_kind_of(*data, *size)))
        return file_refuse(*data, *size, FAIL_FIRMWARE,
                           l->file->form == FIRMWARE_IMAGES ? "the plain bytes of an image" : wanted, &l->at,
                           l->c);
    digest_sha256(*data, *size, f->found);
    return check_pin(l, f);
}

/* What the image says of itself; then the file's name; then nothing. */
static int learn_version(struct loader *l, const uint8_t *app, size_t size, const char *file)
{
    struct job *job = l->job;
    struct firmware_version v = {.origin = "none"};

    if (app != NULL)
        firmware_version_find(app, size, &v);
    if (v.version[0] == '\0') {
        firmware_version_of_name(file, v.version, sizeof v.version);
        v.origin = v.version[0] != '\0' ? "archive name" : "none";
    }
    snprintf(job->firmware_version, sizeof job->firmware_version, "%s",
             v.version[0] != '\0' ? v.version : "unversioned");
    snprintf(job->firmware_board, sizeof job->firmware_board, "%s", v.board);
    job->version_origin = v.origin;
    if (l->file->version[0] != '\0') {
        if (v.version[0] != '\0' && strcmp(v.version, l->file->version) != 0)
            plan_warn(&l->ctx, "the job says version %s, the firmware %s (from %s): the job's is recorded",
                      l->file->version, v.version, v.origin);
        snprintf(job->firmware_version, sizeof job->firmware_version, "%s", l->file->version);
        job->version_origin = "job";
    }
    if (job->board[0] == '\0')
        snprintf(job->board, sizeof job->board, "%s", v.board[0] != '\0' ? v.board : job->chip);
    /* A job for a bare chip takes any firmware; one for a board takes no other board's. */
    if (v.board[0] != '\0' && strcasecmp(job->board, job->chip) != 0 && strcasecmp(job->board, v.board) != 0)
        return complain_at(l->c, FAIL_FIRMWARE, &l->at,
                           "is firmware for %s, the job is for %s; take the right one", v.board, job->board);
    return 0;
}

static uint64_t plan_bytes(const struct plan *plan)
{
    uint64_t n = plan->boot != NULL ? plan->boot->size : 0;

    for (size_t i = 0; i < plan->piece_count; i++)
        n += plan->pieces[i].size;
    for (size_t i = 0; i < plan->final_count; i++)
        n += plan->finals[i].size;
    return n;
}

/* One plan from the archive's script for this size. *c may differ from the loader's: a lenient try. */
static int plan_script(struct loader *l, const struct firmware_archive *archive, uint32_t flash_size,
                       struct plan *out, struct complaint *c)
{
    const struct archive_member *member = pycom_script_choose(archive, flash_size, &l->at, c);
    struct pycom_script *script = arena_alloc(l->arena, sizeof *script);
    struct plan_draft *draft = arena_alloc(l->arena, sizeof *draft);

    if (script == NULL || draft == NULL)
        return complain_at(c, FAIL_NO_MEMORY, &l->at, "out of memory");
    if (member == NULL)
        return -1;
    l->ctx.c = c;
    if (pycom_script_parse(member, script, &l->at, c) != 0 ||
        pycom_script_check_build(script, archive, &l->at, c) != 0)
        return -1;
    snprintf(draft->name, sizeof draft->name, "%s", member->name);
    draft->flash_size = flash_size;
    draft->partial = l->file->partial;
    if (plan_add_script(&l->ctx, draft, script, archive) != 0 ||
        (l->fs.data != NULL && filesystem_add(&l->ctx, draft, &l->fs) != 0) ||
        plan_finish(&l->ctx, draft, out) != 0)
        return -1;
    if (l->app == NULL) {
        l->app = draft->app;
        l->app_size = draft->app_size;
    }
    if (flash_size == 8 * MB && firmware_archive_find(archive, "script_8MB") == NULL &&
        firmware_archive_find(archive, "script_4MB") != NULL)
        plan_warn(&l->ctx,
                  "the archive ships scripts for 4 MB only: a board with 8 MB gets '%s' and its 4 MB layout",
                  member->name);
    return 0;
}

static int load_archive(struct loader *l, const uint8_t *data, size_t size)
{
    static const uint32_t usual[] = {4 * MB, 8 * MB, 0};
    bool strict = l->job->flash_sizes[0] != 0;
    const uint32_t *sizes = strict ? l->job->flash_sizes : usual;
    struct firmware_archive archive;
    struct complaint first = {0};

    if (firmware_archive_read(data, size, l->arena, &archive, &l->at, l->c) != 0)
        return -1;
    for (int i = 0; i < 8 && sizes[i] != 0; i++) {
        struct complaint why = {0};

        if (plan_script(l, &archive, sizes[i], &l->job->plans[l->job->plan_count], &why) == 0) {
            l->job->plan_count++;
        } else if (strict || why.code == FAIL_NO_MEMORY) {
            l->ctx.c = l->c;
            if (l->c != NULL && l->c->code == FAILURE_NONE)
                *l->c = why;
            return -1;
        } else {
            /* Without a job the archive decides which boards it serves; what it cannot serve is said, not fatal. */
            plan_warn(&l->ctx, "not for boards with %u MB: %s", sizes[i] / MB, why.text);
            first = first.code == FAILURE_NONE ? why : first;
        }
    }
    l->ctx.c = l->c;
    if (l->job->plan_count == 0) {
        if (l->c != NULL && l->c->code == FAILURE_NONE)
            *l->c = first;
        return -1;
    }
    return learn_version(l, l->app, l->app_size, l->job->firmware_source);
}

/* Whose board it is decides whether 0x3FF000 is an identity: by the job's word, or the firmware's. */
static bool is_for_pycom(const struct loader *l, const uint8_t *const *data, const size_t *size)
{
    struct firmware_version v;

    if (pycom_board_is(l->job->board))
        return true;
    for (size_t i = 0; i < l->file->count; i++) {
        firmware_version_find(data[i], size[i], &v);
        if (pycom_board_is(v.board))
            return true;
    }
    return false;
}

/* Of several files the application is what the record calls the firmware by, not the bootloader that is listed first. */
static void name_by_app(struct loader *l, const struct plan_draft *draft, const uint8_t *const *data)
{
    for (size_t i = 0; l->file->count > 1 && i < l->file->count; i++)
        if (draft->app == data[i])
            name_source(l, l->file->files[i].path);
}

/* A build's sizes are no word of a job's: those that its own files leave out of reach go. */
static void prune_sizes(struct loader *l, const struct plan *plan)
{
    const size_t room = sizeof l->job->flash_sizes / sizeof l->job->flash_sizes[0];
    size_t kept = 0;

    for (size_t i = 0; i < room && l->job->flash_sizes[i] != 0; i++)
        if (l->job->flash_sizes[i] >= plan->needs_size)
            l->job->flash_sizes[kept++] = l->job->flash_sizes[i];
    if (kept < room)
        l->job->flash_sizes[kept] = 0;
}

const struct firmware_file *firmware_source_first(const struct job_file *file)
{
    return file->count == 0 && file->filesystem.line != 0 ? &file->filesystem : &file->files[0];
}

static int load_images(struct loader *l, const uint8_t *const *data, const size_t *size)
{
    struct plan_draft *draft = arena_alloc(l->arena, sizeof *draft);
    struct plan *plan = &l->job->plans[0];

    if (draft == NULL)
        return out_of_memory(l);
    snprintf(draft->name, sizeof draft->name, "%s", l->file->form == FIRMWARE_MERGED ? "merged" : "files");
    draft->partial = l->file->partial;
    draft->pycom = is_for_pycom(l, data, size);
    l->ctx.plain_board = l->file->write_config_line == 0 && !draft->pycom;
    for (size_t i = 0; i < l->file->count; i++) {
        l->at.line = l->file->files[i].line;
        if (plan_add_region(&l->ctx, draft, base_name(l->file->files[i].path), l->file->files[i].offset,
                            data[i], size[i]) != 0)
            return -1;
    }
    l->at.inside = NULL;
    l->at.line = firmware_source_first(l->file)->line;
    if ((l->fs.data != NULL && filesystem_add(&l->ctx, draft, &l->fs) != 0) ||
        plan_finish(&l->ctx, draft, plan) != 0)
        return -1;
    l->job->plan_count = 1;
    if (l->ctx.flash_sizes == NULL)
        prune_sizes(l, plan);
    name_by_app(l, draft, data);
    if (l->file->count == 1) /* of several the plan has named the one it means */
        l->at.inside = l->file->files[0].path;
    return learn_version(l, draft->app, draft->app_size, l->job->firmware_source);
}

/* What a job with an offset may be given by hand for it. */
static bool may_be_bytes(enum file_kind kind)
{
    return kind == FILE_KIND_UNKNOWN || kind == FILE_KIND_ESP_IMAGE || kind == FILE_KIND_PARTITION_TABLE ||
           kind == FILE_KIND_BLANK;
}

/* An image alone, or none that has a table: of another chip than the job's it is told as that first. */
static int refuse_file(struct loader *l, const uint8_t *data, size_t size)
{
    const struct chip_kind *mine = plan_kind(&l->ctx);
    struct esp_image image;
    const char *why;

    if (!l->file->says_chip || !esp_image_is(data, size))
        return file_refuse(data, size, FAIL_FIRMWARE, wanted, &l->at, l->c);
    esp_image_parse(data, size, &image, &why);
    if (image.chip_id == mine->image_id)
        return file_refuse(data, size, FAIL_FIRMWARE, wanted, &l->at, l->c);
    return complain_at(l->c, FAIL_FIRMWARE, &l->at,
                       "is one %s image (chip id %u), and the job is for %s; take the build for %s",
                       esp_chip_id_name(image.chip_id), image.chip_id, mine->title, mine->title);
}

/* A lone file: what it is decides where it goes. Only an application alone goes where the job says. */
static int place_file(struct loader *l, const uint8_t *data, size_t size, bool chosen)
{
    struct firmware_file *f = &l->file->files[0];
    const struct merged_for where = {plan_kind(&l->ctx), l->arena, &l->at, l->c}, *m = &where;
    uint32_t offset, table_at;

    if (merged_refuse_elsewhere(m, data, size) != 0)
        return -1;
    if (merged_offset(m, data, size, &offset, &table_at) != 0)
        return l->file->form == FIRMWARE_MERGED && f->has_offset &&
                       (!chosen || may_be_bytes(file_kind_of(data, size)))
                   ? 0
                   : refuse_file(l, data, size);
    if (l->file->form == FIRMWARE_MERGED && !f->has_offset)
        f->offset = offset;
    if (l->file->form == FIRMWARE_MERGED && offset != f->offset && chosen)
        plan_warn(&l->ctx, "this image belongs at 0x%x and is written there; the job's 0x%x is for others",
                  offset, f->offset);
    if (l->file->form == FIRMWARE_MERGED && !chosen)
        return offset == f->offset ? merged_check_whole(m, data, size, offset, table_at) : 0;
    l->file->form = FIRMWARE_MERGED;
    f->offset = offset;
    return merged_check_whole(m, data, size, offset, table_at);
}

static void name_by_first(struct loader *l, const char *override)
{
    struct job_file *file = l->file;
    const char *path = override != NULL ? override : firmware_source_first(file)->path;

    if (l->build != NULL && l->build->app < file->count)
        path = file->files[l->build->app].path;
    name_source(l, path);
}

static int load_files(struct loader *l, const uint8_t **data, size_t *size, const char *override)
{
    uint8_t shas[JOB_IMAGES_MAX + 1][SHA256_SIZE];
    struct job_file *file = l->file;
    size_t count = file->count;

    for (size_t i = 0; i < file->count; i++) {
        const char *from_here = override != NULL ? override : l->from_here ? file->files[i].path : NULL;

        if (read_file(l, &file->files[i], from_here, &data[i], &size[i]) != 0)
            return -1;
        memcpy(shas[i], file->files[i].found, SHA256_SIZE);
    }
    if (l->fs.data != NULL)
        memcpy(shas[count++], file->filesystem.found, SHA256_SIZE);
    if (count == 1)
        memcpy(l->job->firmware_sha256, shas[0], SHA256_SIZE);
    else
        digest_sha256(shas, count * SHA256_SIZE, l->job->firmware_sha256);
    return 0;
}

static int load_filesystem(struct loader *l)
{
    struct firmware_file *f = &l->file->filesystem;
    struct place at = l->at;

    if (f->line == 0)
        return 0;
    if (read_file(l, f, NULL, &l->fs.data, &l->fs.size) != 0)
        return -1;
    l->fs.name = base_name(f->path);
    l->fs.line = f->line;
    l->at = at;
    return 0;
}

static int load_all(struct loader *l, const char *override)
{
    const uint8_t *data[JOB_IMAGES_MAX] = {NULL};
    size_t size[JOB_IMAGES_MAX] = {0};
    struct job_file *file = l->file;

    if (load_filesystem(l) != 0 || load_files(l, data, size, override) != 0)
        return -1;
    name_by_first(l, override);
    if (l->build != NULL && !build_folder_tell(&l->ctx, l->build, data, size))
        file->partial = true;
    if (file->form == FIRMWARE_IMAGES || file->count == 0)
        goto images;
    if ((file->form == FIRMWARE_ARCHIVE || override != NULL) && firmware_archive_is(data[0], size[0]))
        return load_archive(l, data[0], size[0]);
    if (override == NULL && file->form == FIRMWARE_ARCHIVE)
        return file_refuse(data[0], size[0], FAIL_FIRMWARE, "the firmware archive that 'archive:' names",
                           &l->at, l->c);
    if (!file->says_chip && merged_chip(data[0], size[0]) != NULL)
        take_chip(l, merged_chip(data[0], size[0]));
    if (place_file(l, data[0], size[0], override != NULL) != 0)
        return -1;
images:
    if (override != NULL)
        snprintf(file->files[0].path, sizeof file->files[0].path, "%.255s", base_name(override));
    return load_images(l, data, size);
}

/* The folder of a build takes the place of all that the job says of its firmware. */
static int take_build(struct loader *l, const char *folder)
{
    struct place at = {l->file->path, l->file->firmware_line, folder};
    bool alone = strcmp(l->file->path, folder) == 0; /* no job file says anything else */

    if (alone)
        at.inside = NULL;
    l->build = arena_alloc(l->arena, sizeof *l->build);
    if (l->build == NULL)
        return out_of_memory(l);
    l->from_here = true;
    if (build_folder_read(folder, l->arena, l->build, &at, l->c) != 0)
        return -1;
    if (build_folder_fill(folder, l->build, alone, l->file, &at, l->c) != 0)
        return -1;
    if (alone) {
        take_chip(l, chip_kind_by_name(l->job->chip));
        l->ctx.flash_sizes = NULL;
    }
    return 0;
}

static int check_named(struct loader *l, const char *override)
{
    struct job_file *file = l->file;

    if (override != NULL) {
        if (file->count > 1)
            return complain(l->c, FAIL_JOB, file->path, file->firmware_line,
                            "firmware: the job lists %zu files; --firmware can replace only one",
                            file->count);
        if (file->count == 0)
            file->files[0].line = file->firmware_line;
        file->count = 1;
        return 0;
    }
    if (file->count == 0 && file->partial && file->filesystem.line != 0)
        return 0;
    if (file->count == 0 || file->files[0].path[0] == '\0')
        return complain(l->c, FAIL_JOB, file->path, file->firmware_line,
                        "firmware: no file is named; name it here or give --firmware FILE");
    return 0;
}

/* An image runs only on the revisions its header names: other boards would pass and boot nothing. */
static int narrow_revisions(struct loader *l)
{
    struct job *job = l->job;

    if (l->ctx.revision_min > job->revision_min) {
        plan_warn(&l->ctx, "the images need chip revision %d.%d or later: older boards are refused",
                  l->ctx.revision_min / 100, l->ctx.revision_min % 100);
        job->revision_min = l->ctx.revision_min;
    }
    if (l->ctx.revision_max != 0 && (job->revision_max == 0 || l->ctx.revision_max < job->revision_max))
        job->revision_max = l->ctx.revision_max;
    if (job->revision_max != 0 && job->revision_max < job->revision_min)
        return complain_at(
            l->c, FAIL_FIRMWARE, &l->at,
            "no chip revision is left that the job accepts and the images run on (%d.%d to %d.%d)",
            l->ctx.revision_min / 100, l->ctx.revision_min % 100, job->revision_max / 100,
            job->revision_max % 100);
    return 0;
}

int firmware_source_load(struct job_file *file, const char *firmware, struct arena *arena,
                         struct complaint *c)
{
    struct loader l = {.file = file, .job = file->job, .arena = arena, .c = c};
    struct piece_store *store = arena_alloc(arena, sizeof *store);

    l.at = (struct place){file->path, file->firmware_line, NULL};
    l.warnings = arena_alloc(arena, sizeof *l.warnings);
    file->job->plans = arena_alloc(arena, 8 * sizeof *file->job->plans);
    if (store == NULL || l.warnings == NULL || file->job->plans == NULL)
        return out_of_memory(&l);
    store->arena = arena;
    store->compress = true;
    l.ctx = (struct plan_context){.arena = arena,
                                  .store = store,
                                  .warnings = l.warnings,
                                  .at = &l.at,
                                  .c = c,
                                  .write_config = file->write_config,
                                  .protect = &file->protect,
                                  .erase = &file->erase,
                                  .unit = file->unit.places,
                                  .unit_count = file->unit.count,
                                  .flash_sizes = file->job->flash_sizes,
                                  .flash_size_line = file->flash_size_line,
                                  .chip_id = chip_kind_by_name(file->job->chip)->image_id};
    if (file->verify_line != 0)
        plan_warn(&l.ctx,
                  "line %d: 'verify' is no key any more and may go: every region is verified in any case",
                  file->verify_line);
    if (firmware != NULL && build_folder_is(firmware)) {
        if (take_build(&l, firmware) != 0)
            return -1;
        firmware = NULL;
    }
    if (file->write_config_line != 0)
        plan_warn(&l.ctx, "line %d: 'write_config: %s' is now '%s'", file->write_config_line,
                  file->write_config ? "yes" : "no",
                  file->write_config ? "protect: none" : "protect: 0x3FF000");
    if (check_named(&l, firmware) != 0 || load_all(&l, firmware) != 0 || narrow_revisions(&l) != 0)
        return -1;
    for (size_t i = 0; i < file->job->plan_count; i++)
        if (plan_bytes(&file->job->plans[i]) > file->job->image_bytes)
            file->job->image_bytes = plan_bytes(&file->job->plans[i]);
    if (file->firmware_name[0] != '\0')
        snprintf(file->job->firmware_source, sizeof file->job->firmware_source, "%s", file->firmware_name);
    else if (l.unnamed != NULL)
        return complain_at(
            c, FAIL_FIRMWARE, &l.at,
            "%s: a file's name of more than 127 bytes, or with characters that act, is not taken into "
            "the records; rename it, or write 'name:' under 'firmware:'",
            l.unnamed);
    file->job->warnings = l.warnings->texts;
    file->job->warning_count = l.warnings->count;
    return 0;
}
