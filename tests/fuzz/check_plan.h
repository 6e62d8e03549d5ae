/* SPDX-License-Identifier: Apache-2.0 */
/* check_plan - what must hold of every plan, whatever bytes it was made from. Aborts when it does not. */
#ifndef TESTS_FUZZ_CHECK_PLAN_H
#define TESTS_FUZZ_CHECK_PLAN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/job/job.h"
#include "profiles/plan/plan.h"
#include "profiles/text/complaint.h"

static inline void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

static inline void check_complaint(const struct complaint *c)
{
    must(c->code != FAILURE_NONE, "a refusal without a code");
    must(c->text[0] != '\0' && strchr(c->text, '\n') == NULL, "a refusal that is not one line");
}

static inline void mark_sectors(uint8_t *marks, uint32_t offset, uint32_t size, uint8_t bit, uint32_t limit)
{
    must(offset % SECTOR_SIZE == 0, "something off its sector");
    must(size > 0 && offset <= limit && size <= limit - offset, "something beyond the flash");
    for (uint32_t s = offset / SECTOR_SIZE; s < (offset + size + SECTOR_SIZE - 1) / SECTOR_SIZE; s++) {
        must(marks[s] == 0, "a sector with two owners");
        marks[s] = bit;
    }
}

static inline void check_plan(const struct plan *p, uint32_t flash_size, bool write_config)
{
    static uint8_t marks[FLASH_MAX / SECTOR_SIZE];
    uint32_t config = CONFIG_SECTOR / SECTOR_SIZE, boot = BOOT_SECTOR / SECTOR_SIZE;

    memset(marks, 0, sizeof marks);
    for (size_t i = 0; i < p->piece_count; i++)
        mark_sectors(marks, p->pieces[i].offset, p->pieces[i].size, 1, flash_size);
    for (size_t i = 0; i < p->final_count; i++)
        mark_sectors(marks, p->finals[i].offset, p->finals[i].size, 1, flash_size);
    must(marks[boot] == 0, "the boot sector among the pieces");
    if (p->boot != NULL) {
        must(p->boot->offset == BOOT_SECTOR && p->boot->size <= SECTOR_SIZE,
             "a boot piece that is not the boot sector");
        mark_sectors(marks, p->boot->offset, p->boot->size, 1, flash_size);
    }
    for (size_t i = 0; i < p->erase_count; i++)
        mark_sectors(marks, p->erases[i].offset, p->erases[i].size, 2, flash_size);
    must(marks[boot] != 2, "the boot sector erased and not written");
    must(write_config || marks[config] == 0, "the identity sector touched without the job's word");
    must(p->writes_identity == (marks[config] != 0), "writes_identity does not say the truth");
    must(p->needs_size <= flash_size, "needs more than there is");
}

#endif /* TESTS_FUZZ_CHECK_PLAN_H */
