/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_lint - everything that is wrong with a firmware archive, for whoever makes or receives one. job_load() stops
 * at the first fault of the scripts it needs; this looks at every script and every member.
 */
#ifndef PROFILES_JOB_ARCHIVE_LINT_H
#define PROFILES_JOB_ARCHIVE_LINT_H

#include <stddef.h>

#define LINT_LINES 64

struct lint_report {
    const char *findings[LINT_LINES]; /* faults: one line each */
    size_t finding_count;
    const char *notes[LINT_LINES]; /* worth knowing, no fault */
    size_t note_count;
    void *memory; /* private */
};

/* Caller owns the report: archive_lint_free(). Returns 0, or -1: out of memory. An unreadable file is a finding. */
int archive_lint(const char *path, struct lint_report *out);
void archive_lint_free(struct lint_report *report);

#endif /* PROFILES_JOB_ARCHIVE_LINT_H */
