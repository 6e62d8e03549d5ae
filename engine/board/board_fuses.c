/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/board_fuses.h"

#define SECURE_BOOT (SECURITY_SECURE_BOOT_V1 | SECURITY_SECURE_BOOT_V2)

/* Burnt, whether this revision obeys it or not. */
static bool is_burnt(const struct esp_chip *c, enum fuse f)
{
    return esp_target_fuse(c->target, f, c->fuse) != 0;
}

int board_fuses_suit(struct board *b)
{
    const struct esp_chip *c = &b->chip;
    uint32_t security = c->unit.security;
    bool wants_signed = (security & SECURE_BOOT) != 0 || is_burnt(c, FUSE_SECURE_BOOT);
    const char *const found[REQUIRE_COUNT] = {
        [REQUIRE_VDD_SDIO] = esp_chip_supply(c),
        [REQUIRE_FLASH_ENCRYPTION] = security & SECURITY_FLASH_ENCRYPTED ? "on" : "off",
        [REQUIRE_SECURE_BOOT] = wants_signed ? "on" : "off",
        [REQUIRE_DOWNLOAD] = is_burnt(c, FUSE_DOWNLOAD_OFF) ? "disabled" : "enabled",
        [REQUIRE_JTAG] = security & SECURITY_JTAG_DISABLED ? "disabled" : "enabled",
        [REQUIRE_CUSTOM_MAC] = c->unit.has_custom_mac ? "present" : "absent",
    };

    return job_require_holds(&b->job->require, found, &b->failure);
}
