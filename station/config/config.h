/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config - this station: its name, its database, its slots and rules, from station.yaml (docs/station.yaml.md).
 *
 * Plain data, read once at the start and then left alone. Complaints name file and line.
 */
#ifndef STATION_CONFIG_CONFIG_H
#define STATION_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "db/desk/policy.h"
#include "db/desk/scan_rule.h"
#include "engine/port/presence_line.h"
#include "engine/slot/slot_status.h"
#include "profiles/job/job.h"
#include "station/config/paths.h"

struct complaint;

#define CONFIG_SLOTS_MAX  64
#define CONFIG_SHIFTS_MAX 12
#define CONFIG_BYTES_MAX  (1u << 20) /* of a file: less than this */

struct config_slot {
    int number;              /* 1..CONFIG_SLOTS_MAX, each once; the array is in this order */
    char port[96];           /* transport URI: "ftdi:1-4.2:B", "tty:/dev/ttyUSB0" */
    char label[32];          /* "" : none */
    enum reset_method reset; /* used when has_reset; else the job's */
    bool has_reset;
    struct presence_line presence; /* the fixture's switch on a modem input of this port, if it has one */
    int line;                      /* of the file, for complaints */
    int item;                      /* of the file's list, from 0 */
};

/* Rules of work; 0 and "" switch a rule off. Defaults in brackets. */
struct config_policy {
    int stop_slot_failures;    /* consecutive failures that stop a slot (3) */
    int stop_station_failures; /* consecutive failures on all slots that stop the station (10) */
    int stop_yield_percent;    /* stop when the yield of the last stop_yield_boards is under this (50) */
    int stop_yield_boards;     /* (50) */
    long disk_floor_mb;        /* no new board starts with less room for the database (64) */
    int idle_logout_minutes;   /* operator's badge */
    bool operator_required;    /* nobody starts a board without a badge */
    bool lot_required, serial_required;
    enum open_lots
        open_lots; /* may a lot that nobody opened be worked on? (as long as no engineer is enrolled) */
    bool has_duplicate_mac; /* else the job's on_duplicate holds */
    enum duplicate_rule duplicate_mac;
    enum address_policy blank_mac, multicast_mac; /* (refuse) */
    char backup_dir[PATH_TEXT];                   /* nightly verified backup goes here */
};

#define CONFIG_POLICY_DEFAULT                                                           \
    {                                                                                   \
        .stop_slot_failures = 3, .stop_station_failures = 10, .stop_yield_percent = 50, \
        .stop_yield_boards = 50, .disk_floor_mb = 64                                    \
    }
/* As the recorder takes them, in training too. `of_job`: what the job says of duplicates. */
void config_policy_apply(const struct config_policy *p, enum duplicate_rule of_job, struct db_policy *out);
/* The rules on one line, in the words of station.yaml: "duplicate_mac refuse, blank_mac warn, ..". */
#define CONFIG_POLICY_TEXT 512
void config_policy_text(const struct config_policy *p, char out[static CONFIG_POLICY_TEXT]);

struct config {
    char path[PATH_TEXT]; /* the file read, or where a new one would go */
    bool found;           /* false: there is none, everything below is the default */
    char station_id[64];  /* default: the host's name */
    char database[PATH_TEXT];
    int layout_rows, layout_columns; /* of the fixture; 0: not said */
    char scan_prefix[16];            /* what the barcode scanner sends first */
    char bell_command[256];          /* run at batch end and on stop */
    char pool_key[PATH_TEXT];        /* the key file for the secrets of pools; "": none */
    struct config_slot slots[CONFIG_SLOTS_MAX];
    int slot_count;
    int shifts[CONFIG_SHIFTS_MAX]; /* when each begins: minutes of the local day, rising */
    int shift_count;               /* 0: not said */
    struct config_policy policy;
    struct scan_rules scan;
    int scan_kind;                   /* while the file is read: enum scan_kind, whose section it is in */
    int scan_lines[SCAN_KIND_COUNT]; /* where each section begins, for complaints */
};

/*
 * Reads the configuration that `option` (--config, may be NULL) and the environment lead to. A file nobody named may be
 * missing. NULL: *c says why. Caller owns: config_free().
 */
struct config *config_load(const char *option, struct complaint *c);
/* The same of a text in memory; `file` is for complaints, the station has no name but one the text gives. */
struct config *config_parse(const char *file, const void *bytes, size_t size, struct complaint *c);
void config_free(struct config *config); /* NULL is fine */

/* Do both say the same, wherever it stands in their files? `path` and `found` are not looked at. */
bool config_same(const struct config *a, const struct config *b);

/* By number ("3") or label; NULL: none. */
const struct config_slot *config_find_slot(const struct config *config, const char *name);

#endif /* STATION_CONFIG_CONFIG_H */
