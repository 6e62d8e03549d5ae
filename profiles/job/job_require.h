/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_require - what a job wants of a board's eFuses, beside what no job can have: `require:` in its file, held against a board
 * before anything of it is erased. docs/profiles.md has the words.
 *
 * Plain data; strings are static. What a board has is told in the same words by the engine.
 */
#ifndef PROFILES_JOB_JOB_REQUIRE_H
#define PROFILES_JOB_JOB_REQUIRE_H

struct complaint;
struct failure;

enum require {
    REQUIRE_VDD_SDIO, /* the flash's supply: burnt to a voltage, or a pin decides */
    REQUIRE_FLASH_ENCRYPTION,
    REQUIRE_SECURE_BOOT,
    REQUIRE_DOWNLOAD,
    REQUIRE_JTAG,
    REQUIRE_CUSTOM_MAC,
    REQUIRE_COUNT
};

struct job_require {
    const char *is[REQUIRE_COUNT]; /* NULL: as it comes */
    int line[REQUIRE_COUNT];       /* of the job's file */
};

/* As the file spells it: "vdd_sdio". */
const char *job_require_key(enum require which);

/* Can it be asked of this chip, and would any board pass? 0, or -1 with *c (FAIL_JOB). */
int job_require_check(const struct job_require *r, const char *chip, const char *path, struct complaint *c);

/* `found`: what a board has, NULL where its chip does not say. 0, or -1 and *f, of stage GATE. */
int job_require_holds(const struct job_require *r, const char *const found[static REQUIRE_COUNT],
                      struct failure *f);

#endif /* PROFILES_JOB_JOB_REQUIRE_H */
