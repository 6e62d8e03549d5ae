/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pycom_keys - what a job for Pycom's boards says in a word of its own: `region:` and `eui:`, short for places of unit data in the
 * config block (profiles/pycom/config_block.h). The rest of that sector stays the board's.
 */
#ifndef PROFILES_JOB_PYCOM_KEYS_H
#define PROFILES_JOB_PYCOM_KEYS_H

#include "profiles/text/complaint.h"

struct job_file;
struct schema_value;

int pycom_key_region(void *target, const struct schema_value *v, struct complaint *c);
int pycom_key_eui(void *target, const struct schema_value *v, struct complaint *c);
/*
 * Once the file is read, before its firmware is: adds their places to the unit data. --region (f->region_option) is refused where
 * the job says a region, or is released. 0, or -1 with *c (FAIL_JOB).
 */
int pycom_keys_add(struct job_file *f, struct complaint *c);
/* Once its firmware is: is it for such a board, and does it take that region? 0, or -1 with *c (FAIL_JOB). */
int pycom_keys_check(const struct job_file *f, struct complaint *c);

#endif /* PROFILES_JOB_PYCOM_KEYS_H */
