/* SPDX-License-Identifier: Apache-2.0 */
/* process - what each of our programmes does first and last. */
#ifndef STATION_PRINT_PROCESS_H
#define STATION_PRINT_PROCESS_H

/* Before anything is opened: 0, 1 and 2 are there, and a reader that goes away is an error of a write. */
void process_begin(void);
/*
 * The exit code, of a verb that ends with `code`. What was said on stdout may not have arrived: a full disk must not look
 * like success to a script. A reader who has seen enough (| head) is no failure.
 */
int process_end(const char *verb, int code);

#endif /* STATION_PRINT_PROCESS_H */
