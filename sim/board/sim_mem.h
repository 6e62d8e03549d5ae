/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim_mem - what has been put into a virtual chip's memory since its reset: whole uploads, and single words. Plain
 * memory, one owner.
 */
#ifndef SIM_BOARD_SIM_MEM_H
#define SIM_BOARD_SIM_MEM_H

#include <stddef.h>
#include <stdint.h>

#define SIM_MEM_SEGMENTS 4
#define SIM_MEM_LIMIT    0x20000u

struct sim_segment {
    uint32_t address, size;
    uint8_t *bytes;
};

struct sim_mem {
    struct sim_segment segment[SIM_MEM_SEGMENTS]; /* uploaded since reset; the last one is being filled */
    int count;
    uint32_t filled; /* bytes of the last one that have come */
    struct {
        uint32_t address, value;
    } word[32]; /* single words written by WRITE_REG, oldest overwritten */
    unsigned words;
};

/* Four bytes as the chip and both ends of its line have numbers: the lowest first. */
uint32_t sim_word(const uint8_t *p);

void sim_mem_clear(struct sim_mem *m);
int sim_mem_begin(struct sim_mem *m, uint32_t size, uint32_t address);
/* Behind what has come of the upload begun last, whatever number the block has; more than announced: -EINVAL. */
int sim_mem_data(struct sim_mem *m, const uint8_t *bytes, size_t len);
uint32_t sim_mem_read(const struct sim_mem *m, uint32_t address); /* a word, aligned */
void sim_mem_write(struct sim_mem *m, uint32_t address, uint32_t value);

#endif /* SIM_BOARD_SIM_MEM_H */
