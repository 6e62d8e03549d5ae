/* SPDX-License-Identifier: Apache-2.0 */
/* yield_by - `yield --by`: the numbers in parts, a line each. */
#ifndef STATION_CLI_YIELD_BY_H
#define STATION_CLI_YIELD_BY_H

#include "db/read/numbers.h"
#include "station/config/options_common.h"

/* In the order of YIELD_BY_WORDS. */
enum yield_by {
    YIELD_BY_DAY,
    YIELD_BY_SHIFT,
    YIELD_BY_SLOT,
    YIELD_BY_OPERATOR,
    YIELD_BY_FIRMWARE,
    YIELD_BY_JOB,
    YIELD_BY_CHIP
};
#define YIELD_BY_WORDS "day|shift|slot|operator|firmware|job|chip"

/* As a table or as JSON Lines. An exit code. Days and shifts are local ones; when shifts begin is said in station.yaml. */
int yield_by(struct db *db, const struct record_filter *filter, enum yield_by by,
             const struct options_common *common);

#endif /* STATION_CLI_YIELD_BY_H */
