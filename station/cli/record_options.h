/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_options - what the record verbs (units, attempts, lots, yield, unit, export) share: the filter options, the
 * database opened for review, and rows shown as a table or as JSON Lines.
 */
#ifndef STATION_CLI_RECORD_OPTIONS_H
#define STATION_CLI_RECORD_OPTIONS_H

#include "db/read/record_query.h"
#include "station/cli/options.h"

struct record_options {
    const char *lot, *serial, *mac, *result, *code, *operator_id, *job, *firmware, *time, *loader;
    long slot, newest;
    bool training, shippable;
};

#define RECORD_OPTIONS_ROWS(o)                                                                     \
    OPTIONS_STRING("lot", &(o)->lot, "LOT", "only this lot"),                                      \
        OPTIONS_STRING("mac", &(o)->mac, "MAC", "only this unit, in any notation"),                \
        OPTIONS_STRING("serial", &(o)->serial, "S", "only this scanned serial number"),            \
        OPTIONS_STRING("result", &(o)->result, "RESULT",                                           \
                       "only PASS, FAIL, ERROR, HOLD, ABORTED, INTERRUPTED; OPEN: running"),       \
        OPTIONS_STRING("code", &(o)->code, "CODE", "only this failure: number or name"),           \
        OPTIONS_STRING("loader", &(o)->loader, "stub|rom|unproven",                                \
                       "only what the stub wrote, the ROM loader may have written, or 0.1 by it"), \
        OPTIONS_WHOLE("slot", &(o)->slot, "N", 1, 9999, "only this slot"),                         \
        OPTIONS_STRING("operator", &(o)->operator_id, "NAME", "only this operator"),               \
        OPTIONS_STRING("job", &(o)->job, "JOB", "only this job"),                                  \
        OPTIONS_STRING("firmware", &(o)->firmware, "F",                                            \
                       "only this version, file name or hash (8 digits or more)"),                 \
        OPTIONS_STRING("time", &(o)->time, "WHEN",                                                 \
                       "today, 2026-11-20, 2026-11-20.., 'last 8h', or a time as printed"),        \
        OPTIONS_WHOLE("newest", &(o)->newest, "N", 1, 1000000000, "only the newest N"),            \
        OPTIONS_SWITCH("training", &(o)->training,                                                 \
                       "attempts on virtual boards too; without --db, those of the training database")

/* For the verbs that list units. */
#define RECORD_OPTIONS_SHIPPABLE(o)              \
    OPTIONS_SWITCH("shippable", &(o)->shippable, \
                   "only units that may leave: passed last, not kept back, the serial their own")

/* 0, or an exit code after one line on stderr. The filter borrows the options' texts. */
int record_options_filter(const char *verb, const struct record_options *o, struct record_filter *filter);

/* The database for review, as --db, the configuration or the user's place say. NULL: said on stderr, *exit_code set. */
struct db *record_open(const char *verb, const struct options_common *common, int *exit_code);
/* The same; with --training and no --db it is the database that `run --sim` without --db writes. */
struct db *record_open_for(const char *verb, const struct options_common *common, bool training,
                           int *exit_code);

/*
 * The same for a list or an export of what the filter keeps. A lot, operator, job, firmware or unit that nobody here knows is
 * told, with EXIT_SOME_FAIL: an empty list would say that nothing was made of it.
 */
struct db *record_open_filtered(const char *verb, const struct options_common *common,
                                const struct record_filter *filter, int *exit_code);

struct record_column {
    const char *title; /* as for table_new(): '>' first sets it flush right */
    const char *field;
};

/*
 * Every row of the view: as JSON Lines with all fields, or as a table of `columns` (ends with a NULL title). Says on
 * stderr when training attempts were left out of an empty answer. An exit code. Output that is lost ends it early and is
 * told at the end of the programme (station/print/process.h), unless it was the reader who left.
 */
int record_list(const char *verb, struct db *db, enum record_view view, const struct record_filter *filter,
                const struct record_column *columns, bool json);

#endif /* STATION_CLI_RECORD_OPTIONS_H */
