/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/archive_records.h"

#include <stdio.h>

#include "db/care/retention.h"
#include "db/desk/work.h"
#include "station/cli/cmd.h"
#include "station/cli/time_range.h"
#include "station/print/json.h"
#include "station/work/database_path.h"
#include "station/work/own_files.h"
#include "station/work/work_client.h"

static int try_here(void *ctx, const struct work_call *call, struct work_receipt *receipt, struct failure *f)
{
    return work_do(ctx, call, receipt, f);
}

static int ask_leave(struct db *db, const char *verb, const char *before, struct failure *f)
{
    struct work_call call = {.action = WORK_ARCHIVE, .object = "before", .text = before};
    const struct work_asker asker = {.verb = verb, .question = "Engineer's PIN", .try = try_here, .ctx = db};

    return work_ask_leave(&asker, &call, NULL, f) == 0 ? 0 : -1;
}

static int tell(const struct retention_report *r, bool json)
{
    char hash[SHA256_TEXT_SIZE];

    digest_hex(r->sha256, SHA256_SIZE, hash);
    if (json) {
        json_t *o = json_line_new("archive");
        json_put_int(o, "rows", r->rows);
        json_put_text(o, "file", r->rows > 0 ? r->file : NULL);
        json_put_int(o, "first_seq", r->rows > 0 ? r->first_seq : 0);
        json_put_int(o, "last_seq", r->rows > 0 ? r->last_seq : 0);
        json_put_text(o, "sha256", r->rows > 0 ? hash : NULL);
        json_line_write(stdout, o);
        return EXIT_ALL_PASS;
    }
    if (r->rows == 0)
        puts("nothing is that old");
    else
        printf("%s: records %lld to %lld, verified, SHA-256 %s\n", r->file, (long long)r->first_seq,
               (long long)r->last_seq, hash);
    return EXIT_ALL_PASS;
}

int archive_records(const char *verb, const struct options_common *common, const char *before,
                    const char *output)
{
    char path[PATH_TEXT], fault[TIME_FAULT_SIZE];
    struct retention_report r;
    struct failure f = {0};
    int64_t before_ms;

    if (time_point_parse(before, &before_ms, NULL, fault) != 0)
        return cmd_fail(EXIT_USAGE, verb, "--before: '%s' %s", before, fault);
    int code = database_path(verb, common, path);
    if (code != 0)
        return code;
    struct own_files own = {0};
    own_files_find(common, &own);
    const struct db_options o = {.path = path, .mode = DB_STATION, .own = &own.files};
    struct db *db = db_open(&o, &f);
    if (db == NULL)
        return cmd_fail(EXIT_INPUT, verb, "%s%s", f.detail,
                        f.code == FAIL_DB_HELD ? ": stop it first, then archive" : "");
    database_tell_updated(verb, db);
    int rc = ask_leave(db, verb, before, &f);
    if (rc == 0)
        rc = retention_archive(db, before_ms, output, &r, &f);
    db_close(db);
    if (rc == 0)
        return tell(&r, common->json);
    return cmd_fail(f.code == FAIL_ROLE ? EXIT_SOME_FAIL : EXIT_INPUT, verb, "%s", f.detail);
}
