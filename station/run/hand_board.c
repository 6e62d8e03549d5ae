/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/hand_board.h"

#include <errno.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "db/open/db.h"
#include "engine/port/ftdi/transport_ftdi.h"
#include "engine/port/transport_tty.h"
#include "profiles/text/complaint.h"
#include "sim/board/sim_tray.h"
#include "station/print/cmd_fail.h"
#include "station/work/database_path.h"
#include "station/work/elsewhere.h"

#define OTHER_BAUD 921600 /* at which a loader may have been left on a board without reset wiring */

/* The option that named the port, for complaints. */
static const char *named_by(const struct hand_board_options *o)
{
    if (o->slot_is_word && o->port == NULL)
        return "";
    return o->slot != NULL ? "slot" : "port";
}

static int find_place(struct hand_board *h)
{
    const struct hand_board_options *o = h->o;
    struct complaint c = {0};
    const struct run_options run = {.verb = o->verb,
                                    .slots_option = named_by(o),
                                    .slots = h->port,
                                    .reset = o->reset,
                                    .sim = o->sim,
                                    .sim_time = RUN_TIME_VIRTUAL};

    h->config = config_load(o->common->config, &c);
    if (h->config == NULL)
        return cmd_fail(EXIT_INPUT, o->verb, "%s", c.text);
    int code = o->sim ? 0 : one_port_find(o->verb, o->port, o->slot, h->port);
    return code != 0 ? code : run_slots_choose(&h->slots, &run, h->config);
}

static int make_board(struct hand_board *h)
{
    const struct hand_board_options *o = h->o;
    const struct sim_tray_config config = {
        .count = 1, .revision = 1, .seed = 1, .chips = o->sim_chip, .personalities = o->sim_personality};
    char why[SIM_TRAY_ERROR] = "";

    if (!o->sim)
        return 0;
    int no_place = o->sim_dump != NULL ? sim_tray_dump_place(o->sim_dump) : 0;
    if (no_place != 0)
        return cmd_fail(EXIT_USAGE, o->verb, "--sim-dump: %s: %s", o->sim_dump, errno_text(-no_place));
    h->tray = sim_tray_new(&config, why);
    return h->tray != NULL ? 0 : cmd_fail(EXIT_USAGE, o->verb, "the virtual board: %s", why);
}

static int open_records(struct hand_board *h, enum hand_board_records records)
{
    const struct hand_board_options *o = h->o;
    struct failure f = {0};

    if (records == HAND_BOARD_NO_RECORDS)
        return 0;
    int code = o->training || o->sim ? database_path_training(o->verb, o->common, h->database)
                                     : database_path(o->verb, o->common, h->database);

    if (code != 0 || (records != HAND_BOARD_NEW_RECORDS && access(h->database, F_OK) != 0))
        return code;
    const struct db_options options = {
        .path = h->database, .mode = DB_STATION, .station = h->config->station_id};
    h->db = db_open(&options, &f);
    if (h->db != NULL)
        database_tell_updated(o->verb, h->db);
    return h->db != NULL ? 0
                         : cmd_fail(EXIT_INPUT, o->verb, "%s%s", f.detail,
                                    f.code == FAIL_DB_HELD ? ": stop it first, it has the port" : "");
}

int hand_board_open(struct hand_board *h, const struct hand_board_options *o, enum hand_board_records records)
{
    int code;

    h->o = o;
    if ((o->port != NULL) + (o->slot != NULL) + o->sim > 1)
        return cmd_fail(EXIT_USAGE, o->verb, "--port, --slot and --sim exclude each other");
    if ((code = find_place(h)) != 0 || (code = make_board(h)) != 0 || (code = open_records(h, records)) != 0)
        return code;
    h->signals = until_signal_new();
    return h->signals != NULL ? 0 : cmd_fail(EXIT_STATION, o->verb, "out of memory");
}

void hand_board_close(struct hand_board *h)
{
    if (h->tray != NULL && h->o->sim_dump != NULL && h->signals != NULL)
        sim_tray_dump(h->tray, h->o->sim_dump);
    until_signal_free(h->signals);
    db_close(h->db);
    sim_tray_free(h->tray);
    config_free(h->config);
}

int hand_board_ask_elsewhere(struct hand_board *h, const char *operator_id, const char *object)
{
    struct work_call call = {.action = WORK_ELSEWHERE,
                             .actor = operator_id,
                             .object = object,
                             .text = h->o->training ? "practice" : h->database};

    if (h->o->sim || elsewhere_is_home(h->config->database, h->database))
        return 0;
    return elsewhere_ask(h->o->verb, h->o->common, h->config->database, &call);
}

int hand_board_work(struct hand_board *h, int (*work)(void *ctx, struct session *session, struct failure *f),
                    void *ctx, struct failure *f)
{
    const struct engine_slot *slot = &h->slots.slots[0];
    const struct transport_binding bindings[] = {
        {h->tray != NULL ? &sim_driver : &ftdi_driver, h->tray}, {&tty_driver, NULL}, {NULL, NULL}};
    struct clock *clock = slot->virtual_time ? clock_new_virtual() : clock_new_real();
    struct session session = {
        .bindings = bindings,
        .uri = slot->uri,
        .env = {.clock = clock, .cancel = until_signal_waker(h->signals)},
        .connect = {.reset = slot->has_reset ? slot->reset : h->o->unwired,
                    .cancel = until_signal_waker(h->signals),
                    .other_baud = h->o->other_baud != 0 ? h->o->other_baud : OTHER_BAUD},
        .presence = slot->presence,
    };
    int rc = clock == NULL ? failure_set(f, FAIL_NO_MEMORY, STAGE_OPEN, ENOMEM, "opening the port")
                           : work(ctx, &session, f);

    session_close(&session);
    clock_free(clock);
    return rc;
}

enum exit_code hand_board_exit(const struct failure *f)
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
