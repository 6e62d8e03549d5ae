/* SPDX-License-Identifier: Apache-2.0 */
/* sim_replay_mode - `flashline sim replay`: an attempt that failed, once more, against what its board then said. */
#ifndef STATION_CLI_SIM_REPLAY_MODE_H
#define STATION_CLI_SIM_REPLAY_MODE_H

int sim_replay_mode(int argc, char **argv); /* argv[0] is "sim replay"; an exit code */

#endif /* STATION_CLI_SIM_REPLAY_MODE_H */
