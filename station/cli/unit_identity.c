/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/unit_identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/time_text.h"
#include "db/desk/identity.h"
#include "db/desk/work.h"
#include "db/read/story.h"
#include "engine/board/identity_restore.h"
#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/transport_tty.h"
#include "profiles/text/complaint.h"
#include "sim/board/sim_tray.h"
#include "station/cli/cmd.h"
#include "station/print/json.h"
#include "station/run/one_port.h"
#include "station/run/run_slots.h"
#include "station/run/until_signal.h"
#include "station/work/database_path.h"
#include "station/work/elsewhere.h"
#include "station/work/work_client.h"

#define VERB       "unit"
#define SAVED_MAX  256
#define OTHER_BAUD 921600 /* at which a loader may have been left on a board without reset wiring */

struct restoring {
    const struct identity_options *u;
    struct config *config;
    struct run_slots slots;
    struct db *db;
    struct sim_tray *tray;
    struct until_signal *signals;
    struct backup put;
    struct story_unit unit; /* as the records know it */
    struct work_call call;
    bool noted; /* the act stands in the records, and the sector may be gone from the board */
    char database[PATH_TEXT], port[ONE_PORT_SIZE], mac[MAC_TEXT_SIZE], pin[PIN_TEXT];
    char put_hash[SHA256_TEXT_SIZE], before_hash[SHA256_TEXT_SIZE];
};

static enum exit_code exit_for(const struct failure *f)
{
    switch (f->code) {
    case FAIL_ROLE:
    case FAIL_WORK:
        return f->sys == EINVAL ? EXIT_USAGE : EXIT_SOME_FAIL;
    case FAIL_RECORD:
    case FAIL_DB_OPEN:
    case FAIL_DB_HELD:
        return EXIT_INPUT;
    case FAIL_ABORTED:
        return EXIT_INTERRUPTED;
    default:
        return failure_result(f) == RESULT_ERROR ? EXIT_STATION : EXIT_SOME_FAIL;
    }
}

static int refuse(const struct restoring *r, const struct failure *f)
{
    static const char again[] =
        "; the sector is not back yet: do this again, or flash the board, which puts it back first";

    return cmd_fail(exit_for(f), VERB, "%s (%d): %s%s", failure_title(f->code), (int)f->code, f->detail,
                    r->noted ? again : "");
}

static int find_place(struct restoring *r)
{
    const struct identity_options *u = r->u;
    struct complaint c = {0};
    const struct run_options o = {
        .verb = VERB, .slots = r->port, .reset = u->reset, .sim = u->sim, .sim_time = RUN_TIME_VIRTUAL};

    r->config = config_load(u->common->config, &c);
    if (r->config == NULL)
        return cmd_fail(EXIT_INPUT, VERB, "%s", c.text);
    int code = u->sim ? 0 : one_port_find(VERB, u->port, u->slot, r->port);
    return code != 0 ? code : run_slots_choose(&r->slots, &o, r->config);
}

static int make_board(struct restoring *r)
{
    const struct identity_options *u = r->u;
    const struct sim_tray_config config = {
        .count = 1, .revision = 1, .seed = 1, .personalities = u->sim_personality};
    char why[SIM_TRAY_ERROR] = "";

    if (!u->sim)
        return 0;
    int no_place = u->sim_dump != NULL ? sim_tray_dump_place(u->sim_dump) : 0;
    if (no_place != 0)
        return cmd_fail(EXIT_USAGE, VERB, "--sim-dump: %s: %s", u->sim_dump, errno_text(-no_place));
    r->tray = sim_tray_new(&config, why);
    return r->tray != NULL ? 0 : cmd_fail(EXIT_USAGE, VERB, "the virtual board: %s", why);
}

static int open_records(struct restoring *r)
{
    const struct identity_options *u = r->u;
    struct failure f = {0};
    int code = u->training || u->sim ? database_path_training(VERB, u->common, r->database)
                                     : database_path(VERB, u->common, r->database);

    if (code != 0)
        return code;
    const struct db_options o = {.path = r->database, .mode = DB_STATION, .station = r->config->station_id};
    r->db = db_open(&o, &f);
    if (r->db != NULL)
        database_tell_updated(VERB, r->db);
    return r->db != NULL ? 0
                         : cmd_fail(EXIT_INPUT, VERB, "%s%s", f.detail,
                                    f.code == FAIL_DB_HELD ? ": stop it first, it has the port" : "");
}

/* What --from can name. */
static void list_saved(const struct restoring *r)
{
    struct identity_saved all[SAVED_MAX];
    struct failure f = {0};
    int count = identity_list(r->db, &r->u->mac, all, SAVED_MAX, &f);

    for (int i = 0; i < count; i++) {
        char hash[SHA256_TEXT_SIZE], when[TIME_TEXT_SIZE], by[48] = "before a restore";

        time_text_local(all[i].first_ms, when);
        if (all[i].attempt != 0)
            snprintf(by, sizeof by, "by attempt %lld", (long long)all[i].attempt);
        digest_hex(all[i].sha256, SHA256_SIZE, hash);
        fprintf(stderr, "  --from %.16s  saved %s %s%s%s\n", hash, when, by, all[i].blank ? ", blank" : "",
                all[i].due ? ", the one the next attempt would put back" : "");
    }
}

