/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lasting_boards - virtual boards that outlive the process that flashes them: their flash lies in memory that a parent shares with
 * its children. Driver "lasting:N" in the clock of who opens; the process may be killed by a board's own count of writes, in the
 * middle of one, and no board moves any more then. Boards of production: their MACs are no training ones.
 */
#ifndef TESTS_SUPPORT_LASTING_BOARDS_H
#define TESTS_SUPPORT_LASTING_BOARDS_H

#include <pthread.h>
#include <stdatomic.h>

#include "engine/port/transport_driver.h"
#include "sim/board/sim_board.h"

#define LASTING_MAX   17
#define LASTING_FLASH (4u << 20)

struct lasting_board {
    struct mac mac;
    uint64_t seed;
    uint8_t *flash, *first; /* as it is when no process has the board; as it came. Shared */
    /* of the process that has it: */
    struct sim_board *board; /* NULL: it does not lie in its slot */
    long pulled_at;          /* writes to it until its cable comes off; 0: never */
    long writes;
    bool aimed; /* the next write to it is the one */
};

struct lasting_boards {
    int count;
    struct lasting_board boards[LASTING_MAX];
    atomic_long writes; /* to all, in this process */
    long blow_at;       /* the one in which the process is killed with signal 9; 0: none */
    uint32_t
        aim_at; /* or the first one behind the announcement of bytes for this address of flash: it is erased then; 0: none */
    bool (*is_dark)(void *ctx);
    void *ctx; /* they have no power: nothing reaches them any more. May be NULL */
    pthread_rwlock_t moves;
};

/* Boards that a factory made by `seed`, all of whose sectors hold something. Aborts without memory. */
void lasting_boards_make(struct lasting_boards *b, int count, uint64_t seed);
void lasting_boards_free(struct lasting_boards *b);

/* In the child: puts board `i` (0..) into its slot. `personality` as struct sim_board_config has it. */
void lasting_boards_lay(struct lasting_boards *b, int i, const char *personality);
/* In the child, when nobody works on them: what is in the boards' flash stays there. */
void lasting_boards_keep(struct lasting_boards *b);

extern const struct transport_driver lasting_driver; /* its ctx is the struct lasting_boards */

#endif /* TESTS_SUPPORT_LASTING_BOARDS_H */
