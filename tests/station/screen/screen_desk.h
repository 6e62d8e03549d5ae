/* SPDX-License-Identifier: Apache-2.0 */
/* screen_desk - work and records with fixed answers, for the scripted screen. */
#ifndef TESTS_SCREEN_SCREEN_DESK_H
#define TESTS_SCREEN_SCREEN_DESK_H

#include <stdio.h>

#include "station/screen/desk.h"

#define SCREEN_DESK_TAKES                                                                           \
    (DESK_BIT(DESK_JOB) | DESK_BIT(DESK_LOT) | DESK_BIT(DESK_EXTEND) | DESK_BIT(DESK_LOG_IN) |      \
     DESK_BIT(DESK_LOG_OUT) | DESK_BIT(DESK_SLOT) | DESK_BIT(DESK_UNLOCK) | DESK_BIT(DESK_SERIAL) | \
     DESK_BIT(DESK_SCAN) | DESK_BIT(DESK_CHOOSE) | DESK_BIT(DESK_TAKE_BACK))
#define SCREEN_DESK_CHOICES (DESK_BIT(DESK_JOBS) | DESK_BIT(DESK_LOTS))
#define SCREEN_DESK_RECORDS                                                             \
    (DESK_BIT(DESK_LOT_FIGURES) | DESK_BIT(DESK_SLOT_ATTEMPTS) | DESK_BIT(DESK_UNITS) | \
     DESK_BIT(DESK_UNIT_STORY))

/* As desk.ask. */
int screen_desk_ask(const struct desk_query *query, union desk_answer out);
/* As desk.act, for the acts above; what is done is written to `calls`, one line each. */
enum desk_outcome screen_desk_act(FILE *calls, const struct desk_act *act, char why[static DESK_WHY_SIZE]);

#endif /* TESTS_SCREEN_SCREEN_DESK_H */
