/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dashboard_review - how the screen asks the records: callbacks filled by whoever holds a read connection. Plain data.
 *
 * Any pointer may be NULL: the view then shows what this run has seen and says so. Counts returned: rows filled, or a
 * negative errno, shown as "records cannot be read".
 */
#ifndef STATION_DASHBOARD_REVIEW_H
#define STATION_DASHBOARD_REVIEW_H

#include "base/record.h"

/* One ended (or open) attempt. */
struct review_attempt {
    int64_t number;               /* in the records */
    int64_t opened_ms, closed_ms; /* UTC; closed 0: still open */
    struct attempt_start start;
    bool has_unit;
    struct unit_identity unit;
    struct attempt_result end; /* result RESULT_OPEN: still open */
};

struct review_unit {
    struct mac mac;
    char serial[64]; /* "" : none */
    char chip[32];
    enum result last; /* of its newest attempt */
    int attempts;
    int64_t last_ms; /* UTC */
};

#define REVIEW_PARETO_MAX 8
#define REVIEW_CYCLES_MAX 256

struct review_lot {
    char lot[64];
    long units, first_pass, final_pass, planned;
    int pareto_count;
    struct {
        enum failure_code code;
        long count;
    } pareto[REVIEW_PARETO_MAX]; /* most frequent first */
    int cycle_count;
    int64_t cycle_ms[REVIEW_CYCLES_MAX]; /* of the newest PASS attempts, oldest first */
    int64_t median_ms, p95_ms;           /* 0: unknown */
    double boards_per_hour;              /* < 0: unknown */
};

struct dashboard_review {
    void *ctx;
    int (*lot)(void *ctx, const char *lot, struct review_lot *out); /* 0 or -errno */
    /* Newest first; the first one with the wire's last bytes. */
    int (*slot_attempts)(void *ctx, int slot, struct review_attempt *out, int max);
    int (*units)(void *ctx, const char *search, struct review_unit *out,
                 int max); /* MAC or serial, any part; "": newest */
    int (*unit_story)(void *ctx, const struct mac *mac, struct review_attempt *out,
                      int max); /* oldest first */
};

#endif /* STATION_DASHBOARD_REVIEW_H */
