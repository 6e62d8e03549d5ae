/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_look - one look at the whole of a plan, once each of its files is known to be sound: how bootloader, partition
 * table, applications, boot selection and all other files stand to each other. docs/profiles.md tells the rules.
 */
#ifndef PROFILES_PLAN_PLAN_LOOK_H
#define PROFILES_PLAN_PLAN_LOOK_H

#include "profiles/plan/plan.h"

/*
 * `plan` was made from the draft. Fills draft->app, plan->needs_size and plan->asks_board. 0, or -1 with ctx->c, which
 * names the file that is wrong and its line. plan_finish() runs it.
 */
int plan_look(struct plan_context *ctx, struct plan_draft *draft, struct plan *plan);

#endif /* PROFILES_PLAN_PLAN_LOOK_H */
