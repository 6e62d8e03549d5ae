/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit_compose - a unit's own data out of what the job says and the values of this unit. What a failure tells is the name of the
 * place and what does not fit, never a value: it may be a key. Reads the files that values name, nothing else; thread safe.
 */
#ifndef PROFILES_UNIT_UNIT_COMPOSE_H
#define PROFILES_UNIT_UNIT_COMPOSE_H

#include "base/unit_data.h"
#include "profiles/plan/flash_plan.h"
#include "profiles/unit/unit_spec.h"

/*
 * For a board of that plan, which is of the spec's job. 0 and *out, sealed and the caller's: unit_data_wipe(). Or -1, *f of stage
 * GATE, and *out is nothing: what `filler` said, or FAIL_JOB.
 */
int unit_compose(const struct unit_spec *spec, const struct plan *plan, const struct unit_filler *filler,
                 struct unit_data *out, struct failure *f);

#endif /* PROFILES_UNIT_UNIT_COMPOSE_H */
