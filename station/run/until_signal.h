/* SPDX-License-Identifier: Apache-2.0 */
/*
 * until_signal - Ctrl-C for one long call of a verb without a run: a signal that asks for an end raises a waker, until the
 * call has come to what must not be broken off. Ports are then closed in order, or the kernel's driver would stay off.
 * Made before, freed after the call, in one thread; until_signal_commit() from any.
 */
#ifndef STATION_RUN_UNTIL_SIGNAL_H
#define STATION_RUN_UNTIL_SIGNAL_H

#include "base/waker.h"

struct until_signal;

struct until_signal *
until_signal_new(void); /* NULL: out of memory or descriptors. Caller owns: until_signal_free() */
void until_signal_free(struct until_signal *u); /* NULL is fine; the signals stay blocked */
const struct waker *until_signal_waker(const struct until_signal *u); /* borrowed */
/* From here on signals change nothing. False: one came before. */
bool until_signal_commit(struct until_signal *u);

#endif /* STATION_RUN_UNTIL_SIGNAL_H */
