/* SPDX-License-Identifier: Apache-2.0 */
/* complaint - one line for a person: what is wrong, where (file:line), what to do. Plain data, by value. */
#ifndef PROFILES_TEXT_COMPLAINT_H
#define PROFILES_TEXT_COMPLAINT_H

#include "base/failure.h"

struct complaint {
    enum failure_code code; /* FAIL_JOB, FAIL_FIRMWARE, FAIL_HASH_MISMATCH, FAIL_CONFIG */
    char text[1024];        /* "profiles/jobs/wipy.yaml:7: baud: '12abc' is not a whole number" */
};

/*
 * Where something was found. A firmware's faults are told with the line of the job that named the firmware:
 * "wipy.yaml:7: WiPy-1.20.tar.gz: script2: ...". Borrowed pointers.
 */
struct place {
    const char *file;   /* job file, or the firmware itself where there is no job */
    int line;           /* 0: none */
    const char *inside; /* firmware's name; NULL or "": `file` is it */
};

/* `line` 0: no line. Fills *c (may be NULL) and returns -1. The first complaint stands: a second call changes nothing. */
int complain(struct complaint *c, enum failure_code code, const char *file, int line, const char *text, ...)
    __attribute__((format(printf, 5, 6)));
int complain_at(struct complaint *c, enum failure_code code, const struct place *at, const char *text, ...)
    __attribute__((format(printf, 4, 5)));
void complaint_clear(struct complaint *c);

#endif /* PROFILES_TEXT_COMPLAINT_H */
