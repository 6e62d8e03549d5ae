/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tty_holder - which other program has a device file, as far as this process can see; and what keeps off those that take
 * ports by themselves.
 *
 * A terminal can be open twice without any error: two programs then share its bytes. So its holders are looked for
 * (/proc, lock files), by the device's number, whatever name they opened it by. Not another: this process and its
 * children; whoever holds the other end of a pseudo terminal; a lock file whose process ended, or began after it.
 * Any thread; nothing is opened but files of /proc and lock files.
 */
#ifndef ENGINE_PORT_TTY_HOLDER_H
#define ENGINE_PORT_TTY_HOLDER_H

#include <stddef.h>

#define TTY_HOLDER_SIZE 96

/*
 * "minicom (pid 812)" into `out`, which says so where it is another user's or known by its lock file alone; "" when
 * nobody else is seen. Without root the open files of other users' programs are not seen: then their lock files, locks and
 * controlling terminals are.
 */
void tty_holder(const char *path, char *out, size_t size);
/* "/dev/ttyUSB0 is held by brltty (pid 812): what helps"; `holder` "": somebody has it and is not seen. */
void tty_holder_say(const char *what, const char *holder, char *out, size_t size);

/* The pid of a program that runs now, by its name; 0: none. */
int tty_holder_running(const char *program);
/*
 * What helps for good where `holder` ("brltty", or as tty_holder() names it) is a program that takes ports by itself: an
 * order without its full stop. NULL: one that somebody started and can close. Static storage.
 */
const char *tty_holder_cure(const char *holder);

#endif /* ENGINE_PORT_TTY_HOLDER_H */
