/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stub_rule - which helper program may flash for a job. It is code that vouches for the flash: a released job takes one
 * that this programme knows (engine/chip/esp_stub.h) or that was released with it (`stub_sha256`); another is the engineer's act.
 */
#ifndef STATION_RUN_STUB_RULE_H
#define STATION_RUN_STUB_RULE_H

struct job;
struct stub;

/* The first of the list that may not flash for the job; NULL: all may, or there are none, and the ROM loader does it alone. */
const struct stub *stub_rule_refused(const struct job *job, const struct stub *list);

#endif /* STATION_RUN_STUB_RULE_H */
