/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/build_folder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiles/firmware/chip_kind.h"
#include "profiles/firmware/esp_image.h"
#include "profiles/job/job_file.h"
#include "profiles/plan/plan.h"
#include "profiles/text/arena.h"
#include "profiles/text/file_bytes.h"

#define MB              (1024u * 1024)
#define CONFIG_FILE     "config/sdkconfig.json"
#define CONFIG_FILE_MAX (4u * MB)

static bool is_list(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strcmp(slash != NULL ? slash + 1 : path, IDF_BUILD_LIST) == 0;
}

bool build_folder_is(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && is_list(path)));
}

/* `name` in the folder that `path` is, or whose list it is; absolute names stay. NULL: out of memory. */
static const char *inside(struct arena *a, const char *path, const char *name)
{
    size_t len = strlen(path);

    if (name[0] == '/')
        return name;
    if (is_list(path))
        len -= strlen(IDF_BUILD_LIST);
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len == 0)
        return name;
    return arena_text(a, "%.*s%s%s", (int)len, path, path[len - 1] == '/' ? "" : "/", name);
}

static int no_build(const char *path, struct arena *a, const struct place *at, struct complaint *c)
{
    const char *below = inside(a, path, "build/" IDF_BUILD_LIST);

    return complain_at(c, FAIL_FIRMWARE, at,
                       "is a folder without " IDF_BUILD_LIST ", so no ESP-IDF build; name %s",
                       below != NULL && access(below, F_OK) == 0 ? "the folder 'build' in it"
                                                                 : "a file, or the folder of a build");
}

int build_folder_read(const char *path, struct arena *a, struct idf_build *out, const struct place *at,
                      struct complaint *c)
{
    const char *list = is_list(path) ? path : inside(a, path, IDF_BUILD_LIST),
               *config = inside(a, path, CONFIG_FILE);
    const uint8_t *bytes;
    size_t size;

    if (list == NULL || config == NULL)
        return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
    if (access(list, F_OK) != 0)
        return no_build(path, a, at, c);
    if (file_bytes_read(list, IDF_BUILD_BYTES_MAX, a, &bytes, &size, FAIL_FIRMWARE, at, c) != 0 ||
        idf_build_parse(bytes, size, out, at, c) != 0)
        return -1;
    if (access(config, R_OK) != 0)
        return 0;
    if (file_bytes_read(config, CONFIG_FILE_MAX, a, &bytes, &size, FAIL_FIRMWARE, at, c) != 0)
        return -1;
    return idf_build_check_config(bytes, size, at, c);
}

/* A bootloader whose header names a size stops on a smaller flash; on a larger one it works. */
static int fill_sizes(const struct idf_build *build, struct job *job, const struct place *at,
                      struct complaint *c)
{
    const size_t room = sizeof job->flash_sizes / sizeof job->flash_sizes[0];
    bool any = job->flash_sizes[0] == 0;
    size_t kept = 0;

    if (build->flash_size == 0)
        return 0;
    for (uint32_t n = MB; any && n <= FLASH_MAX; n *= 2)
        if (n >= build->flash_size)
            job->flash_sizes[kept++] = n;
    for (size_t i = 0; !any && i < room && job->flash_sizes[i] != 0; i++)
        if (job->flash_sizes[i] >= build->flash_size)
            job->flash_sizes[kept++] = job->flash_sizes[i];
    if (kept < room)
        job->flash_sizes[kept] = 0;
    if (kept > 0)
        return 0;
    return complain_at(c, FAIL_FIRMWARE, at, "is a build for %u MB of flash or more, which %s",
                       build->flash_size / MB,
                       any ? "is more than its loader reaches (16 MB)" : "none of the job's flash_size has");
}

static int fill_files(const char *path, const struct idf_build *build, struct job_file *file,
                      const struct place *at, struct complaint *c)
{
    struct arena *a = file->job->memory;

    file->form = FIRMWARE_IMAGES;
    file->count = build->count;
    for (size_t i = 0; i < build->count; i++) {
        struct firmware_file *f = &file->files[i];
        const char *from_here = inside(a, path, build->files[i].path);

        if (from_here == NULL)
            return complain_at(c, FAIL_NO_MEMORY, at, "out of memory");
        if (strlen(from_here) >= sizeof f->path)
            return complain_at(c, FAIL_FIRMWARE, at,
                               "%.100s...: the path has more than %zu bytes; move the build", from_here,
                               sizeof f->path - 1);
        memset(f, 0, sizeof *f);
        snprintf(f->path, sizeof f->path, "%s", from_here);
        f->line = file->firmware_line;
        f->offset = build->files[i].offset;
        if (f->offset >= FLASH_MAX)
            return complain_at(c, FAIL_FIRMWARE, at,
                               "%s: 0x%x lies beyond the 16 MB that a chip's loader reaches",
                               build->files[i].path, f->offset);
    }
    return 0;
}

