/* SPDX-License-Identifier: Apache-2.0 */
/* attempt_view - what a watcher may see of a board under work. Valid during the call of publish() only. */
#ifndef ENGINE_BOARD_ATTEMPT_VIEW_H
#define ENGINE_BOARD_ATTEMPT_VIEW_H

#include "base/record.h"

struct attempt_view {
    enum stage stage;
    uint64_t done, total; /* bytes of the stage; 0 0: not counted */
    int64_t left_us;      /* < 0: unknown */
    int retries;
    uint32_t baud; /* worked at, or to be raised to */
    bool has_unit;
    const struct unit_identity *unit;
    const char *note; /* "" or something worth a line in the log; given once */
    bool saving;      /* the chip is done; the recorder is being asked */
    bool waiting;     /* it stands untouched until the recorder gives leave */
};

#endif /* ENGINE_BOARD_ATTEMPT_VIEW_H */
