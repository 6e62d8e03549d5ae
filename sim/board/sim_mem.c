/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint32_t sim_word(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void sim_mem_clear(struct sim_mem *m)
{
    for (int i = 0; i < m->count; i++)
        free(m->segment[i].bytes);
    memset(m, 0, sizeof *m);
}

int sim_mem_begin(struct sim_mem *m, uint32_t size, uint32_t address)
{
    struct sim_segment *s = NULL;

    if (size > SIM_MEM_LIMIT)
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
    m->filled = 0;
    return 0;
}

int sim_mem_data(struct sim_mem *m, const uint8_t *bytes, size_t len)
{
    struct sim_segment *s = m->count > 0 ? &m->segment[m->count - 1] : NULL;

    if (s == NULL || len > s->size - m->filled)
        return -EINVAL;
    memcpy(s->bytes + m->filled, bytes, len);
    m->filled += (uint32_t)len;
    return 0;
}

/* The upload that holds this whole word, latest first; NULL: none. */
static uint8_t *uploaded(const struct sim_mem *m, uint32_t address)
{
    for (int i = m->count - 1; i >= 0; i--) {
        const struct sim_segment *s = &m->segment[i];
        if (address >= s->address && s->size >= 4 && address - s->address <= s->size - 4)
            return s->bytes + (address - s->address);
    }
    return NULL;
}

uint32_t sim_mem_read(const struct sim_mem *m, uint32_t address)
{
    const uint8_t *at = uploaded(m, address);

    if (at != NULL)
        return sim_word(at);
    for (unsigned i = 0; i < m->words && i < sizeof m->word / sizeof m->word[0]; i++)
        if (m->word[i].address == address)
            return m->word[i].value;
    return 0;
}

void sim_mem_write(struct sim_mem *m, uint32_t address, uint32_t value)
{
    const unsigned room = sizeof m->word / sizeof m->word[0];
    uint8_t *at = uploaded(m, address);

    for (int i = 0; at != NULL && i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    if (at != NULL)
        return;
    for (unsigned i = 0; i < m->words && i < room; i++) {
        if (m->word[i].address == address) {
            m->word[i].value = value;
            return;
        }
    }
    m->word[m->words % room].address = address;
    m->word[m->words % room].value = value;
    if (++m->words >= 2 * room) /* keep counting in the second lap so that all entries stay in use */
        m->words = room;
}
