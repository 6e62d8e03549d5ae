/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify - tells the service manager that started us how we are: sd_notify(3)'s datagrams to $NOTIFY_SOCKET, by the protocol
 * that is promised to stay (systemd's "Interface Portability and Stability Promise"). Never waits: a manager that does not
 * read is not told. One thread.
 */
#ifndef STATION_RUN_NOTIFY_H
#define STATION_RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify;

/*
 * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: what we start must not speak for us. NULL: nobody
 * wants to be told, or no memory; every call takes NULL and does nothing. Caller owns: notify_free().
 */
struct notify *notify_new(void);
void notify_free(struct notify *n);

/* Variables, one a line: "READY=1\nSTATUS=..". False: it was not taken. */
bool notify_say(struct notify *n, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* How often a sign of life is wanted, in microseconds, for us by WATCHDOG_PID; 0: never. */
int64_t notify_watchdog_us(const struct notify *n);

#endif /* STATION_RUN_NOTIFY_H */
