/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system_journal - lines with fields for systemd's journal, by its native protocol (systemd's JOURNAL_NATIVE_PROTOCOL): where standard
 * output is the journal, "journalctl FLASHLINE_SLOT=3" finds what was said of slot 3. Never waits. One thread.
 */
#ifndef STATION_PRINT_SYSTEM_JOURNAL_H
#define STATION_PRINT_SYSTEM_JOURNAL_H

#include <stdbool.h>
#include <stdio.h>

struct system_journal;

/* As syslog(3) counts. */
enum journal_priority {
    JOURNAL_ERROR = 3,   /* the station, its fixture or its profile needs somebody */
    JOURNAL_WARNING = 4, /* a board did not pass */
    JOURNAL_NOTICE = 5,
    JOURNAL_INFO = 6,
    JOURNAL_DEBUG = 7 /* progress */
};

/* What the lines that follow are about. 0, NULL and "": the field is left out. */
struct journal_facts {
    enum journal_priority priority;
    int slot;
    const char *mac, *serial, *stage, *result;
    long long attempt;
    int code;
};

/* NULL: standard output `fd` is not the journal ($JOURNAL_STREAM), or it cannot be reached. Caller owns: system_journal_free(). */
struct system_journal *system_journal_new(int fd);
/* The same for a journal that listens at `path`; for tests too. `otherwise` gets what it does not take. */
struct system_journal *system_journal_at(const char *path, int otherwise);
void system_journal_free(struct system_journal *j); /* NULL is fine */

/* Each line written here is one entry about what was said last of it; what is not taken goes to standard output. Owned by `j`. */
FILE *system_journal_stream(struct system_journal *j);
void system_journal_about(struct system_journal *j, const struct journal_facts *facts); /* texts are copied */

#endif /* STATION_PRINT_SYSTEM_JOURNAL_H */
