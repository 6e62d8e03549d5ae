/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job - what is to be done to every board: which boards are accepted and which bytes go where.
 *
 * Loaded once from a YAML file and its firmware, hashed, compressed once, then read-only: all slots share it without a
 * lock. Offsets and sizes are bytes of flash. Complaints name file and line (profiles/text/complaint.h).
 */
#ifndef PROFILES_JOB_JOB_H
#define PROFILES_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/duplicate.h"
#include "profiles/job/job_require.h"
#include "profiles/plan/flash_plan.h"

struct complaint;
struct failure;
struct unit_spec;

#define JOB_BAUD 2000000u /* what a job that says nothing allows */

enum reset_method { RESET_CLASSIC, RESET_TIGHT, RESET_NONE, RESET_CUSTOM };
enum stub_rule { STUB_AUTO, STUB_NO };

struct job {
    char name[64];
    char path[4096];             /* of the job file, as given; of the firmware for jobs made without a file */
    uint8_t sha256[SHA256_SIZE]; /* of the job file's bytes */
    bool released;               /* hashes are pinned (profiles/release) */
    bool for_firmware;           /* made for a firmware, without a job file */

    char board[32];                 /* board type: "WiPy", "LoPy4", "esp32" */
    char chip[16];                  /* "esp32c3": profiles/firmware/chip_kind.h */
    int revision_min, revision_max; /* major * 100 + minor; max 0: no limit */
    uint32_t flash_sizes[8];        /* allowed sizes; first 0 ends; none: any */
    bool revision_decides_size;     /* Pycom's rule: revision 0 has 4 MB, revision 1 and later 8 MB */
    struct job_require require;

    uint32_t baud; /* at most, of all that follows SYNC, which is always at 115200 */
    int retries;   /* whole-board retries after a failure that a retry may cure */
    enum reset_method reset;
    char reset_custom[128]; /* RESET_CUSTOM: "D0|R1|W0.1|..." */
    bool
        write_all; /* also what a board holds already; else the chip's digests find that out, and it is left as it is */
    enum stub_rule stub;
    /* Of the one helper program that was released with it, as engine/chip/esp_stub.h counts it; "": those that are known. */
    char stub_sha256[SHA256_TEXT_SIZE];
    enum duplicate_rule on_duplicate;

    char firmware_source[128]; /* file name without folders */
    char firmware_version[64]; /* from the image; never empty: "unversioned" where it says nothing */
    char firmware_board[32];   /* board name found in the image, "" when there is none */
    /* "app descriptor", "Pycom strings", "MicroPython strings", "archive name", "job", "none"; static storage */
    const char *version_origin;
    /* Of the firmware file's bytes; of several files: of their SHA-256 sums one after the other, as the job lists them. */
    uint8_t firmware_sha256[SHA256_SIZE];
    uint64_t image_bytes; /* of the largest plan */

    struct plan *plans;
    size_t plan_count;
    char region[16];              /* LoRa region that boards are given: "IN865"; "": they keep their own */
    const struct unit_spec *unit; /* profiles/unit/unit_spec.h; NULL: boards get nothing of their own */

    const char *const *warnings; /* what the engineer should know; never a reason to refuse */
    size_t warning_count;

    void *memory; /* private: everything the pointers above point into */
};

/*
 * Reads a job file. `firmware` replaces the path the file names; NULL: as the file says. A NULL return means *c says
 * why, with file and line. Caller owns: job_free().
 */
struct job *job_load(const char *path, const char *firmware, struct complaint *c);
/* The job file's settings alone: its firmware has to be there, but is not read; there are no plans. */
struct job *job_load_settings(const char *path, struct complaint *c);
/* As job_load(), for a firmware alone, without a job file: board, sizes and rules are read from the firmware. */
struct job *job_from_firmware(const char *firmware, struct complaint *c);
/* What a command line adds to what is flashed. Borrowed; NULL: nothing. */
struct job_extra {
    const char *firmware; /* instead of the job's own */
    const char
        *region; /* LoRa region that boards are given, by name, code or country, where the job names none */
};
/*
 * Whatever may be named as what to flash, told apart by its bytes and, for a job file that has become none, by its name
 * (.yaml): job_load() for a job file, job_from_firmware() for the rest, with which extra->firmware must be NULL. The one rule of
 * every door that takes both.
 */
struct job *job_open(const char *path, const struct job_extra *extra, struct complaint *c);
void job_free(struct job *job); /* NULL is fine */

/*
 * May a board of this chip revision and flash size be given this job? The one place that knows: revisions, sizes, and where
 * the revision stands for a size, their agreement. 0, or -1 and *f, of stage GATE.
 */
int job_accepts(const struct job *job, int revision, uint32_t flash_size, struct failure *f);
/* What the job's boards call the pin that is at GND when they are reset into the bootloader: see pycom_board.h. */
const char *job_boot_pin(const struct job *job);
/* The plan for an accepted board, or NULL: it is not accepted, or none fits (then *c, if given, says what there is). */
const struct plan *job_plan(const struct job *job, uint32_t flash_size, int revision, struct complaint *c);

#endif /* PROFILES_JOB_JOB_H */
