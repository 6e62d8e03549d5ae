/* SPDX-License-Identifier: Apache-2.0 */
/*
 * presence_line - the modem input by which a fixture's switch tells that a board lies in the slot. Plain data and its
 * words; how it is waited for: transport_wait_modem(), engine/slot/presence.c.
 */
#ifndef ENGINE_PORT_PRESENCE_LINE_H
#define ENGINE_PORT_PRESENCE_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* Modem inputs as drivers report them: a set, 1 where the pin is asserted (low). The bits are the FTDI chips' own. */
enum modem_input { MODEM_CTS = 0x10, MODEM_DSR = 0x20, MODEM_RI = 0x40, MODEM_DCD = 0x80 };

struct presence_line {
    uint8_t input; /* one MODEM_ bit; 0: the fixture has no such switch */
    bool inverted; /* a board releases the pin instead of asserting it */
};

/* The words for every line there can be: "dsr", and "not-dsr" for an inverted one; ends with NULL. */
extern const char *const presence_line_words[];
/* The line that word i of them stands for. */
struct presence_line presence_line_of(int i);
/* Its word; "" where there is none. Static storage. */
const char *presence_line_word(const struct presence_line *line);

#endif /* ENGINE_PORT_PRESENCE_LINE_H */
