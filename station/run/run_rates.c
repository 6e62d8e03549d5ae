/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_rates.h"

#include <string.h>

#include "base/digest.h"
#include "db/read/record_query.h"
#include "engine/board/baud_ladder.h"
#include "profiles/job/job.h"
#include "station/run/run_slots.h"

static const char *text(struct record_cursor *c, const char *field)
{
    return record_text(c, record_field_index(RECORD_ATTEMPTS, field));
}

/* Rows come oldest first: the last that fits is the one. */
static uint32_t rate_of(struct record_cursor *c, const char *port, const char *job)
{
    struct failure f = {0};
    uint32_t rate = 0;

    while (record_next(c, &f) == 1) {
        uint32_t made = (uint32_t)record_int(c, record_field_index(RECORD_ATTEMPTS, "baud"));
        if (made != 0 && strcmp(text(c, "result"), result_name(RESULT_PASS)) == 0 &&
            strcmp(text(c, "port"), port) == 0 && strcmp(text(c, "job_sha256"), job) == 0)
            rate = baud_asked(made);
    }
    return rate;
}

void run_rates_remember(struct run_slots *slots, struct db *db, const struct job *job, bool training)
{
    char sha256[SHA256_TEXT_SIZE];

    digest_hex(job->sha256, SHA256_SIZE, sha256);
    for (int i = 0; i < slots->count; i++) {
        struct engine_slot *s = &slots->slots[i];
        struct record_filter filter = RECORD_FILTER_ALL;
        struct failure f = {0};

        s->baud = 0;
        if (strncmp(s->uri, "sim:", 4) == 0)
            continue;
        filter.slot = s->number;
        filter.newest = RUN_RATES_LOOK;
        filter.training = training;
        struct record_cursor *c = record_query(db, RECORD_ATTEMPTS, &filter, &f);
        if (c != NULL)
            s->baud = rate_of(c, s->uri, sha256);
        record_cursor_free(c);
    }
}
