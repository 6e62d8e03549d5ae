/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board_survey - which sectors of a board hold already what the plan leaves there, by the chip's own digests, before anything
 * is changed. It only reads, and spares work: what it says is never a verdict, all of the plan is verified afterwards as if
 * nothing had been spared.
 *
 * What it costs (sim_physics.h): a digest takes a stub 0.15 us a byte and a ROM 0.9, writing the same through
 * them at 921600 6 and 17, erasing 2.3. So large ranges are asked for first, then erase blocks where they differ, then
 * sectors where a block stands alone; and a board that has another firmware, or none, is found out by four sectors of each
 * file, 3 ms each, and asked no more.
 */
#ifndef ENGINE_BOARD_BOARD_SURVEY_H
#define ENGINE_BOARD_BOARD_SURVEY_H

#include "engine/board/board.h"
#include "profiles/plan/flash_plan.h"

#define SURVEY_SECTORS (16u * 1024 * 1024 / SECTOR_SIZE)

/* A bit a sector. Zeroed: nothing is known, so all of it is to be written. */
struct survey {
    uint8_t same[SURVEY_SECTORS / 8]; /* by a digest of that very sector, or of a range with it */
    uint8_t blank[SURVEY_SECTORS / 8];
    uint8_t dirty[SURVEY_SECTORS /
                  8]; /* a sector, or the first of a region, that was asked for and is not blank */
    bool over;        /* the line failed: what was known is forgotten */
    int questions;
};

/* Which boards' flash it is worth to be told where a file's place is blank and where it is not. */
bool survey_wants_blanks(const struct board *b);

/*
 * `boot_md5`: of the boot sector as the plan leaves it; NULL where it writes none. 0, also where the line failed and the
 * loader was reached again; -1 with b->failure. The running stage stays.
 */
int survey_board(struct board *b, const struct plan *plan, const uint8_t *boot_md5, struct survey *out);

/* Each sector that these bytes touch. */
bool survey_is_same(const struct survey *s, uint32_t offset, uint32_t size);
bool survey_is_blank(const struct survey *s, uint32_t offset, uint32_t size);
bool survey_is_dirty(const struct survey *s, uint32_t offset, uint32_t size);

#endif /* ENGINE_BOARD_BOARD_SURVEY_H */
