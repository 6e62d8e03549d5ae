/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_job - jobs for the engineer: which there are, what one will do, and pinning it to its firmware. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "engine/chip/esp_stub.h"
#include "profiles/firmware/chip_kind.h"
#include "profiles/job/job.h"
#include "profiles/job/job_import.h"
#include "profiles/job/job_release.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/job_plan.h"
#include "station/cli/options.h"
#include "station/config/job_names.h"
#include "station/config/paths.h"
#include "station/print/job_print.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/print/table.h"
#include "station/run/job_choice.h"
#include "station/work/own_files.h"
#include "station/work/work_client.h"

static void list_sizes(const struct job *job, char *out, size_t size)
{
    size_t used = 0;

    snprintf(out, size, "any");
    for (int i = 0; i < 8 && job->flash_sizes[i] != 0 && used < size; i++) {
        int n = snprintf(out + used, size - used, "%s%u MB", i > 0 ? ", " : "", job->flash_sizes[i] >> 20);

        used += n > 0 ? (size_t)n : 0;
    }
}

static void list_json(const char *name, const char *path, const struct job *job, const char *trouble)
{
    json_t *o = json_line_new("job");

    json_put_text(o, "name", name);
    json_put_text(o, "path", path);
    json_put_text(o, "board", job != NULL ? job->board : NULL);
    json_put_text(o, "chip", job != NULL ? job->chip : NULL);
    json_put_bool(o, "released", job != NULL && job->released);
    json_put_text(o, "firmware",
                  job != NULL && job->firmware_source[0] != '\0' ? job->firmware_source : NULL);
    json_put_text(o, "trouble", trouble);
    json_line_write(stdout, o);
}

/* What the job is for: a maker's board, or whatever has the chip. */
static void list_boards(struct table *t, const struct job *job)
{
    const struct chip_kind *kind = job != NULL ? chip_kind_by_name(job->chip) : NULL;

    if (kind == NULL)
        table_text(t, "?");
    else if (strcmp(job->board, job->chip) == 0)
        table_format(t, "any %s board", kind->title);
    else
        table_format(t, "%s (%s)", job->board, kind->title);
}

static void list_row(struct table *t, const struct job_name *found, const struct job *job,
                     const char *trouble)
{
    char sizes[80];

    if (job != NULL)
        list_sizes(job, sizes, sizeof sizes);
    table_text(t, found->name);
    list_boards(t, job);
    table_text(t, job != NULL ? sizes : "?");
    table_text(t, job == NULL ? "unusable" : job->released ? "released" : "draft");
    table_text(t, job == NULL                       ? trouble
                  : job->firmware_source[0] != '\0' ? job->firmware_source
                                                    : "--firmware");
    table_text(t, found->path);
}

/* `t` NULL: JSON. */
static void list_job(struct table *t, const struct job_name *found)
{
    struct complaint c = {0};
    struct job *job = job_load_settings(found->path, &c);

    if (t == NULL)
        list_json(found->name, found->path, job, job != NULL ? NULL : c.text);
    else
        list_row(t, found, job, c.text);
    job_free(job);
}

static int job_list(bool json)
{
    static const char *const titles[] = {"JOB", "FOR", "FLASH", "STATE", "FIRMWARE", "FILE", NULL};
    struct job_name *jobs = NULL;
    struct table *t = json ? NULL : table_new(titles);
    int count = json || t != NULL ? job_names(&jobs) : -ENOMEM, code = EXIT_ALL_PASS;

    if (count < 0)
        code = cmd_fail(EXIT_STATION, "job", "out of memory");
    else if (count == 0)
        code = cmd_fail(EXIT_INPUT, "job",
                        "no jobs are installed; name a job by its path, or put it into a folder of "
                        "docs/places.md");
    for (int i = 0; i < count; i++)
        list_job(t, &jobs[i]);
    if (count > 0 && t != NULL && table_print(t, stdout) != 0)
        code = cmd_fail(EXIT_STATION, "job", "the list could not be printed");
    table_free(t);
    free(jobs);
    return code;
}

static int find_job(const char *name, char path[static PATH_TEXT])
{
    char places[PATH_TEXT];
    int rc = path_job(name, path);

    if (rc == 0)
        return EXIT_ALL_PASS;
    memcpy(places, path, sizeof places);
    return cmd_fail(EXIT_INPUT, "job",
                    "there is no job '%.60s' in %.1000s; 'flashline job list' shows those there are", name,
                    places);
}

