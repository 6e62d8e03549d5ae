/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service - a run as a service: its manager is told when boards can come, how it stands, that its loop turns, and that it ends
 * (docs/service.md). Without a manager all of it does nothing. The main thread's.
 *
 * The sign of life comes from the loop that takes signals and events alone: one that hangs is seen. While it drains, the manager
 * is asked for more time as long as boards are under way: a stop never kills a board that is being written.
 */
#ifndef STATION_RUN_SERVICE_H
#define STATION_RUN_SERVICE_H

#include <stdint.h>

struct engine;
struct service;
struct tally;

/* NULL: no manager, or no memory; every call takes NULL. Caller owns: service_free(). */
struct service *service_new(void);
void service_free(struct service *s);

void service_ready(struct service *s);    /* boards can come; once is enough */
void service_stopping(struct service *s); /* they cannot any more */
/* Once a turn of the loop. It says something when that is due. */
void service_turn(struct service *s, struct engine *engine, const struct tally *tally);
/* How long the loop may sleep, in milliseconds, for poll(); -1: as long as it likes. */
int service_wait_ms(const struct service *s);

#endif /* STATION_RUN_SERVICE_H */
