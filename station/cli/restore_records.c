/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/restore_records.h"

#include <stdio.h>

#include "db/care/restore.h"
#include "station/cli/cmd.h"
#include "station/print/json.h"
#include "station/work/database_path.h"
#include "station/work/own_files.h"
#include "station/work/work_client.h"

static int tell(const struct restore_report *r, bool json)
{
    char head[SHA256_TEXT_SIZE], hash[SHA256_TEXT_SIZE];

    digest_hex(r->verify.head, SHA256_SIZE, head);
    digest_hex(r->sha256, SHA256_SIZE, hash);
    if (json) {
        json_t *o = json_line_new("restore");
        json_put_bool(o, "good", true);
        json_put_int(o, "records", r->verify.attempts);
        json_put_int(o, "head_seq", r->verify.head_seq);
        json_put_text(o, "head", head);
        json_put_int(o, "first_bad", 0);
        json_put_text(o, "text", "");
        json_put_text(o, "sha256", hash);
        json_put_text(o, "kept_as", r->kept[0] != '\0' ? r->kept : NULL);
        json_line_write(stdout, o);
        return EXIT_ALL_PASS;
    }
    printf("good: %lld records, head %lld %s\n", (long long)r->verify.attempts, (long long)r->verify.head_seq,
           head);
    if (r->kept[0] != '\0')
        printf("what was there is kept as %s\n", r->kept);
    return EXIT_ALL_PASS;
}

struct restoring {
    struct restore_call call;
    struct restore_report report;
};

static int try_restore(void *ctx, const struct work_call *call, struct work_receipt *receipt,
                       struct failure *f)
{
    struct restoring *r = ctx;

    if (call->action == WORK_PIN)
        return work_do_at(r->call.path, call, receipt, f);
    r->call.pin = call->pin;
    return restore_database(&r->call, &r->report, f);
}

int restore_records(const struct options_common *common, const char *backup, const char *actor,
                    const char *reason)
{
    char path[PATH_TEXT];
    struct failure f = {0};
    int code = database_path("db", common, path);

    if (code != 0)
        return code;
    struct own_files own = {0};
    own_files_find(common, &own);
    struct restoring r = {
        .call = {.backup = backup, .path = path, .own = &own.files, .actor = actor, .reason = reason}};
    struct work_call call = {.action = WORK_RESTORE};
    const struct work_asker asker = {
        .verb = "db", .question = "Engineer's PIN", .try = try_restore, .ctx = &r};
    if (work_ask_leave(&asker, &call, NULL, &f) == 0)
        return tell(&r.report, common->json);
    return cmd_fail(f.code == FAIL_ROLE ? EXIT_SOME_FAIL : EXIT_INPUT, "db", "%s%s", f.detail,
                    f.code == FAIL_DB_HELD ? ": stop it first, then restore" : "");
}