static int job_check(const char *name, const struct job_extra *extra, bool json)
{
    int code;
    struct job *job = job_choice_open("job", name, extra, &code);

    if (job == NULL)
        return code;
    if (json)
        job_print_json(job);
    else
        job_print(job);
    job_free(job);
    return EXIT_ALL_PASS;
}

static void print_release(const struct job_release *r, bool json)
{
    for (size_t i = 0; i < r->count; i++) {
        json_t *o;

        if (!json) {
            printf("%s  %s\n", r->files[i].sha256, r->files[i].path);
            continue;
        }
        o = json_line_new("released");
        json_put_text(o, "job", r->path);
        json_put_text(o, "file", r->files[i].path);
        json_put_text(o, "sha256", r->files[i].sha256);
        json_line_write(stdout, o);
    }
    if (!json)
        prose_print(stdout, 2, "%s is released: from now on it takes %s only.\n", r->path,
                    r->count == 1 ? "this file" : "these files");
}

static int hash_stub(const char *file, char out[static SHA256_TEXT_SIZE])
{
    struct stub stub;
    char why[160];

    if (stub_load(file, &stub, why) != 0)
        return cmd_fail(EXIT_INPUT, "job", "--stub: %s", why);
    digest_hex(stub.sha256, SHA256_SIZE, out);
    stub_free(&stub);
    return EXIT_ALL_PASS;
}

/* Checked first, then allowed and audited (db/desk/work.h), then written: what cannot be released is never in the audit. */
static int release(const char *name, const char *operator_id, const char *stub_file,
                   const struct options_common *common)
{
    struct work_call call = {.action = WORK_JOB_RELEASE, .actor = operator_id};
    struct job_release r;
    struct complaint c = {0};
    char path[PATH_TEXT], stub[SHA256_TEXT_SIZE];
    int code = find_job(name, path);

    if (code != EXIT_ALL_PASS)
        return code;
    if (stub_file != NULL && (code = hash_stub(stub_file, stub)) != EXIT_ALL_PASS)
        return code;
    if (job_release_prepare(path, stub_file != NULL ? stub : NULL, &r, &c) != 0) {
        code = cmd_fail(c.code == FAIL_NO_MEMORY ? EXIT_STATION : EXIT_INPUT, "job", "%s", c.text);
        goto out;
    }
    if ((code = own_files_check("job", common, path)) != EXIT_ALL_PASS)
        goto out;
    call.object = r.name;
    call.text = r.new_sha256;
    call.old = r.old_sha256;
    code = work_request("job", common, &call, NULL);
    if (code != EXIT_ALL_PASS)
        goto out;
    if (job_release_save(&r, &c) != 0)
        code = cmd_fail(EXIT_INPUT, "job", "%s", c.text);
    else
        print_release(&r, common->json);
out:
    job_release_free(&r);
    return code;
}

static void print_import(const struct job_import *import, const char *build, const char *path, bool json)
{
    json_t *o;

    for (size_t i = 0; i < import->note_count; i++) {
        if (!json) {
            prose_print(stdout, 2, "Note: %s\n", import->notes[i]);
            continue;
        }
        o = json_line_new("note");
        json_put_text(o, "text", import->notes[i]);
        json_line_write(stdout, o);
    }
    if (!json) {
        prose_print(
            stdout, 2,
            "%s: imported from %s; 'flashline job release' pins it to the files that are there now.\n", path,
            build);
        return;
    }
    o = json_line_new("imported");
    json_put_text(o, "job", path);
    json_put_text(o, "build", build);
    json_line_write(stdout, o);
}

/* A new file only: a job that stands there may be somebody's work. */
static int import_build(const char *build, const char *path, const struct options_common *common)
{
    struct job_import import;
    struct complaint c = {0};
    struct stat st;
    int code = own_files_check("job", common, path), rc;

    if (code != EXIT_ALL_PASS)
        return code;
    if (lstat(path, &st) == 0)
        return cmd_fail(EXIT_INPUT, "job", "%.400s: is there already; remove it or name another file", path);
    if (job_import_prepare(build, path, &import, &c) != 0) {
        code = cmd_fail(c.code == FAIL_NO_MEMORY ? EXIT_STATION : EXIT_INPUT, "job", "%s", c.text);
        goto out;
    }
    rc = file_save(path, import.text, import.size, 0);
    if (rc != 0)
        code = cmd_fail(EXIT_STATION, "job", "%.400s could not be written: %s", path, errno_text(-rc));
    else
        print_import(&import, build, path, common->json);
out:
    job_import_free(&import);
    return code;
}

