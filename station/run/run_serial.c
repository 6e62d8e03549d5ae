/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/run_serial.h"

#include <stdio.h>
#include <string.h>

#include "station/print/text.h"
#include "station/run/run_private.h"
#include "station/run/serials_file.h"
#include "station/screen/desk.h"

static struct serial_desk *serials(const struct run *run)
{
    return db_recorder_serials(run->recorder);
}

/* The board in this slot has its serial, or loses it: its worker asks the recorder again. */
static void look_again(struct run *run, int slot)
{
    pthread_mutex_lock(&run->engine_lock);
    if (run->engine != NULL)
        engine_look_again(run->engine, slot);
    pthread_mutex_unlock(&run->engine_lock);
}

/* The slot that bears this label; 0: none, -1: more than one. */
static int labelled(const struct run *run, const char *label)
{
    int found = 0;

    for (int i = 0; i < run->slots.count && label != NULL && label[0] != '\0'; i++) {
        const struct engine_slot *s = &run->slots.slots[i];
        if (s->label != NULL && strcmp(s->label, label) == 0)
            found = found == 0 ? s->number : -1;
    }
    return found;
}

static bool is_slot(const struct run *run, int slot)
{
    for (int i = 0; i < run->slots.count; i++) {
        if (run->slots.slots[i].number == slot)
            return true;
    }
    return false;
}

bool run_serial_is_label(const struct run *run, const char *code)
{
    return labelled(run, code) != 0;
}

enum serial_answer run_serial_choose(struct run *run, int slot)
{
    return serial_desk_choose(serials(run), slot);
}

enum serial_answer run_serial_scan(struct run *run, int slot, const char *code)
{
    int labels = slot == 0 ? labelled(run, code) : 0;

    if (labels > 0)
        return run_serial_choose(run, labels);
    enum serial_answer why = labels < 0                         ? SERIAL_TWO_SLOTS
                             : slot != 0 && !is_slot(run, slot) ? SERIAL_NO_SLOT
                                                                : SERIAL_ACCEPTED;
    if (why != SERIAL_ACCEPTED) {
        serial_desk_refuse(serials(run), slot, code, why);
        return why;
    }
    enum serial_answer answer = db_recorder_scan(run->recorder, &slot, code);
    look_again(run, slot);
    return answer;
}

void run_serial_refuse(struct run *run, int slot, const char *code, const char *why)
{
    enum serial_answer trouble = serial_code_check(code);

    if (slot == 0)
        slot = serial_desk_asking(serials(run));
    if (trouble == SERIAL_ACCEPTED)
        serial_desk_refuse_code(serials(run), slot, code, why);
    else
        serial_desk_refuse(serials(run), slot, code, trouble);
}

enum serial_answer run_serial_take_back(struct run *run, int slot)
{
    enum serial_answer answer = serial_desk_take_back(serials(run), slot);

    for (int i = 0; i < run->slots.count; i++) {
        if (slot == 0 || run->slots.slots[i].number == slot)
            look_again(run, run->slots.slots[i].number);
    }
    return answer;
}

static void offer(struct run *run, const struct slot_status *s)
{
    const char *code = serials_file_take(run->serials_file, s->slot, &s->unit.mac);
    if (code != NULL)
        run_serial_scan(run, s->slot, code);
    else
        serial_desk_refuse(serials(run), s->slot, NULL, SERIAL_NOT_LISTED);
}

void run_serial_event(struct run *run, const struct slot_event *e, char serial[static SERIAL_SIZE])
{
    const struct slot_status *s = &e->status;

    serial[0] = '\0';
    if (e->kind == EVENT_RESULT && s->attempt != 0)
        db_recorder_serial_of(run->recorder, s->attempt, serial);
    else if (e->kind == EVENT_STATE && s->act == ACT_LEAVE && run->serials_file != NULL)
        offer(run, s);
}

void run_serial_look(const struct run *run, int slot, struct desk_serial *out)
{
    static const enum desk_serial_state states[SERIAL_STATES] = {
        [SERIAL_WAITS] = DESK_SERIAL_WAITS,
        [SERIAL_AGAIN] = DESK_SERIAL_WAITS,
        [SERIAL_TAKEN] = DESK_SERIAL_TAKEN,
        [SERIAL_GIVEN] = DESK_SERIAL_TAKEN,
    };
    struct serial_view v;

    serial_desk_look(db_recorder_serials(run->recorder), slot, &v);
    out->state = v.asks ? v.state == SERIAL_AGAIN ? DESK_SERIAL_AGAIN : DESK_SERIAL_ASKS : states[v.state];
    snprintf(out->code, sizeof out->code, "%s", v.serial);
}

const char *run_serial_sentence(enum serial_answer a)
{
    static const char *const sentences[SERIAL_ANSWERS] = {
        [SERIAL_ACCEPTED] = N_("the serial number of this board"),
        [SERIAL_USED] = N_("refused: another board has it; scan another"),
        [SERIAL_USED_HOLD] = N_("refused: another board has it, for the second time: HOLD"),
        [SERIAL_CHOSEN] = N_("scan this board's serial number now"),
        [SERIAL_RETURNED] = N_("taken back: nothing is flashed under it"),
        [SERIAL_RELEASED] = N_("free again: its board was not begun"),
        [SERIAL_BLANK] = N_("scan refused: it is blank"),
        [SERIAL_TOO_LONG] = N_("refused: longer than 63 bytes"),
        [SERIAL_NOT_PLAIN] = N_("refused: characters that cannot be shown"),
        [SERIAL_NO_SERIAL] = N_("refused: this is no serial number"),
        [SERIAL_NOBODY] = N_("refused: no board waits for a serial number"),
        [SERIAL_NOT_HERE] = N_("refused: this slot waits for no serial number"),
        [SERIAL_HAS_ONE] = N_("refused: this board has its serial number"),
        [SERIAL_TOO_LATE] = N_("refused: this board is being flashed"),
        [SERIAL_NO_SLOT] = N_("refused: there is no such slot"),
        [SERIAL_TWO_SLOTS] = N_("refused: the label of more than one slot"),
        [SERIAL_NOTHING] = N_("there is no serial number to take back"),
        [SERIAL_NO_RECORD] = N_("refused: the records cannot be read"),
        [SERIAL_NOT_LISTED] = N_("the file of serial numbers has none for this board"),
        [SERIAL_GONE] = N_("refused: the board asked for is gone; see who asks"),
        [SERIAL_TWICE] = N_("scanned twice: the second changes nothing"),
        [SERIAL_UNHEARD] = N_("more scans than could be told were refused or taken"),
    };

    return sentences[a];
}

const char *run_serial_words(const struct serial_word *w)
{
    return w->why[0] != '\0' ? w->why : run_serial_sentence(w->answer);
}

void run_serial_line(const struct serial_word *w, const char *sentence, char out[static RUN_SERIAL_LINE])
{
    if (w->answer == SERIAL_UNHEARD)
        snprintf(out, RUN_SERIAL_LINE, "%ld: %s", w->count, sentence);
    else if (w->why[0] != '\0')
        snprintf(out, RUN_SERIAL_LINE, "%s", sentence); /* the code is in it */
    else if (w->answer == SERIAL_TOO_LONG)              /* a screen's line has room for one of the two */
        snprintf(out, RUN_SERIAL_LINE, "%s: %s", sentence, w->code);
    else
        snprintf(out, RUN_SERIAL_LINE, "%s%s%s", w->code, w->code[0] != '\0' ? ": " : "", sentence);
}
