/* SPDX-License-Identifier: Apache-2.0 */
#include "station/config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/duplicate.h"
#include "base/errno_text.h"
#include "base/own_file.h"
#include "profiles/text/complaint.h"
#include "profiles/text/yaml_schema.h"
#include "station/config/config_private.h"
#include "station/config/paths.h"
#include "station/config/port_name.h"

static const char *const resets[] = {"classic", "tight", "none",
                                     NULL}; /* in the order of enum reset_method */

/* In the order of enum address_policy. */
static const char *const addresses[] = {"refuse", "warn", NULL};

static struct config_slot *last_slot(void *target)
{
    struct config *config = target;

    return &config->slots[config->slot_count - 1];
}

static int set_slot(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;

    if (config->slot_count == CONFIG_SLOTS_MAX)
        return complain(c, FAIL_CONFIG, v->file, v->line, "slots: more than %d; leave some out",
                        CONFIG_SLOTS_MAX);
    int item = config->slot_count++;
    config->slots[item] = (struct config_slot){.line = v->line, .item = item};
    return 0;
}

static int set_slot_number(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;

    for (int i = 0; i < config->slot_count - 1; i++) {
        if (config->slots[i].number == v->number)
            return complain(c, FAIL_CONFIG, v->file, v->line,
                            "slot %d was already described at line %d; give this "
                            "one another number",
                            (int)v->number, config->slots[i].line);
    }
    last_slot(target)->number = (int)v->number;
    return 0;
}

static int set_slot_port(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;

    char fault[PORT_NAME_FAULT];

    if (port_name_read(v->text, fault) != PORT_NAME_GOOD)
        return complain(c, FAIL_CONFIG, v->file, v->line, "port: '%s' %s", v->text, fault);
    for (int i = 0; i < config->slot_count - 1; i++) {
        if (strcmp(config->slots[i].port, v->text) == 0)
            return complain(c, FAIL_CONFIG, v->file, v->line, "port: %s already belongs to slot %d (line %d)",
                            v->text, config->slots[i].number, config->slots[i].line);
    }
    snprintf(last_slot(target)->port, sizeof last_slot(target)->port, "%s", v->text);
    return 0;
}

static int set_slot_label(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    snprintf(last_slot(target)->label, sizeof last_slot(target)->label, "%s", v->text);
    return 0;
}

static int set_slot_reset(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    last_slot(target)->reset = (enum reset_method)v->number;
    last_slot(target)->has_reset = true;
    return 0;
}

static int set_slot_presence(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    last_slot(target)->presence = presence_line_of((int)v->number);
    return 0;
}

#define SET_NUMBER(name, field)                                                            \
    static int set_##name(void *target, const struct schema_value *v, struct complaint *c) \
    {                                                                                      \
        (void)c;                                                                           \
        ((struct config *)target)->field = v->number;                                      \
        return 0;                                                                          \
    }
#define SET_INT(name, field)                                                               \
    static int set_##name(void *target, const struct schema_value *v, struct complaint *c) \
    {                                                                                      \
        (void)c;                                                                           \
        ((struct config *)target)->field = (int)v->number;                                 \
        return 0;                                                                          \
    }
#define SET_TEXT(name, field)                                                              \
    static int set_##name(void *target, const struct schema_value *v, struct complaint *c) \
    {                                                                                      \
        struct config *config = target;                                                    \
        (void)c;                                                                           \
        snprintf(config->field, sizeof config->field, "%s", v->text);                      \
        return 0;                                                                          \
    }

SET_TEXT(station_id, station_id)
SET_TEXT(scan_prefix, scan_prefix)
SET_TEXT(bell_command, bell_command)
SET_INT(rows, layout_rows)
SET_INT(columns, layout_columns)
SET_INT(stop_slot, policy.stop_slot_failures)
SET_INT(stop_station, policy.stop_station_failures)
SET_INT(stop_yield, policy.stop_yield_percent)
SET_INT(stop_yield_boards, policy.stop_yield_boards)
SET_NUMBER(disk_floor, policy.disk_floor_mb)
SET_INT(idle_logout, policy.idle_logout_minutes)
SET_INT(operator_required, policy.operator_required)
SET_INT(lot_required, policy.lot_required)
SET_INT(serial_required, policy.serial_required)
SET_INT(blank_mac, policy.blank_mac)
SET_INT(multicast_mac, policy.multicast_mac)

/* A place in the file system, written as a path; a relative one begins at the configuration's folder. */
static int set_place(char out[static PATH_TEXT], const char *key, const struct schema_value *v,
                     struct complaint *c)
{
    char fault[PATH_FAULT];

