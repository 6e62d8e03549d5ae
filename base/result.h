/* SPDX-License-Identifier: Apache-2.0 */
/*
 * result - how an attempt ended. Names are stored in records: append only.
 *
 * FAIL is the board's fault, ERROR the station's, fixture's, profile's or operator's. PASS after a retry is PASS
 * with attempt_result.retries > 0.
 */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

#define RESULTS(X)                                                              \
    X(RESULT_OPEN, "OPEN") /* still running */                                  \
    X(RESULT_PASS, "PASS") /* verified and committed */                         \
    X(RESULT_FAIL, "FAIL")                                                      \
    X(RESULT_ERROR, "ERROR")                                                    \
    X(RESULT_HOLD, "HOLD")               /* quarantined: someone must decide */ \
    X(RESULT_ABORTED, "ABORTED")         /* stopped by the operator */          \
    X(RESULT_INTERRUPTED, "INTERRUPTED") /* found open at the next start */

enum result {
#define X(id, name) id,
    RESULTS(X)
#undef X
        RESULT_COUNT
};

const char *result_name(enum result r); /* "PASS"; static storage */
/* Returns RESULT_COUNT for an unknown name. */
enum result result_parse(const char *name);

#endif /* BASE_RESULT_H */