static int choose_sector(struct restoring *r)
{
    struct failure f = {0};

    if (identity_choose(r->db, &r->u->mac, r->u->from, &r->put, &f) != 0) {
        int code = cmd_fail(exit_for(&f), VERB, "%s", f.detail);
        list_saved(r);
        return code;
    }
    if (story_unit(r->db, r->u->mac.bytes, &r->unit, &f) < 0)
        return cmd_fail(exit_for(&f), VERB, "%s", f.detail);
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
    struct work_call elsewhere = {.action = WORK_ELSEWHERE,
                                  .actor = r->u->operator_id,
                                  .object = r->mac,
                                  .text = r->u->training ? "practice" : r->database};
    int code = r->u->sim || elsewhere_is_home(r->config->database, r->database)
                   ? 0
                   : elsewhere_ask(VERB, r->u->common, r->config->database, &elsewhere);

    if (code != 0)
        return code;
    r->call = (struct work_call){.action = WORK_IDENTITY_RESTORE,
                                 .actor = r->u->operator_id,
                                 .object = r->mac,
                                 .text = r->put_hash,
                                 .old = r->before_hash,
                                 .reason = r->u->reason};
    const struct work_asker asker = {
        .verb = VERB, .question = "Engineer's PIN", .try = try_leave, .ctx = r->db, .keep = r->pin};
    if (work_ask_leave(&asker, &r->call, NULL, &f) != 0)
        return cmd_fail(exit_for(&f), VERB, "%s", f.detail);
    r->call.pin = r->pin;
    return 0;
}

static int note_act(struct restoring *r, const struct backup *before, struct failure *f)
{
    const struct identity_act act = {before, &r->put};

    struct work_receipt receipt = {0};

    digest_hex(before->sha256, SHA256_SIZE, r->before_hash);
    r->call.identity = &act;
    int rc = work_do(r->db, &r->call, &receipt, f);
    r->call.identity = NULL;
    if (rc == 0 && receipt.pin_short)
        work_tell_short_pin(VERB, receipt.who);
    return rc;
}

/* The last moment at which nothing is erased. */
static int keep(void *ctx, const struct backup *before, struct failure *f)
{
    struct restoring *r = ctx;

    if (!until_signal_commit(r->signals))
        return failure_set(f, FAIL_ABORTED, STAGE_BACKUP, ECANCELED, "nothing was erased");
    int rc = note_act(r, before, f);
    r->noted = rc == 0;
    return rc;
}

static int write_board(struct restoring *r, bool *changed, struct failure *f)
{
    const struct engine_slot *slot = &r->slots.slots[0];
    const struct transport_binding bindings[] = {
        {r->tray != NULL ? &sim_driver : &ftdi_driver, r->tray}, {&tty_driver, NULL}, {NULL, NULL}};
    struct clock *clock = slot->virtual_time ? clock_new_virtual() : clock_new_real();
    struct session session = {
        .bindings = bindings,
        .uri = slot->uri,
        .env = {.clock = clock, .cancel = until_signal_waker(r->signals)},
        .connect = {.reset = slot->has_reset ? slot->reset : RESET_CLASSIC,
                    .cancel = until_signal_waker(r->signals),
                    .other_baud = OTHER_BAUD},
        .presence = slot->presence,
    };
    const struct identity_restore restore = {.session = &session,
                                             .mac = &r->u->mac,
                                             .chip = r->unit.is.chip,
                                             .sector = r->put.data,
                                             .offset = r->put.offset,
                                             .keep = keep,
                                             .ctx = r};
    int rc = clock == NULL ? failure_set(f, FAIL_NO_MEMORY, STAGE_OPEN, ENOMEM, "opening the port")
                           : identity_restore(&restore, changed, f);

    session_close(&session);
    clock_free(clock);
    return rc;
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
    bool changed = false;

    r->signals = until_signal_new();
    if (r->signals == NULL)
        return cmd_fail(EXIT_STATION, VERB, "out of memory");
    int rc = write_board(r, &changed, &f);
    r->noted = r->noted && rc != 0;
    /* Found in its place it is the engineer's word as well: what other attempts saved counts no more. */
    if (rc == 0 && !changed)
        rc = note_act(r, &r->put, &f);
    if (rc == 0)
        rc = identity_done(r->db, &r->u->mac, &f);
    if (r->tray != NULL && r->u->sim_dump != NULL)
        sim_tray_dump(r->tray, r->u->sim_dump);
    return rc == 0 ? tell(r, changed) : refuse(r, &f);
}

static int check_options(const struct identity_options *u)
{
    if (u->reason == NULL || u->reason[0] == '\0')
        return cmd_fail(EXIT_USAGE, VERB,
                        "an identity sector is restored or accepted for a reason: --reason 'why'");
    if ((u->port != NULL) + (u->slot != NULL) + u->sim > 1)
        return cmd_fail(EXIT_USAGE, VERB, "--port, --slot and --sim exclude each other");
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
    }
    if (code != 0 || (code = find_place(r)) != 0 || (code = make_board(r)) != 0 ||
        (code = open_records(r)) != 0 || (code = choose_sector(r)) != 0 || (code = ask_leave(r)) != 0)
        goto end;
    code = restore(r);
end:
    explicit_bzero(r->pin, sizeof r->pin);
    until_signal_free(r->signals);
    db_close(r->db);
    sim_tray_free(r->tray);
    config_free(r->config);
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
