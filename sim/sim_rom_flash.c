/* SPDX-License-Identifier: Apache-2.0 */
/* FLASH_* and DEFL_* of the mask ROM. Erases in BEGIN; a block with a wrong checksum still uses up its sequence number. */
#include "sim/sim_core.h"
#include "sim/sim_physics.h"
#include "sim/sim_trouble.h"

#define ROM_BLOCK 0x400u /* largest block seen accepted; 0x4000 is refused */

unsigned sim_rom_flash_begin(struct sim_board *b, const uint8_t *body, enum sim_transfer kind)
{
    uint32_t size = sim_word(body), blocks = sim_word(body + 4), block_size = sim_word(body + 8);
    uint32_t offset = sim_word(body + 12);

    b->write = (struct sim_write){0};
    b->rom.deflate_over = false;
    if (block_size > ROM_BLOCK)
        return 0x0105;
    if (offset % SIM_SECTOR != 0 || (uint64_t)offset + size > b->rom.flash_size ||
        !sim_flash_covers(&b->flash, offset, size) || !b->spi.attached)
        return 0x0106;
    b->cpu_us += sim_flash_erase_area(&b->flash, offset, size);
    b->write = (struct sim_write){
        .kind = kind, .block_size = block_size, .blocks = blocks, .at = offset, .total = size};
    if (kind == SIM_TRANSFER_DEFLATE)
        sim_inflate_restart(b->inflate, false);
    return 0;
}

static void program(void *ctx, const uint8_t *bytes, size_t len)
{
    struct sim_board *b = ctx;

    b->cpu_us += sim_flash_program(&b->flash, b->write.at, bytes, len);
    b->write.at += (uint32_t)len;
    b->write.done += (uint32_t)len;
    sim_trouble_progress(b, b->write.done, b->write.total);
}

static void inflate_out(void *ctx, const uint8_t *bytes, size_t len)
{
    struct sim_board *b = ctx;

    b->cpu_us += (int64_t)len * SIM_ROM_INFLATE_NS / 1000;
    program(ctx, bytes, len);
}

static unsigned deflate_block(struct sim_board *b, const uint8_t *data, uint32_t len)
{
    enum sim_inflate_state s = sim_inflate_feed(b->inflate, data, len, true, inflate_out, b);
    bool last = b->write.seq >= b->write.blocks;

    if (s == SIM_INFLATE_DONE)
        b->rom.deflate_over = b->write.ended = true;
    if (s == SIM_INFLATE_BAD || (s == SIM_INFLATE_MORE && last))
        return 0x010b;
    return s == SIM_INFLATE_ADLER ? 0x010c : 0;
}

unsigned sim_rom_flash_data(struct sim_board *b, const uint8_t *body, enum sim_transfer kind,
                            uint32_t checksum)
{
    struct sim_write *w = &b->write;
    uint32_t len = sim_word(body), seq = sim_word(body + 4);
    uint8_t sum = 0xef;

    if (kind == SIM_TRANSFER_DEFLATE && b->rom.deflate_over) {
        b->mode = SIM_MODE_HUNG; /* it jumps through a pointer that is no longer there */
        return 0;
    }
    if (w->kind != kind || len > w->block_size || seq != w->seq)
        return 0x0105;
    w->seq++;
    for (uint32_t i = 0; i < len; i++)
        sum ^= body[16 + i];
    if (sum != (checksum & 0xff))
        return 0x0107;
    if (kind == SIM_TRANSFER_DEFLATE)
        return deflate_block(b, body + 16, len);
    program(b, body + 16, len);
    return 0;
}

unsigned sim_rom_flash_end(struct sim_board *b, enum sim_transfer kind)
{
    struct sim_write *w = &b->write;
    bool complete = w->kind == kind && (kind == SIM_TRANSFER_DEFLATE ? w->ended : w->seq >= w->blocks);

    *w = (struct sim_write){0};
    b->rom.deflate_over = false;
    return complete ? 0 : 0x0106;
}
