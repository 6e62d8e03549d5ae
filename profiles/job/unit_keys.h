/* SPDX-License-Identifier: Apache-2.0 */
/* unit_keys - the keys of a job's `unit:`, for job_file: they fill the unit of a struct job_file. */
#ifndef PROFILES_JOB_UNIT_KEYS_H
#define PROFILES_JOB_UNIT_KEYS_H

#include "profiles/text/yaml_schema.h"

extern const struct schema_rule unit_key_rules[];
/* At the start of each item of the list. */
int unit_key_begin(void *target, const struct schema_value *value, struct complaint *c);

#endif /* PROFILES_JOB_UNIT_KEYS_H */
