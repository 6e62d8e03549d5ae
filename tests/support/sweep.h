/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a sweep is gone through: a slice, the same every time, unless FLASHLINE_SWEEP says "whole" (script/soak
 * NAME does) or a number of cases. Seeds are counted from 1 in either, so that a slice is the head of the whole.
 */
#ifndef FLASHLINE_TESTS_SUPPORT_SWEEP_H
#define FLASHLINE_TESTS_SUPPORT_SWEEP_H

#include <stdbool.h>

/* Cases to go through: `slice` or `whole`, or what FLASHLINE_SWEEP asks for, which is at least 1. */
long sweep_cases(long slice, long whole);

/* The whole is asked for. */
bool sweep_is_whole(void);

#endif
