/* SPDX-License-Identifier: Apache-2.0 */
#include "station/print/stop_request.h"

#include <signal.h>

enum stop_step stop_request_take(struct stop_request *r, int number, int64_t now_us)
{
    bool soon = r->int_us > 0 && now_us - r->int_us < STOP_REST_US;

    if (number == SIGHUP)
        return STOP_DRAIN;
    if (number != SIGINT && number != SIGTERM)
        return STOP_NONE;
    if (number == SIGINT)
        r->int_us = now_us;
    if (!r->asked) {
        r->asked = true;
        return STOP_DRAIN;
    }
    return number == SIGINT && soon ? STOP_WARN : STOP_ABORT;
}
