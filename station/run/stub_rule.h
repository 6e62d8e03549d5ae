/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stub_rule - which helper program may flash for a job. It is code that vouches for the flash: a released job takes one
 * that this programme knows (engine/chip/esp_stub.h) or that was released with it (`stub_sha256`); another is the engineer's act.
 */
#ifndef STATION_RUN_STUB_RULE_H
#define STATION_RUN_STUB_RULE_H

#include <stdbool.h>

struct job;
struct stub;

/* `stub` NULL: the ROM loader alone. */
bool stub_rule_allows(const struct job *job, const struct stub *stub);

#endif /* STATION_RUN_STUB_RULE_H */
