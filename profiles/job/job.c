/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/file_kind.h"
#include "profiles/firmware/firmware_archive.h"
#include "profiles/job/build_folder.h"
#include "profiles/job/firmware_source.h"
#include "profiles/job/job_file.h"
#include "profiles/job/pycom_board.h"
#include "profiles/job/pycom_keys.h"
#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"
#include "profiles/text/complaint.h"
#include "profiles/text/file_bytes.h"

#define MB (1024u * 1024)

static struct job *job_new(struct complaint *c, const char *path)
{
    struct job *job = calloc(1, sizeof *job);

    if (job != NULL)
        job->memory = arena_new();
    if (job != NULL && job->memory != NULL)
        return job;
    complain(c, FAIL_NO_MEMORY, path, 0, "out of memory");
    free(job);
    return NULL;
}

/* A job with its defaults, and the file that fills it, which lives in the job's memory. NULL: it is complained. */
static struct job *job_begin(const char *path, struct job_file **file, struct complaint *c)
{
    struct job *job = job_new(c, path);

    if (job == NULL)
        return NULL;
    *file = arena_alloc(job->memory, sizeof **file);
    if (*file == NULL) {
        complain(c, FAIL_NO_MEMORY, path, 0, "out of memory");
        job_free(job);
        return NULL;
    }
    job_file_defaults(*file, job, path);
    return job;
}

static struct job *load(const char *path, const struct job_extra *extra, bool settings_only,
                        struct complaint *c)
{
    struct job_file *file;
    struct job *job = job_begin(path, &file, c);
    const uint8_t *bytes;
    size_t size;

    if (job == NULL)
        return NULL;
    if (job_file_read(path, job->memory, &bytes, &size, c) != 0)
        goto fail;
    digest_sha256(bytes, size, job->sha256);
    file->region_option = extra->region;
    if (job_file_parse(bytes, size, file, c) != 0)
        goto fail;
    if (settings_only)
        firmware_source_name(job, firmware_source_first(file)->path);
    if (settings_only ? firmware_source_find(file, c) != 0
                      : firmware_source_load(file, extra->firmware, job->memory, c) != 0)
        goto fail;
    if (!settings_only && pycom_keys_check(file, c) != 0)
        goto fail;
    return job;
fail:
    job_free(job);
    return NULL;
}

struct job *job_load(const char *path, const char *firmware, struct complaint *c)
{
    const struct job_extra extra = {.firmware = firmware};

    return load(path, &extra, false, c);
}

struct job *job_load_settings(const char *path, struct complaint *c)
{
    const struct job_extra none = {0};

    return load(path, &none, true, c);
}

static struct job *from_firmware(const char *firmware, const char *region, struct complaint *c)
{
    struct job_file *file;
    struct job *job = job_begin(firmware, &file, c);

    if (job == NULL)
        return NULL;
    /* The folder of a build has a name of its own, which loading brings: "build/" has none. */
    file->region_option = region;
    if (job_file_unit(file, c) != 0 || firmware_source_load(file, firmware, job->memory, c) != 0 ||
        job_file_check_name(file, c) != 0 || pycom_keys_check(file, c) != 0) {
        job_free(job);
        return NULL;
    }
    memcpy(job->sha256, job->firmware_sha256, SHA256_SIZE);
    job->revision_decides_size = pycom_board_is(job->board);
    job->for_firmware = true;
    return job;
}

struct job *job_from_firmware(const char *firmware, struct complaint *c)
{
    return from_firmware(firmware, NULL, c);
}

static bool is_named_job(const char *path)
{
    size_t len = strlen(path);

    return (len >= 5 && strcmp(path + len - 5, ".yaml") == 0) ||
           (len >= 4 && strcmp(path + len - 4, ".yml") == 0);
}

/* -1: *c says why it cannot be read. */
static int look_for_job(const char *path, bool *is_job, struct complaint *c)
{
    struct place at = {path, 0, NULL};
    struct arena *a = arena_new();
    const uint8_t *bytes;
    size_t size;
    int rc = -1;

    if (a == NULL)
        complain(c, FAIL_NO_MEMORY, path, 0, "out of memory");
    else
        rc = file_bytes_read(path, ARCHIVE_FILE_MAX, a, &bytes, &size, FAIL_FIRMWARE, &at, c);
    *is_job = rc == 0 && file_kind_of(bytes, size) == FILE_KIND_JOB;
    arena_free(a);
    return rc;
}

