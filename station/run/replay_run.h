/* SPDX-License-Identifier: Apache-2.0 */
/* replay_run - an attempt once more, against the board that its record of the wire describes, in virtual time. One thread. */
#ifndef STATION_RUN_REPLAY_RUN_H
#define STATION_RUN_REPLAY_RUN_H

#include "base/record.h"
#include "sim/board/sim_replay.h"

struct job;
struct stub;

#define REPLAY_WORDS_SIZE 320

/*
 * `stub` may be NULL. Records nothing anywhere. A hold that the records decided then is decided again; what else they
 * knew of the unit (a sector to be put back) is not on the wire. 0: *out tells how it ended; -1 with *f: it could
 * not be begun. A replay serves one run.
 */
int replay_run(struct sim_replay *replay, const struct job *job, const struct stub *stub,
               struct attempt_result *out, struct failure *f);
/* Same code and stage as the record's, and host and record never parted. */
bool replay_is_same(const struct sim_replay *replay, const struct attempt_result *out);
/* Where they parted, in a sentence; "" when they did not. */
void replay_words_parting(const struct sim_replay *replay, char out[static REPLAY_WORDS_SIZE]);

#endif /* STATION_RUN_REPLAY_RUN_H */
