/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/job/job_require.h"

#include <string.h>

#include "profiles/firmware/chip_kind.h"
#include "profiles/job/job_file.h"

static const char *const supplies[] = {"1.8V", "3.3V", "off", "pin", NULL};
static const char *const off_on[] = {"off", "on", NULL};
static const char *const enabled[] = {"enabled", "disabled", NULL};
static const char *const present[] = {"absent", "present", NULL};

/* `never`: a board that has it is refused by whatever job, by that code. */
static const struct {
    const char *key;
    const char *const *words;
    const char *never;
    enum failure_code code;
} kinds[REQUIRE_COUNT] = {
    [REQUIRE_VDD_SDIO] = {"vdd_sdio", supplies, NULL, FAILURE_NONE},
    [REQUIRE_FLASH_ENCRYPTION] = {"flash_encryption", off_on, "on", FAIL_FLASH_ENCRYPTED},
    [REQUIRE_SECURE_BOOT] = {"secure_boot", off_on, "on", FAIL_SECURE_BOOT},
    [REQUIRE_DOWNLOAD] = {"download", enabled, "disabled", FAIL_DOWNLOAD_DISABLED},
    [REQUIRE_JTAG] = {"jtag", enabled, NULL, FAILURE_NONE},
    [REQUIRE_CUSTOM_MAC] = {"custom_mac", present, NULL, FAILURE_NONE},
};

static int set_word(void *target, const struct schema_value *value, struct complaint *c)
{
    struct job_require *r = &((struct job_file *)target)->job->require;

    (void)c;
    for (size_t i = 0; i < REQUIRE_COUNT; i++) {
        if (strcmp(kinds[i].key, value->key) != 0)
            continue;
        r->is[i] = kinds[i].words[value->number];
        r->line[i] = value->line;
    }
    return 0;
}

const struct schema_rule job_require_rules[] = {
    {.key = "vdd_sdio", .type = SCHEMA_CHOICE, .choices = supplies, .set = set_word},
    {.key = "flash_encryption", .type = SCHEMA_CHOICE, .choices = off_on, .set = set_word},
    {.key = "secure_boot", .type = SCHEMA_CHOICE, .choices = off_on, .set = set_word},
    {.key = "download", .type = SCHEMA_CHOICE, .choices = enabled, .set = set_word},
    {.key = "jtag", .type = SCHEMA_CHOICE, .choices = enabled, .set = set_word},
    {.key = "custom_mac", .type = SCHEMA_CHOICE, .choices = present, .set = set_word},
    {.key = NULL}};

const char *job_require_key(enum require which)
{
    return kinds[which].key;
}

int job_require_check(const struct job_require *r, const char *chip, const char *path, struct complaint *c)
{
    const struct chip_kind *kind = chip_kind_by_name(chip);

    if (r->is[REQUIRE_VDD_SDIO] != NULL && kind != NULL && !kind->has_supply_fuses)
        return complain(c, FAIL_JOB, path, r->line[REQUIRE_VDD_SDIO],
                        "vdd_sdio: an %s has no eFuse for its flash's supply; remove it", kind->title);
    for (size_t i = 0; i < REQUIRE_COUNT; i++) {
        if (r->is[i] != NULL && kinds[i].never != NULL && strcmp(r->is[i], kinds[i].never) == 0)
            return complain(c, FAIL_JOB, path, r->line[i],
                            "%s: '%s' would refuse every board: one that has it is never written (%d); write "
                            "'%s' or remove it",
                            kinds[i].key, r->is[i], (int)kinds[i].code, kinds[i].words[0]);
    }
    return 0;
}

int job_require_holds(const struct job_require *r, const char *const found[static REQUIRE_COUNT],
                      struct failure *f)
{
    for (size_t i = 0; i < REQUIRE_COUNT; i++) {
        if (r->is[i] == NULL || (found[i] != NULL && strcmp(r->is[i], found[i]) == 0))
            continue;
        return failure_set(f, FAIL_REQUIRED_EFUSE, STAGE_GATE, 0, "the job requires %s: %s, the board has %s",
                           kinds[i].key, r->is[i], found[i] != NULL ? found[i] : "no such eFuse");
    }
    return 0;
}
