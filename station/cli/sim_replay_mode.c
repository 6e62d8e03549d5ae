/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/sim_replay_mode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/out_file.h"
#include "base/stage.h"
#include "db/read/evidence.h"
#include "profiles/job/job.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/print/json.h"
#include "station/work/own_files.h"
#include "station/cli/record_options.h"
#include "station/run/replay_run.h"
#include "station/run/stub_list.h"

#define VERB "sim replay"

struct asked {
    struct options_common common;
    long attempt;
    const char *record, *save, *job, *firmware, *stub;
    bool write_all;
    char recorded_job[64], recorded_firmware[SHA256_TEXT_SIZE], recorded_source[128];
    uint8_t *bytes; /* the block; owned */
    size_t len;
};

/* The row of the attempt, for the job and the firmware it was made with. 0 or an exit code. */
static int read_row(struct asked *a, struct db *db)
{
    struct record_filter filter = RECORD_FILTER_ALL;
    struct failure f = {0};
    int id = record_field_index(RECORD_ATTEMPTS, "attempt"), got = -1;

    filter.training = filter.running = true;
    struct record_cursor *c = record_query(db, RECORD_ATTEMPTS, &filter, &f);
    while (c != NULL && (got = record_next(c, &f)) == 1 && record_int(c, id) != a->attempt)
        continue;
    if (got == 1) {
        snprintf(a->recorded_job, sizeof a->recorded_job, "%s",
                 record_text(c, record_field_index(RECORD_ATTEMPTS, "job")));
        snprintf(a->recorded_firmware, sizeof a->recorded_firmware, "%s",
                 record_text(c, record_field_index(RECORD_ATTEMPTS, "firmware_sha256")));
        snprintf(a->recorded_source, sizeof a->recorded_source, "%s",
                 record_text(c, record_field_index(RECORD_ATTEMPTS, "firmware")));
    }
    record_cursor_free(c);
    if (got < 0)
        return cmd_failure(EXIT_INPUT, VERB, &f);
    return got == 1 ? 0 : cmd_fail(EXIT_INPUT, VERB, "there is no attempt %ld in this database", a->attempt);
}

static int read_attempt(struct asked *a)
{
    struct failure f = {0};
    int code;
    struct db *db = record_open(VERB, &a->common, &code);

    if (db == NULL)
        return code;
    code = read_row(a, db);
    int rc = code == 0 ? evidence_wire(db, a->attempt, &a->bytes, &a->len, &f) : 0;
    if (rc < 0)
        code = cmd_failure(EXIT_INPUT, VERB, &f);
    else if (rc > 0)
        code = cmd_fail(
            EXIT_INPUT, VERB,
            "attempt %ld has no record of its wire: it passed, never opened its port, or is from before 0.2",
            a->attempt);
    db_close(db);
    return code;
}

static int read_file(struct asked *a)
{
    FILE *in = fopen(a->record, "rbe");
    int error = in == NULL ? errno : 0;

    if (in != NULL) {
        a->bytes = malloc(WIRE_RECORD_MAX + 1);
        a->len = a->bytes != NULL ? fread(a->bytes, 1, WIRE_RECORD_MAX + 1, in) : 0;
        error = a->bytes == NULL ? ENOMEM : ferror(in) ? EIO : 0;
        fclose(in);
    }
    if (error == 0 && a->len > WIRE_RECORD_MAX)
        error = EFBIG;
    return error == 0 ? 0 : cmd_fail(EXIT_INPUT, VERB, "%s: %s", a->record, errno_text(error));
}

static int save(const struct asked *a)
{
    struct failure f = {0};
    uint8_t hash[SHA256_SIZE];
    uint64_t bytes;
    struct out_file *o;

    int code = own_files_check(VERB, &a->common, a->save);
    if (code != 0)
        return code;
    if ((o = out_file_new(NULL, a->save, &f)) == NULL)
        return cmd_failure(EXIT_INPUT, VERB, &f);
    out_file_write(o, a->bytes, a->len);
    if (out_file_commit(o, &bytes, hash, &f) < 0)
        return cmd_failure(EXIT_INPUT, VERB, &f);
    if (!a->common.json)
        printf("%s: %zu bytes; the board's identity sector may be in it\n", a->save, a->len);
    return 0;
}

/* The job named, or the one in the row. NULL: said, *code set. */
static struct job *find_job(const struct asked *a, int *code)
{
    const char *name = a->job != NULL ? a->job : a->recorded_job;
    struct complaint c = {0};
    char path[PATH_TEXT], sha[SHA256_TEXT_SIZE];
    struct job *job = NULL;

    if (a->job == NULL && a->firmware != NULL) {
        job = job_from_firmware(a->firmware, &c);
    } else if (*name == '\0') {
        *code = cmd_fail(EXIT_USAGE, VERB,
                         "a file does not say what was flashed: name it with --job or --firmware");
        return NULL;
    } else if (path_job(name, path) != 0) {
        *code = cmd_fail(EXIT_INPUT, VERB,
                         "there is no job '%s' in %s; name it with --job, or the firmware with --firmware",
                         name, path);
        return NULL;
    } else {
        job = job_load(path, a->firmware, &c);
    }
    if (job == NULL) {
        *code = cmd_fail(EXIT_INPUT, VERB, "%s", c.text);
        return NULL;
    }
    digest_hex(job->firmware_sha256, SHA256_SIZE, sha);
    if (a->recorded_firmware[0] != '\0' && strcmp(a->recorded_firmware, sha) != 0)
        fprintf(stderr,
                "flashline " VERB
                ": note: the attempt was made with another firmware (%s, SHA-256 %.16s..)\n",
                a->recorded_source, a->recorded_firmware);
    return job;
}

