/* SPDX-License-Identifier: Apache-2.0 */
/*
 * board_flash - the flash of a board whose loader was reached: ranges are read, erased and written, each started over a
 * bounded number of times when the line fails, and only the chip's own digest tells what stands there.
 *
 * Each function returns 0, or -1 with board->failure. Offsets and sizes are bytes.
 */
#ifndef ENGINE_BOARD_BOARD_FLASH_H
#define ENGINE_BOARD_BOARD_FLASH_H

#include "engine/board/board.h"

/* One sector, with its hash, compared with the chip's digest of it. */
int flash_read_sector(struct board *b, enum backup_kind kind, uint32_t offset, struct backup *out);
int flash_erase(struct board *b, uint32_t begin, uint32_t end); /* multiples of the sector */
/*
 * Neighbouring regions of a piece, or all of them, in one stream where the loader takes one and the line is what takes the
 * time. `dirty`: they are known not to be blank where they begin. Allocates nothing.
 */
int flash_write(struct board *b, const struct piece *piece, size_t first, size_t count, bool dirty);
/* Whole sectors of a piece, not compressed: for a few among many that the board holds already. */
int flash_write_plain(struct board *b, const struct piece *piece, uint32_t at, uint32_t size);
int flash_write_sector(struct board *b, const char *name, uint32_t offset,
                       const uint8_t data[static BACKUP_SIZE]);

/* The chip's digest of that range is `want`, or FAIL_MD5_MISMATCH (and b->mismatch), FAIL_MD5_READ. */
int flash_check(struct board *b, const char *name, uint32_t offset, uint32_t size,
                const uint8_t want[static MD5_SIZE]);
/* -1: FAIL_MD5_MISMATCH becomes FAIL_MD5_UNPROVEN where it may have come over the line. `before`: b->mismatch as it was. */
int flash_judge(struct board *b, const struct mismatch *before);
/* A sector that cannot be had again: written, checked, judged. */
int flash_put_back(struct board *b, const char *name, uint32_t offset,
                   const uint8_t data[static BACKUP_SIZE]);

#endif /* ENGINE_BOARD_BOARD_FLASH_H */
