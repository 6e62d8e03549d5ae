/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board_ask - which chip the board on a port has, and what is burnt into it: it is reached through its ROM, asked, and let go.
 * Nothing of it is changed, and nothing is recorded.
 */
#ifndef ENGINE_BOARD_BOARD_ASK_H
#define ENGINE_BOARD_BOARD_ASK_H

#include "engine/board/session.h"
#include "engine/chip/esp_chip.h"

/*
 * At the rate that every ROM is asked at. 0, or -1 and *f. A flash that does not identify itself is no failure here: what powers
 * it may be just what is looked for; its size is then 0.
 */
int board_ask(struct session *session, struct esp_chip *out, struct failure *f);

#endif /* ENGINE_BOARD_BOARD_ASK_H */
