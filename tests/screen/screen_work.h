/* SPDX-License-Identifier: Apache-2.0 */
/* screen_work - work and review callbacks with fixed answers, for the scripted screen. */
#ifndef TESTS_SCREEN_SCREEN_WORK_H
#define TESTS_SCREEN_SCREEN_WORK_H

#include <stdio.h>

#include "station/dashboard_review.h"
#include "station/dashboard_work.h"

const struct dashboard_work *screen_work(FILE *calls); /* every call is written there, one a line */
const struct dashboard_review *screen_review(void);

#endif /* TESTS_SCREEN_SCREEN_WORK_H */
