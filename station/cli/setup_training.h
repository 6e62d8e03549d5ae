/* SPDX-License-Identifier: Apache-2.0 */
/* setup_training - the end of `flashline setup`: what comes next, and a tray of virtual boards to practise on. */
#ifndef STATION_CLI_SETUP_TRAINING_H
#define STATION_CLI_SETUP_TRAINING_H

#include "station/cli/setup_answers.h"

/* The commands that come next, on standard output. */
void setup_training_tell(const struct setup *s);
/* Flashes eight virtual boards as `flashline run --sim 8` does, with a firmware made on the spot; its exit code. */
int setup_training_run(const struct setup *s);

#endif /* STATION_CLI_SETUP_TRAINING_H */
