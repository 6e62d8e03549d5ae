/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/board/board_layout.h"

#include <string.h>

#include "engine/board/board_flash.h"
#include "profiles/text/complaint.h"

int board_layout(struct board *b, const struct plan **plan, struct plan_board *look)
{
    struct complaint c = {0};
    struct backup sector;
    uint32_t offset;
    int rc;

    if (!(*plan)->asks_board)
        return 0;
    plan_board_begin(look, *plan, b->chip.unit.flash_size);
    while ((rc = plan_board_next(look, &offset, &c)) > 0) {
        if (flash_read_sector(b, BACKUP_BOOT_SECTOR, offset, &sector) < 0)
            return -1;
        plan_board_take(look, sector.data);
    }
    if (rc < 0)
        return failure_set(&b->failure, FAIL_BOARD_LAYOUT, STAGE_GATE, 0, "%s",
                           c.text + strspn(c.text, ": "));
    *plan = look->plan;
    return 0;
}
