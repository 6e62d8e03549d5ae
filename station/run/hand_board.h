/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hand_board - one board at one port for a verb that works on it by hand, outside of any run: configuration, port, records and
 * the way out on a signal, opened in that order and closed in the other.
 *
 * Records are opened as a station opens them, so a station that runs on this PC is asked first: it has the ports, and the verb
 * is refused. One thread.
 */
#ifndef STATION_RUN_HAND_BOARD_H
#define STATION_RUN_HAND_BOARD_H

#include "base/failure.h"
#include "engine/board/session.h"
#include "station/config/config.h"
#include "station/config/options_common.h"
#include "station/config/paths.h"
#include "station/print/exit_code.h"
#include "station/run/one_port.h"
#include "station/run/run_slots.h"
#include "station/run/until_signal.h"

/* Borrowed; what an option does not say is NULL. */
struct hand_board_options {
    const char *verb;
    const struct options_common *common;
    const char *port, *slot;
    int reset;                 /* enum reset_method for a port named by URI; -1: not said */
    enum reset_method unwired; /* then, and where the slot says nothing either */
    bool training;             /* the records are the training database's */
    bool sim;                  /* a virtual board instead of a real one; implies training */
    const char *sim_dump, *sim_personality, *sim_chip;
    uint32_t
        other_baud; /* at which a loader may have been left on a board without reset wiring; 0: the usual one */
    bool slot_is_word; /* the slot is given by no option: what is said of it names none */
};

enum hand_board_records {
    HAND_BOARD_NO_RECORDS, /* nothing is recorded, and no station that runs is asked */
    HAND_BOARD_RECORDS,    /* those that are there */
    HAND_BOARD_NEW_RECORDS /* they are made where there are none */
};

struct sim_tray;

/* Zeroed before hand_board_open(). */
struct hand_board {
    const struct hand_board_options *o;
    struct config *config;
    struct run_slots slots;
    struct sim_tray *tray;
    struct db *db; /* NULL: not asked for, or none was there and it was not to be made */
    struct until_signal *signals;
    char database[PATH_TEXT], port[ONE_PORT_SIZE];
};

/* 0, or an exit code after one line on stderr; hand_board_close() in any case. */
int hand_board_open(struct hand_board *h, const struct hand_board_options *o,
                    enum hand_board_records records);
void hand_board_close(struct hand_board *h);
/*
 * The board on a real port is changed with records other than the station's own: the engineers of those are asked, and the act
 * on `object` stands in their audit. 0, or an exit code after one line.
 */
int hand_board_ask_elsewhere(struct hand_board *h, const char *operator_id, const char *object);
/* Opens a session at the port, hands it to `work`, closes it. What `work` answers, or -1 with *f. */
int hand_board_work(struct hand_board *h, int (*work)(void *ctx, struct session *session, struct failure *f),
                    void *ctx, struct failure *f);
/* How a verb ends that failed so. */
enum exit_code hand_board_exit(const struct failure *f);

#endif /* STATION_RUN_HAND_BOARD_H */
