/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes from any client to a virtual board. FE lets time pass; FD sets lines or the rate by the byte that follows. */
#include "sim/board/sim_board.h"
#include "tests/fuzz/check_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t rates[] = {115200, 921600, 74880, 9600};
    const struct sim_board_config config = {.mac = {{0x02, 0xf1, 0xa5, 0, 0, 1}},
                                            .revision = size > 0 && (data[0] & 1) ? 3 : 0,
                                            .flash_size = 1 << 20,
                                            .reset_wired = true,
                                            .starts_in_bootloader = true};
    struct sim_board *b = sim_board_new(&config, 0);
    uint8_t buf[256];
    int64_t now = 0;

    must(b != NULL, "no board");
    for (size_t i = 1; i < size; i++) {
        if (data[i] == 0xFE) {
            now += 20000;
        } else if (data[i] == 0xFD && i + 1 < size) {
            i++;
            if (data[i] & 0x80)
                sim_board_set_baud(b, rates[data[i] & 3], now);
            else
                sim_board_set_lines(b, data[i] & 1, data[i] & 2, now);
        } else {
            sim_board_send(b, &data[i], 1, now);
            continue;
        }
        while (sim_board_receive(b, buf, sizeof buf, now) > 0)
            ;
        must(sim_board_next(b) == SIM_NEVER || sim_board_next(b) > 0, "an event before the start");
    }
    sim_board_free(b);
    return 0;
}
