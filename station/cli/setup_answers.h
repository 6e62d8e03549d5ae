/* SPDX-License-Identifier: Apache-2.0 */
/* setup_answers - what `flashline setup` was told: by its options, else by a person, else what is proposed. One thread. */
#ifndef STATION_CLI_SETUP_ANSWERS_H
#define STATION_CLI_SETUP_ANSWERS_H

#include "station/config/config.h"
#include "station/config/options_common.h"
#include "station/work/work_client.h"

struct setup {
    struct options_common common; /* after setup_answers() `db` is the answer's */
    struct {
        const char *name, *database, *slots, *engineer, *pin_file, *backup; /* by options; NULL: not */
    } given;
    bool yes, asks;        /* asks: a person is there */
    struct config *config; /* as it is; `found` false: defaults, and where the file will be */

    /* The answers; "" and 0: as it is. */
    char name[64];
    char database[PATH_TEXT];     /* always */
    char database_now[PATH_TEXT]; /* before that; of a new station what was proposed */
    bool database_changed;
    char backup[PATH_TEXT];
    char engineer[64], pin[PIN_TEXT];
    struct config_slot slots[CONFIG_SLOTS_MAX]; /* that are new */
    int slot_count;
    char engineers[200]; /* who is one already, for people: "karl, lena"; "nobody" */
};

/* 0, an exit code after one line on stderr, or -1: the person left (Ctrl-D). `again`: what was answered is proposed. */
int setup_answers(struct setup *s, bool again);

#endif /* STATION_CLI_SETUP_ANSWERS_H */
