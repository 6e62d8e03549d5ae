/* SPDX-License-Identifier: Apache-2.0 */
/* config_same - whether two configurations say the same: what an edit of the file is held against. */
#include <string.h>

#include "station/config/config.h"

static bool same_slot(const struct config_slot *a, const struct config_slot *b)
{
    return a->number == b->number && strcmp(a->port, b->port) == 0 && strcmp(a->label, b->label) == 0 &&
           a->has_reset == b->has_reset && (!a->has_reset || a->reset == b->reset) &&
           a->presence.input == b->presence.input && a->presence.inverted == b->presence.inverted;
}

static bool same_policy(const struct config_policy *a, const struct config_policy *b)
{
    return a->stop_slot_failures == b->stop_slot_failures &&
           a->stop_station_failures == b->stop_station_failures &&
           a->stop_yield_percent == b->stop_yield_percent && a->stop_yield_boards == b->stop_yield_boards &&
           a->disk_floor_mb == b->disk_floor_mb && a->idle_logout_minutes == b->idle_logout_minutes &&
           a->operator_required == b->operator_required && a->lot_required == b->lot_required &&
           a->serial_required == b->serial_required && a->open_lots == b->open_lots &&
           a->has_duplicate_mac == b->has_duplicate_mac && a->duplicate_mac == b->duplicate_mac &&
           a->blank_mac == b->blank_mac && a->multicast_mac == b->multicast_mac &&
           strcmp(a->backup_dir, b->backup_dir) == 0;
}

static bool same_scan(const struct scan_rules *a, const struct scan_rules *b)
{
    bool same = a->are_given == b->are_given && a->keep_blanks == b->keep_blanks && a->letters == b->letters;

    for (int k = 0; same && k < SCAN_KIND_COUNT; k++)
        same = a->kinds[k].is_given == b->kinds[k].is_given &&
               strcmp(a->kinds[k].pattern, b->kinds[k].pattern) == 0 &&
               strcmp(a->kinds[k].prefix, b->kinds[k].prefix) == 0;
    return same;
}

bool config_same(const struct config *a, const struct config *b)
{
    bool same = strcmp(a->station_id, b->station_id) == 0 && strcmp(a->database, b->database) == 0 &&
                a->layout_rows == b->layout_rows && a->layout_columns == b->layout_columns &&
                strcmp(a->scan_prefix, b->scan_prefix) == 0 &&
                strcmp(a->bell_command, b->bell_command) == 0 && strcmp(a->pool_key, b->pool_key) == 0 &&
                a->slot_count == b->slot_count && a->shift_count == b->shift_count &&
                memcmp(a->shifts, b->shifts, (size_t)a->shift_count * sizeof a->shifts[0]) == 0 &&
                same_policy(&a->policy, &b->policy) && same_scan(&a->scan, &b->scan);

    for (int i = 0; same && i < a->slot_count; i++)
        same = same_slot(&a->slots[i], &b->slots[i]);
    return same;
}