static int plan_board(const struct job_plan_options *o)
{
    if ((o->port != NULL) + (o->slot != NULL) + o->sim > 1)
        return cmd_fail(EXIT_USAGE, "job", "--port, --slot and --sim exclude each other");
    return job_plan_show(o);
}

int cmd_job(int argc, char **argv)
{
    struct options_common common = {0};
    const char *firmware = NULL, *region = NULL, *operator_id = NULL, *stub = NULL, *output = NULL;
    struct job_plan_options plan = {.common = &common, .reset = -1};
    static char long_name[] = "--output";
    const struct options_row rows[] = {
        OPTIONS_DOES("list", NULL, "the jobs that can be named without a path"),
        OPTIONS_DOES("check", "J [--firmware F]",
                     "reads a job and its firmware, or a firmware alone, as a run would; says what it does\n"
                     "to a board"),
        OPTIONS_DOES(
            "plan", "J [--slot S|--port URI|--sim]",
            "what a job sends, region by region, and what it leaves out; of a board also what it holds of\n"
            "it already: it is asked for digests, and nothing of it is changed"),
        OPTIONS_DOES("import", "DIR -o FILE",
                     "makes a job of the folder of an ESP-IDF build (with its flasher_args.json)"),
        OPTIONS_DOES("release", "J [--stub FILE]",
                     "writes the SHA-256 of every firmware file into the job; the engineer's (PIN from\n"
                     "$FLASHLINE_PIN or the terminal); --stub pins a helper program that Flashline does\n"
                     "not know itself"),
        OPTIONS_STRING("region", &region, "R", "check: with this LoRa region, as flash and run take it"),
        OPTIONS_STRING("firmware", &firmware, "F",
                       "check, plan: this file or folder instead of what the job names"),
        OPTIONS_STRING("output", &output, "FILE", "import: the job file to make; also -o FILE"),
        OPTIONS_STRING("operator", &operator_id, "NAME", "release: who asks"),
        OPTIONS_STRING("stub", &stub, "FILE",
                       "release: this helper program may flash for the job too; plan: as in run"),
        OPTIONS_STRING("port", &plan.port, "URI", "plan: what the board at this port holds of it"),
        OPTIONS_STRING("slot", &plan.slot, "S", "plan: the same of a configured slot, by number or label"),
        OPTIONS_WORD("reset", &plan.reset, "classic|tight|none",
                     "plan: how that port is wired to the board's reset"),
        OPTIONS_SWITCH("sim", &plan.sim, "plan: a virtual board instead of a real one"),
        OPTIONS_STRING("sim-personality", &plan.sim_personality, "1=P", "plan: that one behaves like P"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "job", "WORD [OPTION...]",
        "Lists jobs, reads them as a run would, makes them of a build, and releases them.", rows, 2};
    int code, first, words;

    for (int i = 1; i < argc; i++)
        argv[i] = strcmp(argv[i], "-o") == 0 ? long_name : argv[i];
    first = options_parse(&spec, argc, argv, &common, &code);
    words = argc - first;
    if (first < 0)
        return code;
    if (words == 2 && strcmp(argv[first], "import") == 0 && output != NULL && firmware == NULL)
        return import_build(argv[first + 1], output, &common);
    if (output != NULL)
        return cmd_fail(EXIT_USAGE, "job", "--output is for 'import DIR -o FILE'");
    if (words == 2 && strcmp(argv[first], "plan") == 0) {
        plan.job = argv[first + 1];
        plan.firmware = firmware;
        plan.stub = stub;
        return plan_board(&plan);
    }
    if (plan.port != NULL || plan.slot != NULL || plan.sim)
        return cmd_fail(EXIT_USAGE, "job", "--port, --slot and --sim are for 'plan J'");
    if (words == 1 && strcmp(argv[first], "list") == 0 && firmware == NULL)
        return job_list(common.json);
    if (words == 2 && strcmp(argv[first], "check") == 0)
        return job_check(argv[first + 1], &(struct job_extra){.firmware = firmware, .region = region},
                         common.json);
    if (words == 2 && strcmp(argv[first], "release") == 0 && firmware == NULL)
        return release(argv[first + 1], operator_id, stub, &common);
    return cmd_fail(EXIT_USAGE, "job",
                    "say 'list', 'check J [--firmware F]', 'plan J [--slot S]', 'import DIR -o FILE' or "
                    "'release J'");
}
