/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin - how an engineer's PIN reaches the programme: from a file (--pin-file, "-" is stdin), else typed on the terminal
 * without being shown. Never on the command line, where every user of the machine could read it.
 */
#ifndef STATION_PIN_H
#define STATION_PIN_H

#include "db/operator.h"

#define PIN_TEXT (PIN_MAX + 1)

/*
 * Takes the first line of `file`, or (NULL) asks with `prompt` on the controlling terminal. 0; -ENOTTY: there is nobody
 * to ask; -EINVAL: empty or longer than PIN_MAX; else a negative errno. Wipe it with explicit_bzero() after use.
 */
int pin_read(const char *file, const char *prompt, char out[static PIN_TEXT]);

#endif /* STATION_PIN_H */
