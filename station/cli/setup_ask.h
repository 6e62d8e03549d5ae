/* SPDX-License-Identifier: Apache-2.0 */
/* setup_ask - questions to a person at a terminal, a line each: on standard output, answered on standard input. One thread. */
#ifndef STATION_CLI_SETUP_ASK_H
#define STATION_CLI_SETUP_ASK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Asks and reads a line into `out`, without blanks at its ends; an empty one is `proposed` (may be ""). What is too long for
 * `out` is said and asked for again. 0, or -1: no more input (Ctrl-D).
 */
int setup_ask(const char *question, const char *proposed, char *out, size_t size);
/* Reads the rest of a line that somebody else has asked for, such as the Enter that ended a wait. */
void setup_ask_enter(void);
/* 1 yes, 0 no, -1: no more input. Enter: `proposed`. */
int setup_ask_yes(const char *question, bool proposed);
#define SETUP_ASK_BACK 2
/* The same for what is about to be done; `b` is SETUP_ASK_BACK: other answers first. Enter: yes. */
int setup_ask_confirm(const char *question);

#endif /* STATION_CLI_SETUP_ASK_H */
