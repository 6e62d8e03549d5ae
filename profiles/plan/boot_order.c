/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/plan/boot_order.h"

#define SLOTS 16

const struct partition *boot_order_row(const struct partition_table *t, uint8_t type, uint8_t subtype)
{
    for (size_t i = t->count; i > 0; i--)
        if (t->rows[i - 1].type == type && t->rows[i - 1].subtype == subtype)
            return &t->rows[i - 1];
    return NULL;
}

unsigned int boot_order_slots(const struct partition_table *t)
{
    unsigned int slots = 0;

    for (size_t i = 0; i < t->count; i++)
        slots += t->rows[i].type == PARTITION_APP && t->rows[i].subtype >= PARTITION_APP_OTA_0 &&
                 t->rows[i].subtype < PARTITION_APP_OTA_0 + SLOTS;
    return slots;
}

static void add(const struct partition_table *t, uint8_t subtype, const struct partition **out, size_t *count)
{
    const struct partition *p = boot_order_row(t, PARTITION_APP, subtype);

    if (p != NULL)
        out[(*count)++] = p;
}

size_t boot_order(const struct partition_table *t, int chosen,
                  const struct partition *out[static BOOT_ORDER_MAX])
{
    int slots = (int)boot_order_slots(t);
    size_t count = 0;

    slots = slots < SLOTS ? slots : SLOTS;
    for (int i = chosen; i >= 0 && i < slots; i--)
        add(t, (uint8_t)(PARTITION_APP_OTA_0 + i), out, &count);
    add(t, PARTITION_APP_FACTORY, out, &count);
    for (int i = chosen + 1; i < slots; i++)
        add(t, (uint8_t)(PARTITION_APP_OTA_0 + i), out, &count);
    add(t, PARTITION_APP_TEST, out, &count);
    return count;
}