    if (path_is_other(v->text, fault))
        return complain(c, FAIL_CONFIG, v->file, v->line, "%s: '%s' %s", key, v->text, fault);
    int error = path_written(v->file, v->text, out);
    if (error == 0)
        return 0;
    return complain(c, FAIL_CONFIG, v->file, v->line, "%s: '%s' %s", key, v->text,
                    error == -EINVAL   ? "is in another account's home: write the whole path"
                    : error == -ENOENT ? "needs HOME, which is not set: write the whole path"
                                       : "is too long with its folder");
}

static int set_database(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;

    return set_place(config->database, "database", v, c);
}

static int set_backup_dir(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;

    return set_place(config->policy.backup_dir, "backup_dir", v, c);
}

static int set_pool_key(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;

    return set_place(config->pool_key, "pool_key", v, c);
}

static int set_open_lots(void *target, const struct schema_value *v, struct complaint *c)
{
    (void)c;
    ((struct config *)target)->policy.open_lots = v->number != 0 ? OPEN_LOTS_YES : OPEN_LOTS_NO;
    return 0;
}

static int set_duplicate_mac(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;

    (void)c;
    config->policy.has_duplicate_mac = true;
    config->policy.duplicate_mac = (enum duplicate_rule)v->number;
    return 0;
}

/* "06:00": two digits each, so that nothing else reads like one. */
static int read_clock(const char *text)
{
    int hour, minute, used = 0;

    if (strlen(text) != 5 || sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 || used != 5 || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59)
        return -1;
    return hour * 60 + minute;
}

static int set_shift(void *target, const struct schema_value *v, struct complaint *c)
{
    struct config *config = target;
    int start = read_clock(v->text), last = config->shift_count - 1;

    if (start < 0)
        return complain(c, FAIL_CONFIG, v->file, v->line, "shifts: '%s' is no time of day; write it as 06:00",
                        v->text);
    if (last >= 0 && start <= config->shifts[last])
        return complain(c, FAIL_CONFIG, v->file, v->line,
                        "shifts: %s does not come after %02d:%02d; write them in the order of the day",
                        v->text, config->shifts[last] / 60, config->shifts[last] % 60);
    if (config->shift_count == CONFIG_SHIFTS_MAX)
        return complain(c, FAIL_CONFIG, v->file, v->line, "shifts: more than %d; leave some out",
                        CONFIG_SHIFTS_MAX);
    config->shifts[config->shift_count++] = start;
    return 0;
}

#define RULE(k, t, ...)                  \
    {                                    \
        .key = k, .type = t, __VA_ARGS__ \
    }

static const struct schema_rule layout_rules[] = {
    RULE("rows", SCHEMA_NUMBER, .required = true, .min = 1, .max = 64, .set = set_rows),
    RULE("columns", SCHEMA_NUMBER, .required = true, .min = 1, .max = 64, .set = set_columns),
    {.key = NULL},
};

static const struct schema_rule slot_rules[] = {
    RULE("number", SCHEMA_NUMBER, .required = true, .min = 1, .max = CONFIG_SLOTS_MAX,
         .set = set_slot_number),
    RULE("port", SCHEMA_TEXT, .required = true, .min = 3, .max = 95, .set = set_slot_port),
    RULE("label", SCHEMA_TEXT, .max = 31, .set = set_slot_label),
    RULE("reset", SCHEMA_CHOICE, .choices = resets, .set = set_slot_reset),
    RULE("presence", SCHEMA_CHOICE, .choices = presence_line_words, .set = set_slot_presence),
    {.key = NULL},
};

static const struct schema_rule policy_rules[] = {
    RULE("stop_slot_failures", SCHEMA_NUMBER, .max = 1000, .set = set_stop_slot),
    RULE("stop_station_failures", SCHEMA_NUMBER, .max = 1000, .set = set_stop_station),
    RULE("stop_yield_percent", SCHEMA_NUMBER, .max = 100, .set = set_stop_yield),
    RULE("stop_yield_boards", SCHEMA_NUMBER, .min = 1, .max = 10000, .set = set_stop_yield_boards),
    RULE("disk_floor_mb", SCHEMA_NUMBER, .max = 1000000, .set = set_disk_floor),
    RULE("idle_logout_minutes", SCHEMA_NUMBER, .max = 1440, .set = set_idle_logout),
    RULE("operator_required", SCHEMA_BOOL, .set = set_operator_required),
    RULE("lot_required", SCHEMA_BOOL, .set = set_lot_required),
    RULE("open_lots", SCHEMA_BOOL, .set = set_open_lots),
    RULE("serial_required", SCHEMA_BOOL, .set = set_serial_required),
    RULE("backup_dir", SCHEMA_TEXT, .min = 1, .max = 1000, .set = set_backup_dir),
    RULE("duplicate_mac", SCHEMA_CHOICE, .choices = duplicate_words, .set = set_duplicate_mac),
    RULE("blank_mac", SCHEMA_CHOICE, .choices = addresses, .set = set_blank_mac),
    RULE("multicast_mac", SCHEMA_CHOICE, .choices = addresses, .set = set_multicast_mac),
    {.key = NULL},
};

