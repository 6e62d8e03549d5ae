/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/unit_identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time_text.h"
#include "db/desk/identity.h"
#include "db/desk/work.h"
#include "db/read/story.h"
#include "engine/board/identity_restore.h"
#include "station/cli/cmd.h"
#include "station/print/json.h"
#include "station/run/hand_board.h"
#include "station/work/database_path.h"
#include "station/work/work_client.h"

#define VERB      "unit"
#define SAVED_MAX 256

struct restoring {
    const struct identity_options *u;
    struct hand_board_options at;
    struct hand_board board;
    struct backup put;
    struct story_unit unit; /* as the records know it */
    struct work_call call;
    bool noted; /* the act stands in the records, and the sector may be gone from the board */
    bool changed;
    char mac[MAC_TEXT_SIZE], pin[PIN_TEXT];
    char put_hash[SHA256_TEXT_SIZE], before_hash[SHA256_TEXT_SIZE];
};

static int refuse(const struct restoring *r, const struct failure *f)
{
    static const char again[] =
        "; the sector is not back yet: do this again, or flash the board, which puts it back first";

    return cmd_fail(hand_board_exit(f), VERB, "%s (%d): %s%s", failure_title(f->code), (int)f->code,
                    f->detail, r->noted ? again : "");
}

/* What --from can name. */
static void list_saved(const struct restoring *r)
{
    struct identity_saved all[SAVED_MAX];
    struct failure f = {0};
    int count = identity_list(r->board.db, &r->u->mac, all, SAVED_MAX, &f);

    for (int i = 0; i < count; i++) {
        char hash[SHA256_TEXT_SIZE], when[TIME_TEXT_SIZE], by[48] = "before a restore or change";

        time_text_local(all[i].first_ms, when);
        if (all[i].attempt != 0)
            snprintf(by, sizeof by, "by attempt %lld", (long long)all[i].attempt);
        digest_hex(all[i].sha256, SHA256_SIZE, hash);
        if (all[i].ordered)
            snprintf(by, sizeof by, "by a change that was not seen done");
        fprintf(stderr, "  --from %.16s  %s %s %s%s%s\n", hash, all[i].ordered ? "ordered" : "saved", when,
                by, all[i].blank ? ", blank" : "",
                all[i].due ? ", the one the next attempt would put back" : "");
    }
}

static int choose_sector(struct restoring *r)
{
    struct failure f = {0};

    if (identity_choose(r->board.db, &r->u->mac, r->u->from, &r->put, &f) != 0) {
        int code = cmd_fail(hand_board_exit(&f), VERB, "%s", f.detail);
        list_saved(r);
        return code;
    }
    if (story_unit(r->board.db, r->u->mac.bytes, &r->unit, &f) < 0)
        return cmd_fail(hand_board_exit(&f), VERB, "%s", f.detail);
    const struct span place = plan_identity_span();
    if (r->put.offset != place.offset)
        return cmd_fail(EXIT_INPUT, VERB, "that sector was saved from 0x%x, not from 0x%x", r->put.offset,
                        place.offset);
    digest_hex(r->put.sha256, SHA256_SIZE, r->put_hash);
    return 0;
}

static int try_leave(void *ctx, const struct work_call *call, struct work_receipt *receipt, struct failure *f)
{
    return call->action == WORK_PIN ? work_do(ctx, call, receipt, f) : work_may(ctx, call, f);
}

/* Before the board is touched; the records ask again when the act is noted. */
static int ask_leave(struct restoring *r)
{
    struct failure f = {0};
    int code = hand_board_ask_elsewhere(&r->board, r->u->operator_id, r->mac);

    if (code != 0)
        return code;
    r->call = (struct work_call){.action = WORK_IDENTITY_RESTORE,
                                 .actor = r->u->operator_id,
                                 .object = r->mac,
                                 .text = r->put_hash,
                                 .old = r->before_hash,
                                 .reason = r->u->reason};
    const struct work_asker asker = {
        .verb = VERB, .question = "Engineer's PIN", .try = try_leave, .ctx = r->board.db, .keep = r->pin};
    if (work_ask_leave(&asker, &r->call, NULL, &f) != 0)
        return cmd_fail(hand_board_exit(&f), VERB, "%s", f.detail);
    r->call.pin = r->pin;
    return 0;
}

static int note_act(struct restoring *r, const struct backup *before, struct failure *f)
{
    const struct identity_act act = {.before = before, .put = &r->put};

    struct work_receipt receipt = {0};

    digest_hex(before->sha256, SHA256_SIZE, r->before_hash);
    r->call.identity = &act;
    int rc = work_do(r->board.db, &r->call, &receipt, f);
    r->call.identity = NULL;
    if (rc == 0 && receipt.pin_short)
        work_tell_short_pin(VERB, receipt.who);
    return rc;
}

