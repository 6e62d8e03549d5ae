/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_serial - the serials of a run: every door (a scan on the screen, a typed code, the control socket, a file) comes here
 * and is put to the one rule (db/desk/serial_desk.h); the engine is told where it may look again.
 *
 * Any thread; run_serial_event(): the one that takes the engine's events.
 */
#ifndef STATION_RUN_RUN_SERIAL_H
#define STATION_RUN_RUN_SERIAL_H

#include <stddef.h>

#include "db/desk/serial_desk.h"
#include "engine/slot/slot_event.h"

struct desk_serial; /* station/screen/desk.h */
struct run;

#define RUN_SERIAL_LINE 512 /* of any language */

/* `slot` 0: whichever asks; a code that is a slot's own label then makes that slot the one that asks. */
enum serial_answer run_serial_scan(struct run *run, int slot, const char *code);
bool run_serial_is_label(const struct run *run, const char *code); /* of a slot, or of several */
enum serial_answer run_serial_choose(struct run *run, int slot);
/* No serial by the rules of scanned codes, which say `why`: told, nothing else. `slot` 0: of the slot that asks, if one does. */
void run_serial_refuse(struct run *run, int slot, const char *code, const char *why);
enum serial_answer run_serial_take_back(struct run *run, int slot); /* 0: the last that was taken */
/*
 * Each event of the engine comes by here. A slot that begins to wait gets what the file of --serials has for its board;
 * `serial`: that a result is recorded under, "" for other events.
 */
void run_serial_event(struct run *run, const struct slot_event *e, char serial[static SERIAL_SIZE]);

/* The serial of a slot's board, as screens show it. */
void run_serial_look(const struct run *run, int slot, struct desk_serial *out);

/* What became of it, in English, to be translated where the screen shows it; static storage. */
const char *run_serial_sentence(enum serial_answer a);
/* Its sentence: of its answer, or what the rules of codes said; English as well. */
const char *run_serial_words(const struct serial_word *w);
/* A word of the desk as a line of a log, with its sentence: "SN-1: the serial number of this board". */
void run_serial_line(const struct serial_word *w, const char *sentence, char out[static RUN_SERIAL_LINE]);

#endif /* STATION_RUN_RUN_SERIAL_H */