struct job *job_open(const char *path, const struct job_extra *extra, struct complaint *c)
{
    bool is_job = is_named_job(path);

    if (!is_job && !build_folder_is(path) && look_for_job(path, &is_job, c) != 0)
        return NULL;
    if (is_job)
        return load(path, extra, false, c);
    if (extra->firmware == NULL)
        return from_firmware(path, extra->region, c);
    complain(c, FAIL_FIRMWARE, path, 0, "is no job file, so no --firmware goes with it; name one of the two");
    return NULL;
}

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    arena_free(job->memory);
    free(job);
}

static void list_plans(const struct job *job, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < job->plan_count && used < size; i++) {
        const struct plan *p = &job->plans[i];
        uint32_t bytes = p->flash_size != 0 ? p->flash_size : p->needs_size;
        int n = snprintf(out + used, size - used, "%s%s (%s%u MB)", i > 0 ? ", " : "", p->name,
                         p->flash_size != 0 ? "" : "at least ", (bytes + MB - 1) / MB);

        used += n > 0 ? (size_t)n : 0;
    }
}

static int refuse_revision(const struct job *job, int revision, struct failure *f)
{
    char upto[32] = " or later";

    if (job->revision_max != 0)
        snprintf(upto, sizeof upto, " to v%d.%d", job->revision_max / 100, job->revision_max % 100);
    return failure_set(f, FAIL_WRONG_REVISION, STAGE_GATE, 0, "revision v%d.%d, the job takes v%d.%d%s",
                       revision / 100, revision % 100, job->revision_min / 100, job->revision_min % 100,
                       upto);
}

static bool size_allowed(const struct job *job, uint32_t size)
{
    const size_t count = sizeof job->flash_sizes / sizeof job->flash_sizes[0];

    if (job->flash_sizes[0] == 0)
        return true;
    for (size_t i = 0; i < count && job->flash_sizes[i] != 0; i++) {
        if (job->flash_sizes[i] == size)
            return true;
    }
    return false;
}

int job_accepts(const struct job *job, int revision, uint32_t flash_size, struct failure *f)
{
    /* Such firmware takes revision 0 for a 4 MB board and every later one for 8 MB, whatever the flash says. */
    uint32_t by_revision = revision < 100 ? 4 * MB : 8 * MB;

    if (revision < job->revision_min || (job->revision_max != 0 && revision > job->revision_max))
        return refuse_revision(job, revision, f);
    if (flash_size > FLASH_MAX)
        return failure_set(f, FAIL_WRONG_FLASH_SIZE, STAGE_GATE, 0,
                           "%u MB: the loader's addresses reach 16 MB only", flash_size / MB);
    if (!size_allowed(job, flash_size))
        return failure_set(f, FAIL_WRONG_FLASH_SIZE, STAGE_GATE, 0,
                           "%u MB is not among the job's flash sizes", flash_size / MB);
    if (job->revision_decides_size && flash_size != by_revision)
        return failure_set(f, FAIL_REVISION_SIZE, STAGE_GATE, 0,
                           "revision v%d.%d stands for %u MB, the flash has %u MB", revision / 100,
                           revision % 100, by_revision / MB, flash_size / MB);
    return 0;
}

/* A job for the bare chip may carry the firmware of a board: then that is what stands in the fixture. */
const char *job_boot_pin(const struct job *job)
{
    const char *board = pycom_board_is(job->board) ? job->board : job->firmware_board;
    const struct chip_kind *kind = chip_kind_by_name(job->chip);

    return kind == NULL || pycom_board_is(board) ? pycom_board_boot_pin(board) : kind->boot_pin;
}

const struct plan *job_plan(const struct job *job, uint32_t flash_size, int revision, struct complaint *c)
{
    struct failure f = {0};
    char all[200];

    list_plans(job, all, sizeof all);
    if (job_accepts(job, revision, flash_size, &f) < 0) {
        complain(c, FAIL_JOB, job->path, 0, "%s; there is: %s", f.detail, all);
        return NULL;
    }
    for (size_t i = 0; i < job->plan_count; i++)
        if (job->plans[i].flash_size == flash_size)
            return &job->plans[i];
    for (size_t i = 0; i < job->plan_count; i++)
        if (job->plans[i].flash_size == 0 && job->plans[i].needs_size <= flash_size)
            return &job->plans[i];
    complain(c, FAIL_JOB, job->path, 0, "nothing here fits a board with %u MB of flash; there is: %s",
             flash_size / MB, all);
    return NULL;
}
