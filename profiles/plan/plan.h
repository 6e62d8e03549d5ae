/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan - from "these files go there" to the exact sectors of struct plan (profiles/plan/flash_plan.h).
 *
 * A draft collects regions and erases; plan_finish() checks it as a whole and makes the pieces. Rules kept here:
 *  - pieces begin on sectors, none shares a sector with another, none lies beyond the flash;
 *  - what the board type or the job protects is never erased nor written; a Pycom board's config sector is written only
 *    where the job says `protect: none`;
 *  - what the job's `erase` names goes, but for what is written and what is protected;
 *  - an application fits its partition and is a sound image for the job's chip; a table's MD5 is right and it ends
 *    within the flash;
 *  - the chip's boot sector is a piece of its own; a plan that does not write it never erases it either.
 */
#ifndef PROFILES_PLAN_PLAN_H
#define PROFILES_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profiles/firmware/esp_image.h"
#include "profiles/firmware/partition.h"
#include "profiles/plan/flash_plan.h"
#include "profiles/plan/image_piece.h"
#include "profiles/text/complaint.h"

struct arena;
struct chip_kind;
struct firmware_archive;
struct pycom_script;

#define FLASH_MAX     (16u * 1024 * 1024) /* what the loaders' three address bytes reach */
#define DRAFT_REGIONS 96
#define DRAFT_ERASES  160
#define RANGE_WORDS   16
#define PLAN_NAMES    (2 * RANGE_WORDS) /* all that protect: and erase: can name */
#define PLAN_WARNINGS 256

struct plan_warnings {
    const char *texts[PLAN_WARNINGS];
    size_t count;
};

/* A place as a job names it: a partition, or a range in whole sectors. */
struct range_word {
    char name[17]; /* of a partition; "": the range */
    struct span range;
    int line; /* of the job file */
};

struct range_words {
    struct range_word words[RANGE_WORDS];
    size_t count;
    bool all; /* the whole flash */
};

/* A place of unit data as a job names it. */
struct unit_word {
    char name[UNIT_NAME_SIZE];
    char partition[17]; /* "": `at` is an offset of the flash, else one within it */
    uint32_t at, size;  /* size 0: all that is behind `at` in the partition */
    bool image;         /* whole sectors */
    bool nvs;           /* ... of a partition for key-value pairs */
    int line;           /* of the job file */
};

struct plan_context {
    struct arena *arena;
    struct piece_store *store;
    struct plan_warnings *warnings;
    const struct place *at;
    struct complaint *c;
    bool write_config;
    bool plain_board;                  /* such boards have no identity sector of their own */
    const struct range_words *protect; /* NULL: none but the board type's */
    const struct range_words *erase;   /* NULL: none but the firmware's */
    const struct unit_word *unit;      /* UNIT_WRITES_MAX at most */
    size_t unit_count;
    const uint32_t *
        flash_sizes; /* that the job names, 0 after the last, 8 at most; NULL: it leaves them to the firmware */
    int flash_size_line;
    uint16_t chip_id;
    int revision_min, revision_max; /* what all images planned so far can run on; max 0: no limit */
};

struct plan_draft {
    char name[32];
    uint32_t flash_size; /* 0: any */
    struct plan_part regions[DRAFT_REGIONS];
    size_t region_count;
    struct span erases[DRAFT_ERASES];
    size_t erase_count;
    bool erase_all;
    struct span protect[PROTECT_RANGES];
    size_t protect_count;
    struct unit_place unit[UNIT_WRITES_MAX];
    size_t unit_count;
    struct plan_name names[PLAN_NAMES]; /* of a partial job without a table: each board's own has to tell */
    size_t name_count;
    bool has_table;
    struct partition_table table;
    uint32_t table_at; /* where the job writes it, else where it usually is; known after plan_finish() */
    bool partial;      /* it leaves bootloader, table or application to the board */
    bool pycom;        /* by its name: such boards have Pycom's bootloader */
    const struct plan_part *boot_part; /* what holds the bootloader; NULL: nothing */
    struct esp_image boot;
    const struct partition
        *starts; /* of `table`: where the application lies that the job writes and the board starts; NULL */
    const uint8_t *app; /* the application to be started, known after plan_finish(); NULL: none */
    size_t app_size;
};

/* The chip that the plan is for. */
const struct chip_kind *plan_kind(const struct plan_context *ctx);
/* Where it looks for its bootloader. */
uint32_t plan_boot_at(const struct plan_context *ctx);

/* Each returns 0, or -1 with context->c filled. */
int plan_add_region(struct plan_context *ctx, struct plan_draft *draft, const char *name, uint32_t offset,
                    const uint8_t *data, size_t size);
int plan_add_erase(struct plan_context *ctx, struct plan_draft *draft, uint32_t offset, uint32_t size);
int plan_finish(struct plan_context *ctx, struct plan_draft *draft, struct plan *out);

/* Where Pycom's boards have their file system: it follows the chip, not the table. 508 KiB below 4 MB, else 4 MB above. */
struct span plan_pycom_file_system(uint32_t flash_size);
/* Adds what the script says, for boards of draft->flash_size. */
int plan_add_script(struct plan_context *ctx, struct plan_draft *draft, const struct pycom_script *script,
                    const struct firmware_archive *archive);

/* Finds the partition table among the regions, checks it and every image; adds the boot selection. plan_finish() runs it. */
int plan_check_images(struct plan_context *ctx, struct plan_draft *draft);

/* plan_ranges.c: what the job protects and erases, as places. plan_finish() runs it once the table is known. */
int plan_add_ranges(struct plan_context *ctx, struct plan_draft *draft);
/* Refuses a file that holds something where the board keeps its own; warns of all else that is left out. */
int plan_guard(struct plan_context *ctx, const struct plan_draft *draft);
/* The draft keeps what stands there: of its board type's or of the job's word. */
bool plan_draft_keeps(const struct plan_context *ctx, const struct plan_draft *draft, uint32_t offset,
                      uint32_t size);

/*
 * plan_unit.c: where unit data go on this board, and that nothing else does: plan_finish() adds them once all else is known to
 * the draft, guards them against its files, and tells the plan where the job makes the rest blank.
 */
int plan_add_unit(struct plan_context *ctx, struct plan_draft *draft);
int plan_guard_unit(struct plan_context *ctx, const struct plan_draft *draft);
int plan_unit_erases(struct plan_context *ctx, const struct plan_draft *draft, struct plan *out);

/* plan_ranges.c, for plan_unit.c. The place of a word in whole sectors would take what the board starts by: *c says so. */
int plan_check_starts(struct plan_context *ctx, const struct plan_draft *draft, const char *what, int line,
                      const struct span *s);
/* A file of the draft holds something in the span, blank bytes of an image included. */
bool plan_part_holds(const struct plan_context *ctx, const struct plan_draft *draft,
                     const struct plan_part *part, const struct span *s);

/* As complain_at(), with the line of the job that names the file. */
int plan_blame(const struct plan_context *ctx, const struct plan_part *part, const char *text, ...)
    __attribute__((format(printf, 3, 4)));

/* Remembers a sentence for the engineer; the same one only once. */
void plan_warn(struct plan_context *ctx, const char *text, ...) __attribute__((format(printf, 2, 3)));

#endif /* PROFILES_PLAN_PLAN_H */