static int tell_json(const struct asked *a, const struct sim_replay *r, const struct attempt_result *out,
                     bool same)
{
    const struct wire_head *h = sim_replay_head(r);
    char parting[REPLAY_WORDS_SIZE];
    unsigned all, acts = sim_replay_acts(r, &all);
    json_t *o = json_line_new("replay");

    replay_words_parting(r, parting);
    if (a->record == NULL)
        json_put_int(o, "attempt", a->attempt);
    json_put_bool(o, "same", same);
    json_put_int(o, "code", out->failure.code);
    json_put_text(o, "stage", stage_name(out->failure.stage));
    json_put_int(o, "recorded_code", h->code);
    json_put_text(o, "recorded_stage", stage_name((enum stage)h->stage));
    json_put_int(o, "acts", acts);
    json_put_int(o, "recorded_acts", all);
    json_put_text(o, "parting", parting);
    return json_line_write(stdout, o);
}

static void tell(const struct sim_replay *r, const struct attempt_result *out, bool same)
{
    const struct wire_head *h = sim_replay_head(r);
    char parting[REPLAY_WORDS_SIZE];
    unsigned all, acts = sim_replay_acts(r, &all);

    replay_words_parting(r, parting);
    printf("recorded: %u %s at %s after %.3f s\n", h->code, failure_name((enum failure_code)h->code),
           stage_name((enum stage)h->stage), (double)h->duration_us / 1e6);
    printf("replayed: %d %s at %s after %.3f s\n", out->failure.code, failure_name(out->failure.code),
           stage_name(out->failure.stage), (double)out->duration_us / 1e6);
    if (out->failure.detail[0] != '\0')
        printf("          %s\n", out->failure.detail);
    if (*parting != '\0')
        printf("parted:   %s\n", parting);
    printf("%s: %u of %u acts of the host as recorded\n", same ? "the same" : "NOT the same", acts, all);
}

static int run(const struct asked *a, struct sim_replay *r, const struct job *job)
{
    char why[STUB_LIST_WHY];
    struct stub_list stubs = {0};
    struct attempt_result out;
    struct failure f = {0};
    int rc = stub_list_load(a->stub, job->chip, &stubs, why);

    if (rc < 0)
        return cmd_fail(EXIT_INPUT, VERB, "%s%s", a->stub != NULL ? "--stub: " : "", why);
    rc = replay_run(r, job, stub_list_first(&stubs), &out, &f);
    stub_list_free(&stubs);
    if (rc < 0)
        return cmd_failure(EXIT_STATION, VERB, &f);
    bool same = replay_is_same(r, &out);
    if (!a->common.json)
        tell(r, &out, same);
    else if (tell_json(a, r, &out, same) != 0)
        return EXIT_INPUT;
    return same ? EXIT_ALL_PASS : EXIT_SOME_FAIL;
}

static int replay(struct asked *a)
{
    char error[160];
    int code = a->record != NULL ? read_file(a) : read_attempt(a);

    if (code != 0)
        return code;
    if (a->save != NULL)
        return save(a);
    struct sim_replay *r = sim_replay_new(a->bytes, a->len, error);
    if (r == NULL)
        return cmd_fail(EXIT_INPUT, VERB, "%s", error);
    struct job *job = find_job(a, &code);
    if (job != NULL)
        job->write_all |= a->write_all;
    if (job != NULL)
        code = run(a, r, job);
    job_free(job);
    sim_replay_free(r);
    return code;
}

int sim_replay_mode(int argc, char **argv)
{
    struct asked a = {.attempt = 0};
    const struct options_row rows[] = {
        OPTIONS_WHOLE("attempt", &a.attempt, "N", 1, 2000000000, "the attempt, by its number in the records"),
        OPTIONS_STRING("record", &a.record, "FILE", "or a record of the wire that --save wrote"),
        OPTIONS_STRING("save", &a.save, "FILE", "write the record of the wire there instead of replaying it"),
        OPTIONS_STRING("job", &a.job, "JOB", "the job it was made with; else the one the records name"),
        OPTIONS_STRING("firmware", &a.firmware, "F",
                       "the firmware, for an attempt of 'flash' or instead of the job's"),
        OPTIONS_STRING("stub", &a.stub, "PATH|no", "the chip's helper program it was made with, or none"),
        OPTIONS_SWITCH("write-all", &a.write_all, "it was made with --write-all"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        VERB, "--attempt N|--record FILE [OPTION...]",
        "Runs an attempt that failed once more, against a virtual board that answers as its board did then, and says\n"
        "whether it ends with the same code at the same stage (exit code 0) or not (1), and where host and record part.",
        rows, .operands_max = 0};
    int code;

    if (options_parse(&spec, argc, argv, &a.common, &code) < 0)
        return code;
    if ((a.attempt != 0) == (a.record != NULL))
        return cmd_fail(EXIT_USAGE, VERB, "say what to replay, one of: --attempt N, --record FILE");
    code = replay(&a);
    free(a.bytes);
    return code;
}
