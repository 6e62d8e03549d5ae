/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mixed_records - what a few days leave in a database when nothing goes smoothly: retries, rework, boards that were stopped or never
 * identified, marks set and taken back, practice in between, two lots, two zones, a change of the clocks, an archive.
 */
#ifndef TESTS_SUPPORT_MIXED_RECORDS_H
#define TESTS_SUPPORT_MIXED_RECORDS_H

#include "tests/support/db_fixture.h"

void mixed_records_begin(
    struct db_fixture *x); /* a new database, open, on a Friday before the clocks go back */
/* One board and what is said of it; every choice is the seed's. Sometimes two boards that overlap. */
void mixed_records_step(struct db_fixture *x, uint32_t *seed, bool training);
void mixed_records_days(struct db_fixture *x, int days, bool training);
/* All of the above after mixed_records_begin(); closed afterwards, one attempt still open. */
void mixed_records_make(struct db_fixture *x, bool training);

#endif /* TESTS_SUPPORT_MIXED_RECORDS_H */
