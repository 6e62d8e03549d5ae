/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/app_load.h"

#include <stdio.h>

#define PAGE       0x10000u    /* of the cache that maps flash: 64 KiB on every ESP32 */
#define NOT_LOADED 0x10000000u /* below it nothing is memory: such segments are padding */

struct stretch {
    uint32_t from, to; /* the last is not of it */
};

static const struct stretch mapped[] = {{0x3F400000, 0x3F800000}, {0x400D0000, 0x40400000}}; /* data, code */
/* Data RAM, the second core's cache and code RAM, fast RTC memory from either bus, slow RTC memory. */
static const struct stretch memory[] = {{0x3FFAE000, 0x40000000},
                                        {0x40078000, 0x400AA000},
                                        {0x3FF80000, 0x3FF82000},
                                        {0x400C0000, 0x400C2000},
                                        {0x50000000, 0x50002000}};
/* Where a bootloader keeps what it needs while it loads; the rest of its own code may be written over. */
static const struct stretch loader[] = {{0x3FFAE000, 0x40000000}, {0x40078000, 0x40080000}};
/* The ROM's stack, which a bootloader runs on, and the 32 KiB below its top that loading leaves to it. */
static const struct stretch stack = {0x3FFDBF20, 0x3FFE3F20};

static bool holds(const struct stretch *some, size_t count, uint32_t address, uint32_t size)
{
    for (size_t i = 0; i < count; i++)
        if (address >= some[i].from && address < some[i].to && size <= some[i].to - address)
            return true;
    return false;
}

static bool is_mapped(const struct esp_segment *s)
{
    return holds(mapped, sizeof mapped / sizeof mapped[0], s->load, 0);
}

static bool is_over(const struct esp_segment *s, const struct esp_image *boot)
{
    for (int i = 0; i < boot->segments; i++) {
        const struct esp_segment *b = &boot->segment[i];

        if (b->size > 0 && holds(loader, sizeof loader / sizeof loader[0], b->load, b->size) &&
            s->load < b->load + b->size && b->load < s->load + s->size)
            return true;
    }
    return false;
}

static int check_segment(const struct esp_segment *s, int n, const struct esp_image *boot, char *why)
{
    if (s->size % 4 != 0) {
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be loaded: its segment %d has 0x%x bytes, which are no whole words", n, s->size);
        return -1;
    }
    if (is_mapped(s)) {
        if (s->at % PAGE == s->load % PAGE)
            return 0;
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be mapped: its segment %d for 0x%08x lies at 0x%x, another place in the 64 KiB page",
                 n, s->load, s->at);
        return -1;
    }
    if (s->load < NOT_LOADED || s->size == 0)
        return 0;
    if (!holds(memory, sizeof memory / sizeof memory[0], s->load, s->size)) {
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be loaded: its segment %d is for 0x%08x, where an ESP32 has no memory", n, s->load);
        return -1;
    }
    if (s->load < stack.to && stack.from < s->load + s->size) {
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be loaded: its segment %d is for 0x%08x, where the bootloader has its stack", n,
                 s->load);
        return -1;
    }
    if (boot == NULL || !is_over(s, boot))
        return 0;
    snprintf(why, APP_LOAD_WHY_SIZE,
             "cannot be loaded: its segment %d is for 0x%08x, where the bootloader itself stands", n,
             s->load);
    return -1;
}

int app_load_check(const struct esp_image *app, const struct esp_image *boot,
                   char why[static APP_LOAD_WHY_SIZE])
{
    for (int i = 0; i < app->segments; i++)
        if (check_segment(&app->segment[i], i, boot, why) != 0)
            return -1;
    return 0;
}
