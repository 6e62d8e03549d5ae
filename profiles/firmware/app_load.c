/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/app_load.h"

#include <stdio.h>

#include "profiles/firmware/chip_kind.h"

#define NOT_LOADED 0x10000000u /* below it nothing is memory: such segments are padding */

static bool holds(const struct chip_stretch some[CHIP_STRETCHES], uint32_t address, uint32_t size)
{
    for (size_t i = 0; i < CHIP_STRETCHES && some[i].to != 0; i++)
        if (address >= some[i].from && address < some[i].to && size <= some[i].to - address)
            return true;
    return false;
}

/* Memory within what could be mapped is memory. */
static bool is_mapped(const struct chip_kind *k, const struct esp_segment *s)
{
    return holds(k->mapped, s->load, 0) && !holds(k->memory, s->load, 0);
}

static bool is_over(const struct chip_kind *k, const struct esp_segment *s, const struct esp_image *boot)
{
    for (int i = 0; i < boot->segments; i++) {
        const struct esp_segment *b = &boot->segment[i];

        if (b->size > 0 && holds(k->loader, b->load, b->size) && s->load < b->load + b->size &&
            b->load < s->load + s->size)
            return true;
    }
    return false;
}

static int check_segment(const struct chip_kind *k, const struct esp_image *app, int n,
                         const struct esp_image *boot, char *why)
{
    const struct esp_segment *s = &app->segment[n];
    /* A build may choose a smaller page than the usual one, and says so; one that does not may have. */
    uint32_t page = app->page >= k->page ? app->page : k->page;

    if (s->size % 4 != 0) {
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be loaded: its segment %d has 0x%x bytes, which are no whole words", n, s->size);
        return -1;
    }
    if (is_mapped(k, s)) {
        if (s->at % page == s->load % page)
            return 0;
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be mapped: its segment %d for 0x%08x lies at 0x%x, another place in the %u KiB page",
                 n, s->load, s->at, page / 1024);
        return -1;
    }
    if (s->load < NOT_LOADED || s->size == 0)
        return 0;
    if (!holds(k->memory, s->load, s->size)) {
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be loaded: its segment %d is for 0x%08x, where an %s has no memory", n, s->load,
                 k->title);
        return -1;
    }
    if (s->load < k->stack.to && k->stack.from < s->load + s->size) {
        snprintf(why, APP_LOAD_WHY_SIZE,
                 "cannot be loaded: its segment %d is for 0x%08x, where the bootloader has its stack", n,
                 s->load);
        return -1;
    }
    if (boot == NULL || !is_over(k, s, boot))
        return 0;
    snprintf(why, APP_LOAD_WHY_SIZE,
             "cannot be loaded: its segment %d is for 0x%08x, where the bootloader itself stands", n,
             s->load);
    return -1;
}

int app_load_check(const struct esp_image *app, const struct esp_image *boot,
                   char why[static APP_LOAD_WHY_SIZE])
{
    const struct chip_kind *k = chip_kind_by_image(app->chip_id);

    for (int i = 0; k != NULL && i < app->segments; i++)
        if (check_segment(k, app, i, boot, why) != 0)
            return -1;
    return 0;
}
