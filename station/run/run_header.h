/* SPDX-License-Identifier: Apache-2.0 */
/* run_header - what stands in the header of every screen that shows a run: its own and those that are attached. */
#ifndef STATION_RUN_RUN_HEADER_H
#define STATION_RUN_RUN_HEADER_H

#include "station/screen/desk.h"

struct db;
struct run;

/* What the job and the configuration say. The main thread's, or under the run's lock of choices. */
void run_header_job(const struct run *run, struct desk_station *out);
/* Who works here, on which lot, and how far that is; `is_engineer`: by run_header_is_engineer(). Any thread; asks the records. */
void run_header_people(const struct run *run, bool is_engineer, struct desk_station *io);
/* As far as a header says so; no right comes from it. Any thread. */
bool run_header_is_engineer(struct db *db, const char *name);

#endif /* STATION_RUN_RUN_HEADER_H */
