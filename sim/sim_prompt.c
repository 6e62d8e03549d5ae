/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of a chip whose loader was told to leave: the ROM's BASIC interpreter, which echoes what it is sent. It
 * knows how to take back a character and that a line means nothing to it; a NUL is no character.
 */
#include "sim/sim_core.h"

#define GREETING "flash read err, 631\r\nFalling back to built-in command interpreter.\r\nOK\r\n>"

void sim_prompt_start(struct sim_board *b, int64_t at_us)
{
    b->mode = SIM_MODE_APP;
    b->rom.at_prompt = true;
    b->rom.line = 0;
    sim_say_text(b, GREETING, at_us);
}

void sim_prompt_byte(struct sim_board *b, uint8_t byte, int64_t at_us)
{
    size_t *line = &b->rom.line;

    switch (byte) {
    case '\0':
        break;
    case '\b':
        if (*line > 0) {
            (*line)--;
            sim_say_text(b, "\b \b", at_us);
        }
        break;
    case '\n':
        sim_say_text(b, *line > 0 ? "\r\nHow?\r\n>" : "\r\n>", at_us);
        *line = 0;
        break;
    default:
        (*line)++;
        sim_say(b, &byte, 1, at_us);
        break;
    }
}
