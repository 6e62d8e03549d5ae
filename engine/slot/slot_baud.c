/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/slot/slot_baud.h"

#include "base/record.h"
#include "engine/board/baud_ladder.h"
#include "engine/board/session.h"

#define SUSPECTS_ENOUGH 2 /* one may be the board */

/* What an attempt says about the line. */
enum sign { SIGN_NONE, SIGN_CLEAN, SIGN_SUSPECT, SIGN_PROOF };

static enum sign read_sign(const struct session_line *line, const struct attempt_result *r)
{
    bool passed = r->result == RESULT_PASS;

    if (line->tried == 0 || r->chip_resets > 0)
        return SIGN_NONE;
    if (line->lost == 0)
        return passed ? SIGN_CLEAN : SIGN_NONE;
    if (passed)
        return line->used < line->tried ? SIGN_PROOF : SIGN_SUSPECT;
    return r->failure.blame == BLAME_FIXTURE ? SIGN_SUSPECT : SIGN_NONE;
}

static enum slot_baud_step go_down(struct slot_baud *b, uint32_t to)
{
    unsigned twice = b->wanted < SLOT_BAUD_CLEAN_MOST / 2 ? b->wanted * 2 : SLOT_BAUD_CLEAN_MOST;

    b->wanted = b->on_trial ? twice : b->wanted;
    b->clean = b->suspect = 0;
    b->on_trial = false;
    if (to == 0 || to >= b->rate)
        return SLOT_BAUD_STAYS;
    b->rate = to;
    return SLOT_BAUD_DOWN;
}

static enum slot_baud_step note_suspect(struct slot_baud *b)
{
    b->clean = 0;
    b->suspect++;
    return b->on_trial || b->suspect >= SUSPECTS_ENOUGH ? go_down(b, baud_below(b->rate)) : SLOT_BAUD_STAYS;
}

static enum slot_baud_step note_clean(struct slot_baud *b)
{
    b->suspect = 0;
    b->clean++;
    if (b->on_trial && b->clean >= SLOT_BAUD_CLEAN) {
        b->on_trial = false;
        b->wanted = SLOT_BAUD_CLEAN;
    }
    if (b->clean < b->wanted || b->rate >= b->max)
        return SLOT_BAUD_STAYS;
    b->rate = baud_above(b->rate, b->max);
    b->clean = 0;
    b->on_trial = true;
    return SLOT_BAUD_UP;
}

void slot_baud_init(struct slot_baud *b, uint32_t max, uint32_t remembered)
{
    *b = (struct slot_baud){.max = max, .rate = max, .wanted = SLOT_BAUD_CLEAN};
    if (remembered != 0 && remembered < max)
        b->rate = remembered;
}

enum slot_baud_step slot_baud_note(struct slot_baud *b, const struct session_line *line,
                                   const struct attempt_result *r)
{
    /* The adapter makes no more than this. */
    if (line->lost == 0 && line->tried != 0 && line->tried < b->rate)
        b->max = b->rate = line->tried;
    switch (read_sign(line, r)) {
    case SIGN_PROOF:
        return go_down(b, line->used);
    case SIGN_SUSPECT:
        return note_suspect(b);
    case SIGN_CLEAN:
        return note_clean(b);
    case SIGN_NONE:
        break;
    }
    return SLOT_BAUD_STAYS;
}
