/* SPDX-License-Identifier: Apache-2.0 */
/* exit_code - how every verb ends; documented in docs/exit-codes.md and the man page, tested. */
#ifndef STATION_PRINT_EXIT_CODE_H
#define STATION_PRINT_EXIT_CODE_H

enum exit_code {
    EXIT_ALL_PASS = 0,
    EXIT_SOME_FAIL = 1, /* some FAIL or HOLD */
    EXIT_USAGE = 2,
    EXIT_STATION = 3, /* some ERROR */
    EXIT_INPUT = 4,   /* bad job, archive, configuration or database */
    EXIT_INTERRUPTED = 5
};

#endif /* STATION_PRINT_EXIT_CODE_H */
