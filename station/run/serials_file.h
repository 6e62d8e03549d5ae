/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serials_file - the file of `run --serials`: which serial a board gets, for lines without a scanner. One thread.
 *
 * Each line is "MAC,SERIAL", or each is a serial alone: the first for the first slot of the run, and so on. No line is
 * blank, no MAC and no serial stands twice; CRLF and a UTF-8 mark in front are taken as they come. What may be a serial is for
 * the station's one rule to say, as of a scan: a file has none of its own.
 */
#ifndef STATION_RUN_SERIALS_FILE_H
#define STATION_RUN_SERIALS_FILE_H

#include <stddef.h>

#include "base/mac.h"
#include "db/desk/scan_rule.h"
#include "profiles/text/complaint.h"

struct serials_file;

/* Is this a serial number here? True: out->text is it, a name (plain_name_trouble()); false: out->why says why not. */
typedef bool serials_rule(void *ctx, const char *code, struct scan_code *out);

/* The run's slots in their order, and its rule. Borrowed for the call. */
struct serials_for {
    const int *slots; /* their numbers */
    int slot_count;
    serials_rule *rule;
    void *ctx; /* the rule's */
};

/* NULL: *c, with the line. Caller owns: serials_file_free(). */
struct serials_file *serials_file_read(const char *path, const struct serials_for *run, struct complaint *c);
void serials_file_free(struct serials_file *f); /* NULL is fine */
/*
 * The serial for the board `mac` in `slot`; NULL: there is none. By MAC it is the board's each time it comes; by slot it
 * is the first board's that comes there, and no other's. Borrowed.
 */
const char *serials_file_take(struct serials_file *f, int slot, const struct mac *mac);

#endif /* STATION_RUN_SERIALS_FILE_H */
