/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim_core.h"

void sim_mem_clear(struct sim_mem *m)
{
    for (int i = 0; i < m->count; i++)
        free(m->segment[i].bytes);
    memset(m, 0, sizeof *m);
}

int sim_mem_begin(struct sim_mem *m, uint32_t size, uint32_t block_size, uint32_t address)
{
    struct sim_segment *s = NULL;

    if (size > SIM_MEM_LIMIT || block_size > SIM_MEM_LIMIT)
        return -EINVAL;
    for (int i = 0; i < m->count; i++)
        if (m->segment[i].address == address)
            s = &m->segment[i];
    if (s == NULL && m->count == SIM_MEM_SEGMENTS) { /* the oldest upload is forgotten */
        free(m->segment[0].bytes);
        memmove(m->segment, m->segment + 1, sizeof m->segment - sizeof m->segment[0]);
        m->count--;
    }
    if (s != NULL) {
        struct sim_segment again = *s;
        memmove(s, s + 1, (size_t)(&m->segment[m->count] - (s + 1)) * sizeof *s);
        free(again.bytes);
        m->count--;
    }
    s = &m->segment[m->count];
    *s = (struct sim_segment){.address = address, .size = size, .bytes = calloc(1, size > 0 ? size : 1)};
    if (s->bytes == NULL)
        return -ENOMEM;
    m->count++;
    m->block_size = block_size;
    m->seq = 0;
    return 0;
}

int sim_mem_data(struct sim_mem *m, uint32_t seq, const uint8_t *bytes, size_t len)
{
    struct sim_segment *s = m->count > 0 ? &m->segment[m->count - 1] : NULL;
    uint64_t at = (uint64_t)seq * m->block_size;

    if (s == NULL || at > s->size || len > s->size - at)
        return -EINVAL;
    memcpy(s->bytes + at, bytes, len);
    return 0;
}