/* The last moment at which nothing is erased. */
static int keep(void *ctx, const struct backup *before, struct failure *f)
{
    struct restoring *r = ctx;

    if (!until_signal_commit(r->board.signals))
        return failure_set(f, FAIL_ABORTED, STAGE_BACKUP, ECANCELED, "nothing was erased");
    int rc = note_act(r, before, f);
    r->noted = rc == 0;
    return rc;
}

static int write_board(void *ctx, struct session *session, struct failure *f)
{
    struct restoring *r = ctx;
    const struct identity_restore restore = {.session = session,
                                             .mac = &r->u->mac,
                                             .chip = r->unit.is.chip,
                                             .sector = r->put.data,
                                             .offset = r->put.offset,
                                             .keep = keep,
                                             .ctx = r};

    return identity_restore(&restore, &r->changed, f);
}

static int tell(const struct restoring *r, bool changed)
{
    if (r->u->common->json) {
        json_t *o = json_line_new("identity_restored");
        json_put_text(o, "mac", r->mac);
        json_put_text(o, "sha256", r->put_hash);
        json_put_text(o, "before", r->before_hash);
        json_put_bool(o, "written", changed);
        json_line_write(stdout, o);
        return EXIT_ALL_PASS;
    }
    if (changed)
        printf("%s has its identity sector back, SHA-256 %s; what stood there is saved, SHA-256 %s\n", r->mac,
               r->put_hash, r->before_hash);
    else
        printf("%s holds that identity sector already, SHA-256 %s; nothing was written\n", r->mac,
               r->put_hash);
    return EXIT_ALL_PASS;
}

static int restore(struct restoring *r)
{
    struct failure f = {0};
    int rc = hand_board_work(&r->board, write_board, r, &f);

    r->noted = r->noted && rc != 0;
    /* Found in its place it is the engineer's word as well: what other attempts saved counts no more. */
    if (rc == 0 && !r->changed)
        rc = note_act(r, &r->put, &f);
    if (rc == 0)
        rc = identity_done(r->board.db, &r->u->mac, &f);
    return rc == 0 ? tell(r, r->changed) : refuse(r, &f);
}

static int check_options(const struct identity_options *u)
{
    if (u->reason == NULL || u->reason[0] == '\0')
        return cmd_fail(EXIT_USAGE, VERB,
                        "an identity sector is restored or accepted for a reason: --reason 'why'");
    return 0;
}

int unit_identity_restore(const struct identity_options *u)
{
    struct restoring *r = calloc(1, sizeof *r);

    if (r == NULL)
        return cmd_fail(EXIT_STATION, VERB, "out of memory");
    int code = check_options(u);
    if (code == 0) {
        r->u = u;
        mac_text(&u->mac, r->mac);
        r->at = (struct hand_board_options){.verb = VERB,
                                            .common = u->common,
                                            .port = u->port,
                                            .slot = u->slot,
                                            .reset = u->reset,
                                            .unwired = RESET_CLASSIC,
                                            .training = u->training,
                                            .sim = u->sim,
                                            .sim_dump = u->sim_dump,
                                            .sim_personality = u->sim_personality};
        code = hand_board_open(&r->board, &r->at, HAND_BOARD_NEW_RECORDS);
    }
    if (code == 0 && (code = choose_sector(r)) == 0 && (code = ask_leave(r)) == 0)
        code = restore(r);
    explicit_bzero(r->pin, sizeof r->pin);
    hand_board_close(&r->board);
    free(r);
    return code;
}

static int tell_accepted(const char *mac, bool json)
{
    if (json) {
        json_t *o = json_line_new("identity_accepted");
        json_put_text(o, "mac", mac);
        json_line_write(stdout, o);
        return EXIT_ALL_PASS;
    }
    printf("%s: what stands in its identity sector is right; what was saved before counts no more\n", mac);
    return EXIT_ALL_PASS;
}

int unit_identity_accept(const struct identity_options *u)
{
    char mac[MAC_TEXT_SIZE], database[PATH_TEXT];
    struct options_common common = *u->common;
    struct work_call call = {
        .action = WORK_IDENTITY_ACCEPT, .object = mac, .actor = u->operator_id, .reason = u->reason};
    int code = check_options(u);

    mac_text(&u->mac, mac);
    if (code == 0 && u->training) {
        code = database_path_training(VERB, u->common, database);
        common.db = database;
    }
    if (code == 0)
        code = work_request(VERB, &common, &call, NULL);
    return code != 0 ? code : tell_accepted(mac, common.json);
}