/* After the application: the folder is mostly called 'build', or '.'. */
static void name_job(const struct idf_build *build, struct job *job)
{
    const char *file = build->app < build->count ? build->files[build->app].path : "build",
               *slash = strrchr(file, '/');
    size_t len;

    file = slash != NULL ? slash + 1 : file;
    len = strlen(file);
    if (len > 4 && strcmp(file + len - 4, ".bin") == 0)
        len -= 4;
    snprintf(job->name, sizeof job->name, "%.*s", (int)(len < sizeof job->name ? len : sizeof job->name - 1),
             file);
}

int build_folder_fill(const char *path, const struct idf_build *build, bool settings, struct job_file *file,
                      const struct place *at, struct complaint *c)
{
    struct job *job = file->job;

    if (settings && chip_kind_by_name(build->chip) == NULL)
        return complain_at(c, FAIL_FIRMWARE, at, "is a build for %s, which is no chip that is flashed here",
                           build->chip);
    if (!settings && strcmp(build->chip, job->chip) != 0)
        return complain_at(c, FAIL_FIRMWARE, at, "is a build for %s; only %s is flashed by this job",
                           build->chip, job->chip);
    for (size_t i = 0; i < file->count; i++)
        if (file->files[i].sha256[0] != '\0')
            return complain(c, FAIL_HASH_MISMATCH, file->path, file->files[i].sha256_line,
                            "the job is released with its own firmware; no other can be given");
    if (settings) {
        name_job(build, job);
        snprintf(job->chip, sizeof job->chip, "%s", build->chip);
    }
    if (settings && strcmp(build->before, "no_reset") == 0)
        job->reset = RESET_NONE;
    if (settings && build->no_stub)
        job->stub = STUB_NO;
    if (fill_sizes(build, job, at, c) != 0)
        return -1;
    return fill_files(path, build, file, at, c);
}

/* Of a bootloader's header: byte 2 is the mode, byte 3 the size (high) and the frequency (low). */
static void tell_header(struct plan_context *ctx, const struct idf_build *build, const char *file,
                        const uint8_t *b)
{
    static const char *const modes[] = {"qio", "qout", "dio", "dout"};
    const struct chip_kind *kind = plan_kind(ctx);
    const char *mode = b[2] < 4 ? modes[b[2]] : "?", *freq = chip_kind_frequency(kind, b[3] & 15);
    uint32_t size = b[3] >> 4 < 5 ? MB << (b[3] >> 4) : 0;
    const char *rest = "is not carried over: the header of";

    if (build->flash_mode[0] != '\0' && strcmp(build->flash_mode, "keep") != 0 &&
        strcmp(build->flash_mode, mode) != 0)
        plan_warn(ctx, "flash_mode %s %s %s says %s and is written as it is", build->flash_mode, rest, file,
                  mode);
    if (build->flash_freq[0] != '\0' && strcmp(build->flash_freq, "keep") != 0 &&
        !chip_kind_has_frequency(kind, b[3] & 15, build->flash_freq))
        plan_warn(ctx, "flash_freq %s %s %s says %s and is written as it is", build->flash_freq, rest, file,
                  freq);
    if (build->detects_size)
        plan_warn(ctx, "flash_size detect %s %s says %u MB and is written as it is", rest, file, size / MB);
    else if (build->flash_size != 0 && build->flash_size != size)
        plan_warn(ctx, "flash_size %u MB %s %s says %u MB and is written as it is", build->flash_size / MB,
                  rest, file, size / MB);
}

bool build_folder_tell(struct plan_context *ctx, const struct idf_build *build, const uint8_t *const *data,
                       const size_t *size)
{
    bool has_boot = false;

    for (size_t i = 0; i < build->count; i++) {
        const struct idf_file *f = &build->files[i];

        if (f->is_outside)
            plan_warn(ctx, "%s lies outside the build's folder", f->path);
        if (f->offset != plan_boot_at(ctx) || !esp_image_is(data[i], size[i]))
            continue;
        has_boot = true;
        tell_header(ctx, build, f->path, data[i]);
    }
    if (!has_boot)
        plan_warn(ctx, "the build lists no bootloader: a board keeps the one it has");
    if (build->before[0] != '\0' && strcmp(build->before, "default_reset") != 0 &&
        strcmp(build->before, "no_reset") != 0)
        plan_warn(ctx, "before: %s is not carried over: a job says 'reset'", build->before);
    if (build->after[0] != '\0' && strcmp(build->after, "hard_reset") != 0)
        plan_warn(ctx, "after: %s is not carried over: a board is reset when it is done", build->after);
    for (size_t i = 0; i < build->other_count; i++)
        plan_warn(ctx, "%s (write_flash_args) is not carried over", build->others[i]);
    return has_boot;
}
