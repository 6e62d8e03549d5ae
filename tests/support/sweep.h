/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a sweep is gone through: a slice, the same every time, unless FLASHLINE_SWEEP says "whole" (script/soak
 * NAME does) or a number of cases. Seeds are counted from 1 in either, so that a slice is the head of the whole; where a
 * sweep asks sweep_seed(), script/soak NAME --seed S begins with that one.
 */
#ifndef FLASHLINE_TESTS_SUPPORT_SWEEP_H
#define FLASHLINE_TESTS_SUPPORT_SWEEP_H

#include <stdbool.h>

/* Cases to go through: `slice` or `whole`, or what FLASHLINE_SWEEP asks for, which is at least 1. */
long sweep_cases(long slice, long whole);

/* The whole is asked for. */
bool sweep_is_whole(void);

/* The first seed: 1, or what FLASHLINE_SWEEP_SEED asks for. */
long sweep_seed(void);

/* That was asked for: whoever asked wants to see what happened, not only how often. */
bool sweep_is_one_seed(void);

#endif
