/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/screen/screen_work.h"

#include <string.h>

static enum work_answer take_scan(void *ctx, int slot, const char *text, struct work_request *r)
{
    (void)r;
    fprintf(ctx, "scan %d %s\n", slot, text);
    fflush(ctx);
    return WORK_DONE;
}

const struct dashboard_work *screen_work(FILE *calls)
{
    static struct dashboard_work work;

    work = (struct dashboard_work){.ctx = calls, .scan = take_scan};
    return calls ? &work : NULL;
}

const struct dashboard_review *screen_review(void)
{
    static const struct dashboard_review review = {.ctx = NULL};

    return &review;
}
