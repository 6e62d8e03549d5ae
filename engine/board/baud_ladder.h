/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baud_ladder - the rates that are tried from a maximum downwards. Pure functions.
 *
 * 3, 2 and 1.5 Mbaud: what FT232R, FT2232H, FT4232H and CP2102N make exactly, and every chip's crystal divides to within 2 %.
 * 921600 and less: what the older bridges stop at (CP2102, CH340's drivers).
 */
#ifndef ENGINE_BOARD_BAUD_LADDER_H
#define ENGINE_BOARD_BAUD_LADDER_H

#include <stdint.h>

#define BAUD_LEAST 115200u /* of SYNC and of the boot text: not left, and needs no change */

/*
 * The most where nobody can reset a board for another go. A ROM that starts anew measures the rate of what comes in whole ticks of its
 * crystal: 43 of 40 MHz at 921600, but 20 at 2 Mbaud, where one too few is off by more than a byte bears.
 */
#define BAUD_BY_HAND 921600u

/* The next rate below; 0: there is none. */
uint32_t baud_below(uint32_t rate);
/* The next rate above, `max` itself as the last one; `rate` again where it is that already. */
uint32_t baud_above(uint32_t rate, uint32_t max);
/* The rate that was asked for when an adapter made `made`: within 2 %, else `made` itself. */
uint32_t baud_asked(uint32_t made);

#endif /* ENGINE_BOARD_BAUD_LADDER_H */
