/* SPDX-License-Identifier: Apache-2.0 */
/* config_policy - the rules of station.yaml: as the recorder takes them, and in words for the audit. */
#include <stdio.h>

#include "base/duplicate.h"
#include "station/config/config.h"

static const char *const addresses[] = {"refuse", "warn"};

/* In the order of enum open_lots; what is not said is as it was before there was the rule. */
static const char *const open_lots_words[] = {"", ", open_lots no", ", open_lots yes"};

static const char *yes_no(bool value)
{
    return value ? "yes" : "no";
}

void config_policy_apply(const struct config_policy *p, enum duplicate_rule of_job, struct db_policy *out)
{
    *out = (struct db_policy)DB_POLICY_DEFAULT;
    out->on_duplicate = p->has_duplicate_mac ? p->duplicate_mac : of_job;
    out->on_blank = p->blank_mac;
    out->on_multicast = p->multicast_mac;
    out->operator_required = p->operator_required;
    out->lot_required = p->lot_required;
    out->open_lots = p->open_lots;
    out->serial_required = p->serial_required;
    out->stop_slot_failures = p->stop_slot_failures;
    out->stop_station_failures = p->stop_station_failures;
    out->stop_yield_percent = p->stop_yield_percent;
    out->stop_yield_window = p->stop_yield_boards;
    out->disk_floor = (int64_t)p->disk_floor_mb << 20;
}

void config_policy_text(const struct config_policy *p, char out[static CONFIG_POLICY_TEXT])
{
    snprintf(
        out, CONFIG_POLICY_TEXT,
        "duplicate_mac %s, blank_mac %s, multicast_mac %s, stop_slot_failures %d, stop_station_failures %d,"
        " stop_yield_percent %d, stop_yield_boards %d, disk_floor_mb %ld, idle_logout_minutes %d,"
        " operator_required %s, lot_required %s, serial_required %s, backup %s%s",
        p->has_duplicate_mac ? duplicate_words[p->duplicate_mac] : "as the job says", addresses[p->blank_mac],
        addresses[p->multicast_mac], p->stop_slot_failures, p->stop_station_failures, p->stop_yield_percent,
        p->stop_yield_boards, p->disk_floor_mb, p->idle_logout_minutes, yes_no(p->operator_required),
        yes_no(p->lot_required), yes_no(p->serial_required), p->backup_dir[0] != '\0' ? "nightly" : "none",
        open_lots_words[p->open_lots]);
}
