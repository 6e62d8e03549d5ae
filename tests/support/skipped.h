/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test could not look at here, and why. A row that is left out is said and counted; a programme all of whose tests
 * are skipped ends with 77, so that CTest calls it skipped and not passed (tests/support/skipped_group.c). One thread.
 */
#ifndef FLASHLINE_TESTS_SUPPORT_SKIPPED_H
#define FLASHLINE_TESTS_SUPPORT_SKIPPED_H

/* One row of a test is left out and the rest goes on. `why` follows "skipped: "; said again only after another reason. */
void skipped_row(const char *why, ...) __attribute__((format(printf, 1, 2)));

/* Rows left out so far by this process. */
int skipped_rows(void);

#endif
