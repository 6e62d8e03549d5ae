/* SPDX-License-Identifier: Apache-2.0 */
#include "db/read/record_json.h"
#include "station/cli/record_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "station/cli/cmd.h"
#include "station/work/database_path.h"
#include "station/config/paths.h"
#include "station/print/table.h"
#include "station/work/own_files.h"
#include "station/cli/time_range.h"
#include "station/print/prose.h"

#define COLUMNS_MAX 24

static int find_code(const char *text)
{
    enum failure_code code;
    long number = 0;

    options_long(text, &number);
    for (int i = 0; (code = failure_at(i)) != FAILURE_NONE; i++) {
        const char *name = failure_name(code);
        if (number == (long)code || strcasecmp(text, name) == 0 ||
            strcasecmp(text, strchr(name, '_') + 1) == 0)
            return code;
    }
    return 0;
}

int record_options_filter(const char *verb, const struct record_options *o, struct record_filter *filter)
{
    char fault[TIME_FAULT_SIZE];

    *filter = (struct record_filter){.lot = o->lot,
                                     .serial = o->serial,
                                     .operator_id = o->operator_id,
                                     .job = o->job,
                                     .firmware = o->firmware,
                                     .result = RESULT_COUNT,
                                     .slot = (int)o->slot,
                                     .training = o->training,
                                     .shippable = o->shippable,
                                     .newest = o->newest};
    if (o->mac != NULL && mac_parse(o->mac, &filter->mac) != 0)
        return cmd_fail(EXIT_USAGE, verb, "--mac: '%s' is not a MAC address (24:0a:c4:00:00:03)", o->mac);
    filter->has_mac = o->mac != NULL;
    if (o->result != NULL && (filter->result = result_parse(o->result)) == RESULT_COUNT)
        return cmd_fail(EXIT_USAGE, verb,
                        "--result: '%s' is not a result: PASS, FAIL, ERROR, HOLD, ABORTED, INTERRUPTED, OPEN",
                        o->result);
    if (o->loader != NULL && (filter->loader = record_loader_parse(o->loader)) == LOADER_COUNT)
        return cmd_fail(EXIT_USAGE, verb, "--loader: '%s' is none of stub, rom, unproven", o->loader);
    if (o->code != NULL && (filter->code = find_code(o->code)) == 0)
        return cmd_fail(EXIT_USAGE, verb,
                        "--code: there is no code '%s'; 'flashline explain --all' lists them", o->code);
    if (o->time != NULL &&
        time_range_parse(o->time, clock_wall_ms(), &filter->from_ms, &filter->to_ms, fault) != 0)
        return cmd_fail(EXIT_USAGE, verb, "--time: '%s' %s", o->time, fault);
    return 0;
}

/* Said behind "there is no such database yet" where practice has been recorded: whoever began with it looks here first. */
static void training_hint(const struct options_common *common, bool has_option, const struct failure *f,
                          char out[static PATH_TEXT + 64])
{
    char path[PATH_TEXT];

    out[0] = '\0';
    if (f->sys != ENOENT || common->db != NULL || path_training_database(NULL, path) != 0 ||
        access(path, R_OK) != 0)
        return;
    snprintf(out, PATH_TEXT + 64, "; practice has its own records: %s%s", has_option ? "--training" : "--db ",
             has_option ? "" : path);
}

static struct db *open_review(const char *verb, const struct options_common *common, const char *path,
                              bool has_option, int *exit_code)
{
    struct failure f = {0};
    struct own_files own = {0};
    char hint[PATH_TEXT + 64];

    own_files_find(common, &own);
    const struct db_options options = {.path = path, .mode = DB_REVIEW, .own = &own.files};
    struct db *db = db_open(&options, &f);

    training_hint(common, has_option, &f, hint);
    *exit_code = db != NULL ? EXIT_ALL_PASS : cmd_fail(EXIT_INPUT, verb, "%s%s", f.detail, hint);
    return db;
}

struct db *record_open(const char *verb, const struct options_common *common, int *exit_code)
{
    char path[PATH_TEXT];

    *exit_code = database_path(verb, common, path);
    return *exit_code == 0 ? open_review(verb, common, path, false, exit_code) : NULL;
}

struct db *record_open_for(const char *verb, const struct options_common *common, bool training,
                           int *exit_code)
{
    char path[PATH_TEXT];

    *exit_code = training ? database_path_training(verb, common, path) : database_path(verb, common, path);
    return *exit_code == 0 ? open_review(verb, common, path, !training, exit_code) : NULL;
}