static const struct schema_rule station_rules[] = {
    RULE("station", SCHEMA_TEXT, .min = 1, .max = 63, .set = set_station_id),
    RULE("database", SCHEMA_TEXT, .min = 1, .max = 1000, .set = set_database),
    RULE("layout", SCHEMA_MAP, .map = layout_rules),
    RULE("scan_prefix", SCHEMA_TEXT, .max = 15, .set = set_scan_prefix),
    RULE("bell_command", SCHEMA_TEXT, .max = 255, .set = set_bell_command),
    RULE("pool_key", SCHEMA_TEXT, .min = 1, .max = 1000, .set = set_pool_key),
    RULE("slots", SCHEMA_MAP, .list = true, .may_be_empty = true, .map = slot_rules, .set = set_slot),
    RULE("shifts", SCHEMA_TEXT, .list = true, .min = 5, .max = 5, .set = set_shift),
    RULE("policy", SCHEMA_MAP, .map = policy_rules),
    RULE("scan", SCHEMA_MAP, .map = config_scan_rules),
    {.key = NULL},
};

static int by_number(const void *a, const void *b)
{
    return ((const struct config_slot *)a)->number - ((const struct config_slot *)b)->number;
}

static int read_text(struct config *config, const char *file, const void *bytes, size_t size,
                     struct complaint *c)
{
    if (size >= CONFIG_BYTES_MAX)
        return complain(c, FAIL_CONFIG, file, 0, "is larger than 1 MiB: this is no station configuration");
    if (schema_read(file, bytes, size, station_rules, config, FAIL_CONFIG, c) != 0 ||
        config_scan_check(config, file, c) != 0)
        return -1;
    qsort(config->slots, (size_t)config->slot_count, sizeof config->slots[0], by_number);
    return 0;
}

/* A stranger is told the group that may read it. */
static void complain_denied(const struct config *config, int error, struct complaint *c)
{
    char why[OWN_DENIED_SIZE];

    own_file_denied(config->path, NULL, error, why);
    complain(c, FAIL_CONFIG, config->path, 0, "cannot be read: %s (another file: --config)", why);
}

static int read_file(struct config *config, struct complaint *c)
{
    FILE *f = fopen(config->path, "rb");
    int error = errno;
    char *bytes = malloc(CONFIG_BYTES_MAX);
    int ok = -1;

    if (f == NULL)
        complain_denied(config, error, c);
    else if (bytes == NULL)
        complain(c, FAIL_NO_MEMORY, config->path, 0, "out of memory");
    if (f != NULL && bytes != NULL) {
        size_t n = fread(bytes, 1, CONFIG_BYTES_MAX, f);
        if (ferror(f))
            complain(c, FAIL_CONFIG, config->path, 0, "cannot be read: %s", errno_text(errno));
        else
            ok = read_text(config, config->path, bytes, n, c);
    }
    if (f != NULL)
        fclose(f);
    free(bytes);
    return ok;
}

static struct config *config_new(struct complaint *c)
{
    struct config *config = calloc(1, sizeof *config);

    if (config != NULL)
        config->policy = (struct config_policy)CONFIG_POLICY_DEFAULT;
    else
        complain(c, FAIL_NO_MEMORY, "station.yaml", 0, "out of memory");
    return config;
}

struct config *config_parse(const char *file, const void *bytes, size_t size, struct complaint *c)
{
    struct config *config = config_new(c);

    if (config != NULL && read_text(config, file, bytes, size, c) != 0) {
        config_free(config);
        return NULL;
    }
    return config;
}

struct config *config_load(const char *option, struct complaint *c)
{
    struct config *config = config_new(c);

    if (config == NULL)
        return NULL;
    int error = path_config(option, config->path);
    config->found = error == 0;
    if (error != 0 && error != -ENOENT) {
        complain(c, FAIL_CONFIG, option != NULL ? option : "station.yaml", 0, "the name is too long");
        config_free(config);
        return NULL;
    }
    if (config->found && read_file(config, c) != 0) {
        config_free(config);
        return NULL;
    }
    if (config->station_id[0] == '\0' && gethostname(config->station_id, sizeof config->station_id - 1) != 0)
        snprintf(config->station_id, sizeof config->station_id, "station");
    return config;
}

void config_free(struct config *config)
{
    free(config);
}

const struct config_slot *config_find_slot(const struct config *config, const char *name)
{
    char *end;
    long number = strtol(name, &end, 10);

    for (int i = 0; i < config->slot_count; i++) {
        const struct config_slot *s = &config->slots[i];
        if ((*end == '\0' && end != name && s->number == number) ||
            (s->label[0] != '\0' && strcmp(s->label, name) == 0))
            return s;
    }
    return NULL;
}
