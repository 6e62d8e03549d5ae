/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lived_in - a database that a station has used for a while: lots opened, extended, closed and reopened, engineers and
 * operators enrolled, changed and disabled, boards that passed, failed and were held, saved sectors, stops released and
 * standing, corrections, events, an archive, three runs, one attempt still open.
 */
#ifndef TESTS_SUPPORT_LIVED_IN_H
#define TESTS_SUPPORT_LIVED_IN_H

#include "tests/support/db_fixture.h"

#define LIVED_IN_ARCHIVED 6 /* attempts 1 to 6 are in the archive */
#define LIVED_IN_CLOSED   22
#define LIVED_IN_PIN      "246813"

/* Fills a new x->path; nothing is open afterwards. */
void lived_in_make(struct db_fixture *x);
/* Boards and other work by the station itself after that: to see what is found when it goes on. */
void lived_in_go_on(struct db_fixture *x);

#endif /* TESTS_SUPPORT_LIVED_IN_H */
