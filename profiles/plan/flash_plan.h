/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flash_plan - which bytes go where on one kind of board: what plan makes, a job holds and the engine carries out. Read-only
 * once it is made, so all slots share it without a lock. Offsets and sizes are bytes of flash.
 */
#ifndef PROFILES_PLAN_FLASH_PLAN_H
#define PROFILES_PLAN_FLASH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/unit_data.h"

#define SECTOR_SIZE   0x1000u
#define ERASE_BLOCK   0x10000u  /* what a flash erases at once: 150 ms, sixteen sectors one by one 720 ms */
#define BOOT_SECTOR   0x1000u   /* ESP32, and so Pycom: the second-stage bootloader's first sector */
#define CONFIG_SECTOR 0x3FF000u /* Pycom: identity and settings, 4 KiB, same place on 4 and 8 MB */

/*
 * What of a piece lies in one erase block of the flash: the least that is written on its own as a stream. Cut anywhere else
 * the sixteen sectors of a block would be erased one by one; cut finer, each BEGIN would cost more than it wins (a stream of
 * its own leaves the line idle while its last block is programmed, 100 ms or so).
 */
struct region {
    uint32_t at, size;     /* within the piece; at: multiple of SECTOR_SIZE */
    uint8_t md5[MD5_SIZE]; /* of its whole sectors: what the piece leaves of its last one is blank */
    /*
     * Deflate without head and tail, referring to nothing before it and ending on a whole byte: those of neighbours, one
     * after the other, make one stream. NULL: the piece has no other region.
     */
    const uint8_t *z;
    uint32_t zsize, adler;
};

/* The chip is asked for so many regions at once first: one answer of 40 ms at a stub for each 256 KiB that did not change. */
#define RANGE_REGIONS 4u

/* A run of bytes for one place in flash, compressed and hashed once. */
struct piece {
    char name[64];       /* member or file it came from, "otadata" for the generated record */
    uint32_t offset;     /* multiple of SECTOR_SIZE */
    uint32_t size;       /* bytes of data; padded with FF to a multiple of 4 */
    const uint8_t *data; /* all pieces' memory belongs to the job */
    const uint8_t *z;    /* zlib stream (window 32 KiB, level 12) */
    uint32_t zsize;
    /* How many bytes the first ZLIB_STEP, 2 * ZLIB_STEP .. of z become; NULL where z is. */
    const uint32_t *becomes;
    const uint32_t *windows; /* and how many of z become each STREAM_WINDOW more; the last: all of them */
    uint8_t md5[MD5_SIZE];
    const struct region *regions; /* all of it, in order */
    size_t region_count;
    const uint8_t (
        *ranges)[MD5_SIZE]; /* as of a region, of each RANGE_REGIONS of them and of those that are left */
};

#define STREAM_WINDOW 0x8000u /* what a decompressor collects before it is written */
#define ZLIB_STEP     0x1000u /* every loader's block is a multiple of it */

struct span {
    uint32_t offset, size; /* multiples of SECTOR_SIZE */
};

/* Each sector of them is read, stored and compared on every board: what a database and a slow line can bear. */
#define PROTECT_RANGES  8
#define PROTECT_SECTORS 64

struct partition_table;

/* A file as the firmware places it, before it is cut where something is kept. */
struct plan_part {
    char name[64];
    uint32_t offset, size;
    const uint8_t *data;
    int line;   /* of the job file; 0: none */
    bool final; /* written after everything but the boot sector */
};

/* A partition that the job protects or erases by its name, which the board's own table has to tell. */
struct plan_name {
    char name[17];
    bool erase; /* else it is protected */
};

/* Where a board's own unit data go (base/unit_data.h); profiles/unit/ knows which bytes. */
struct unit_place {
    char name[UNIT_NAME_SIZE];
    uint32_t offset, size;
    bool
        image; /* whole sectors, that begin on one; else these bytes alone, and the rest of their sectors stays */
};

/*
 * What to do on one kind of board, in this order: erase the boot sector if anything is written; erase `erases`; write and
 * verify `pieces`; write and verify `finals` (otadata); write and verify `boot` last. A plan without a `boot` piece
 * leaves the bootloader as it is: the engine then parks the sector (reads, backs up, erases, restores it last).
 */
struct plan {
    char name[32];       /* "script_8MB", "script", "files" */
    uint32_t flash_size; /* boards of exactly this size; 0: any size that is large enough */
    uint32_t needs_size; /* end of what is touched, or of the partition table written, whichever is higher */
    struct span *
        erases; /* sectors to erase that no piece below covers; long blank runs of the files are among them */
    size_t erase_count;
    bool erase_all; /* the whole chip (identity sector is then restored from its backup) */
    struct piece *pieces, *finals;
    size_t piece_count, final_count;
    uint32_t boot_sector; /* of SECTOR_SIZE bytes; without it the board boots nothing */
    struct piece *boot;   /* what goes there; NULL: none in this plan */
    struct span identity; /* the board's own sector, which no plan may lose; size 0: such boards have none */
    bool writes_identity; /* the job named that sector explicitly */
    struct span
        protect[PROTECT_RANGES]; /* what else the job protects: not written, not erased, compared after */
    size_t protect_count;
    /* Neither written nor erased by the plan itself, as what is protected; in the order of the job. */
    const struct unit_place *unit;
    size_t unit_count;
    const struct span *unit_erased; /* what the job erases, or leaves blank, and where unit data lie */
    size_t unit_erased_count;

    const struct plan_part *parts; /* all that is written */
    size_t part_count;
    const struct partition_table *table; /* that is written; NULL: the board keeps its own */
    uint32_t table_at;                   /* where it goes */
    uint16_t chip_id;
    bool
        pycom; /* the bootloader is Pycom's: 4 MB whatever its header says, its own record of what to start */
    const struct plan_name *names; /* no table is written that tells them; plan_board.h makes spans of them */
    size_t name_count;
    bool asks_board; /* what it leaves to the board is looked at before anything is erased (plan_board.h) */
};

/* `size` filled up to the end of its last sector, from a sector's beginning on. */
uint32_t whole_sectors(uint32_t size);
/* `size` bytes at `offset` lie at least partly within the span. */
bool span_touches(const struct span *span, uint32_t offset, uint32_t size);
/* ... within one of them. */
bool spans_touch(const struct span *spans, size_t count, uint32_t offset, uint32_t size);
/* Where every board type of this programme that has an identity sector keeps it. */
struct span plan_identity_span(void);
/* The whole sectors that a place touches. */
struct span unit_place_sectors(const struct unit_place *place);
/* `size` bytes at `offset` touch a sector with unit data. */
bool plan_has_unit(const struct plan *plan, uint32_t offset, uint32_t size);
/* In that sector the unit data stand alone: all else in it is blank, by the job. */
bool plan_blanks_around_unit(const struct plan *plan, uint32_t sector);
/*
 * `size` bytes at `offset` touch what the plan itself leaves alone on every board: its identity sector, what the job
 * protects, and where unit data go.
 */
bool plan_keeps(const struct plan *plan, uint32_t offset, uint32_t size);
/* Something is written: the boot sector then goes first and comes last. */
bool plan_writes(const struct plan *plan);
/* How many bytes are erased and not written, on a flash of that size. */
uint64_t plan_blank_bytes(const struct plan *plan, uint32_t flash_size);
uint64_t piece_bytes(const struct piece *pieces, size_t count);

#endif /* PROFILES_PLAN_FLASH_PLAN_H */