static int refuse_unknown(const char *verb, const struct record_filter *x, const char *kind)
{
    const char *practice = x->training ? "" : "; practice is in its own records: --training";
    const char *there = x->training ? " --training" : ""; /* where that list has to be asked for */
    char mac[MAC_TEXT_SIZE];

    mac_text(&x->mac, mac);
    if (strcmp(kind, "lot") == 0)
        return cmd_fail(EXIT_SOME_FAIL, verb, "there is no lot '%s'; 'flashline lots --all%s' lists them%s",
                        x->lot, there, practice);
    if (strcmp(kind, "operator") == 0 && x->training)
        return cmd_fail(EXIT_SOME_FAIL, verb, "there is no operator '%s' in the records of practice",
                        x->operator_id);
    if (strcmp(kind, "operator") == 0)
        return cmd_fail(EXIT_SOME_FAIL, verb, "there is no operator '%s'; 'flashline operator' lists them%s",
                        x->operator_id, practice);
    if (strcmp(kind, "unit") == 0)
        return cmd_fail(EXIT_SOME_FAIL, verb, "nothing is known of %s%s", mac, practice);
    return cmd_fail(EXIT_SOME_FAIL, verb,
                    "nothing was made with the %s '%s'; 'flashline units%s' shows what was%s", kind,
                    kind[0] == 'j' ? x->job : x->firmware, there, practice);
}

struct db *record_open_filtered(const char *verb, const struct options_common *common,
                                const struct record_filter *filter, int *exit_code)
{
    struct db *db = record_open_for(verb, common, filter->training, exit_code);
    const char *kind = NULL;
    struct failure f = {0};

    if (db == NULL)
        return NULL;
    if (record_filter_unknown(db, filter, &kind, &f) != 0)
        *exit_code = cmd_fail(EXIT_INPUT, verb, "%s", f.detail);
    else if (kind != NULL)
        *exit_code = refuse_unknown(verb, filter, kind);
    if (*exit_code == EXIT_ALL_PASS)
        return db;
    db_close(db);
    return NULL;
}

static void print(void *ctx, const void *bytes, size_t size)
{
    fwrite(bytes, 1, size, ctx);
}

static int list_json(struct record_cursor *c, enum record_view view, struct failure *f)
{
    int rc;

    while ((rc = record_next(c, f)) == 1) {
        record_json_line(c, view, "event", print, stdout);
        if (fflush(stdout) != 0 || ferror(stdout))
            return 0; /* nobody reads the rest */
    }
    return rc;
}

/* People read their own time; programmes get UTC. */
static void list_cell(struct table *t, struct record_cursor *c, enum field_type type, int field)
{
    if (type == FIELD_TIME && !record_is_null(c, field))
        table_time(t, record_int(c, field));
    else
        table_text(t, record_text(c, field));
}

static int list_table(struct record_cursor *c, enum record_view view, const struct record_column *columns,
                      size_t *rows, struct failure *f)
{
    const char *titles[COLUMNS_MAX + 1] = {NULL};
    int fields[COLUMNS_MAX], rc, count = 0;

    for (; columns[count].title != NULL && count < COLUMNS_MAX; count++) {
        titles[count] = columns[count].title;
        fields[count] = record_field_index(view, columns[count].field);
    }
    struct table *t = table_new(titles);
    if (t == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, 0, "listing records");
    while ((rc = record_next(c, f)) == 1) {
        for (int i = 0; i < count; i++)
            list_cell(t, c, record_fields(view)[fields[i]].type, fields[i]);
    }
    *rows = table_rows(t);
    if (rc == 0 && table_print(t, stdout) != 0 && !ferror(stdout))
        rc = failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, 0, "listing records");
    table_free(t);
    return rc;
}

int record_list(const char *verb, struct db *db, enum record_view view, const struct record_filter *filter,
                const struct record_column *columns, bool json)
{
    struct failure f = {0};
    struct record_cursor *c = record_query(db, view, filter, &f);
    size_t rows = 0;
    int rc = c == NULL ? -1 : json ? list_json(c, view, &f) : list_table(c, view, columns, &rows, &f);

    record_cursor_free(c);
    if (rc != 0)
        return cmd_fail(EXIT_INPUT, verb, "%s", f.detail);
    int64_t training = rows == 0 && !json && !filter->training ? record_count_training(db, filter) : 0;
    if (training > 0)
        prose_print(stderr, 2, "%lld training attempts are not shown; --training shows them\n",
                    (long long)training);
    return EXIT_ALL_PASS;
}
