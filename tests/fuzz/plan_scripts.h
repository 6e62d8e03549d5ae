/* SPDX-License-Identifier: Apache-2.0 */
/* plan_scripts - runs the scripts of an archive as loading a job would, without compressing, and checks the plans. */
#ifndef TESTS_FUZZ_PLAN_SCRIPTS_H
#define TESTS_FUZZ_PLAN_SCRIPTS_H

#include "profiles/firmware/firmware_archive.h"
#include "profiles/firmware/pycom_script.h"
#include "profiles/text/arena.h"
#include "tests/fuzz/check_plan.h"

static inline void plan_script_member(struct arena *a, const struct firmware_archive *archive,
                                      const struct archive_member *member, uint32_t flash_size,
                                      bool write_config)
{
    const struct place at = {"archive", 0, NULL};
    struct plan_warnings warnings = {.count = 0};
    struct piece_store *store = arena_alloc(a, sizeof *store);
    struct plan_draft *draft = arena_alloc(a, sizeof *draft);
    struct pycom_script *script = arena_alloc(a, sizeof *script);
    struct complaint c = {0};
    struct plan_context ctx = {
        .arena = a, .store = store, .warnings = &warnings, .at = &at, .c = &c, .write_config = write_config};
    struct plan plan;

    must(store != NULL && draft != NULL && script != NULL, "memory");
    store->arena = a;
    draft->flash_size = flash_size;
    memcpy(draft->name, "script", 7);
    if (pycom_script_parse(member, script, &at, &c) == 0 &&
        plan_add_script(&ctx, draft, script, archive) == 0 && plan_finish(&ctx, draft, &plan) == 0)
        check_plan(&plan, flash_size, write_config);
    else
        check_complaint(&c);
}

#endif /* TESTS_FUZZ_PLAN_SCRIPTS_H */
