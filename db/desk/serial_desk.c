/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/serial_desk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "base/waker.h"

struct place {
    enum serial_state state;
    struct mac mac;
    char serial[SERIAL_SIZE]; /* of the board, in SERIAL_TAKEN, _GIVEN, _BOUND; else what was last shown */
};

struct serial_desk {
    struct waker *told;
    pthread_mutex_t lock; /* what follows */
    struct place places[SERIAL_SLOTS_MAX];
    int chosen; /* 0: nobody chose */
    int asks;   /* the lowest that waited when the one before was done; it stays, whoever comes meanwhile */
    int gone;   /* whose board went while it asked, and nobody has scanned since; 0: none */
    int newest; /* the last that took one */
    char heard
        [SERIAL_SIZE]; /* the last code that a board was scanned with, as long as it may come twice; "" : none */
    int64_t heard_us;
    struct serial_word words[SERIAL_WORDS_MAX];
    int first, count;
    long unheard;
};

struct serial_desk *serial_desk_new(void)
{
    struct serial_desk *d = calloc(1, sizeof *d);

    if (d == NULL || (d->told = waker_new()) == NULL) {
        free(d);
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    return d;
}

void serial_desk_free(struct serial_desk *d)
{
    if (d == NULL)
        return;
    pthread_mutex_destroy(&d->lock);
    waker_free(d->told);
    free(d);
}

/* With the lock held, like all that are private here. NULL: no slot that has serials. */
static struct place *place_of(struct serial_desk *d, int slot)
{
    return slot >= 1 && slot <= SERIAL_SLOTS_MAX ? &d->places[slot - 1] : NULL;
}

static bool waits(const struct place *p)
{
    return p->state == SERIAL_WAITS || p->state == SERIAL_AGAIN;
}

static bool may_have_one(const struct place *p)
{
    return waits(p) || p->state == SERIAL_FREE;
}

static bool may_go_back(const struct place *p)
{
    return p->state == SERIAL_TAKEN || p->state == SERIAL_GIVEN;
}

static bool has_one(const struct place *p)
{
    return may_go_back(p) || (p->state == SERIAL_BOUND && p->serial[0] != '\0');
}

static void copy_code(char out[static SERIAL_SIZE], const char *code)
{
    snprintf(out, SERIAL_SIZE, "%s", code);
}

/* A code of any length, whole or with "..." at its end; what would act on a screen, and half characters, as '?'. */
static void told_code(char out[static SERIAL_TOLD_SIZE], const char *code)
{
    const size_t room = SERIAL_TOLD_SIZE - sizeof "...";
    size_t at = 0, length;
    uint32_t c;

    while ((length = plain_next(code, &c)) > 0 && at + length <= room) {
        if (plain_acts(c) || plain_is_hidden(c) || plain_is_broken(c, length))
            out[at++] = '?';
        else
            for (size_t i = 0; i < length; i++)
                out[at++] = code[i];
        code += length;
    }
    snprintf(out + at, SERIAL_TOLD_SIZE - at, "%s", length > 0 ? "..." : "");
}

/* The word, NULL where there is no room: it is counted. */
static struct serial_word *tell(struct serial_desk *d, int slot, const char *code, enum serial_answer answer,
                                int other)
{
    const struct place *p = place_of(d, slot);

    if (d->count == SERIAL_WORDS_MAX) {
        d->unheard++;
        return NULL;
    }
    struct serial_word *w = &d->words[(d->first + d->count++) % SERIAL_WORDS_MAX];
    *w = (struct serial_word){.answer = answer, .slot = slot, .other = other};
    told_code(w->code, code != NULL ? code : "");
    w->has_mac = p != NULL && p->state != SERIAL_NONE;
    if (w->has_mac)
        w->mac = p->mac;
    waker_raise(d->told);
    return w;
}

/*
 * Sticky: a board that comes onto a lower slot while somebody reaches for a label must not get that label's scan.
 */
static int asking(struct serial_desk *d)
{
    const struct place *chosen = place_of(d, d->chosen), *asks = place_of(d, d->asks);

    if (chosen != NULL && may_have_one(chosen))
        return d->chosen;
    if (asks != NULL && waits(asks))
        return d->asks;
    d->asks = 0;
    for (int slot = 1; slot <= SERIAL_SLOTS_MAX && d->asks == 0; slot++) {
        if (waits(place_of(d, slot)))
            d->asks = slot;
    }
    return d->asks;
}

/* Whoever scans from now on means it. */
static void forget_heard(struct serial_desk *d)
{
    d->heard[0] = '\0';
}

void serial_desk_open(struct serial_desk *d, int slot)
{
    pthread_mutex_lock(&d->lock);
    struct place *p = place_of(d, slot);
    if (p != NULL)
        *p = (struct place){.state = SERIAL_NONE};
    pthread_mutex_unlock(&d->lock);
}

enum serial_leave serial_desk_leave(struct serial_desk *d, int slot, const struct mac *mac, bool required)
{
    enum serial_leave leave = SERIAL_GO;

    pthread_mutex_lock(&d->lock);
    struct place *p = place_of(d, slot);
    if (p != NULL && (p->state == SERIAL_NONE || p->state == SERIAL_FREE)) {
        p->state = required ? SERIAL_WAITS : SERIAL_FREE;
        p->mac = *mac;
        asking(d); /* from now on, if nobody asks before it */
    }
    if (p != NULL && p->state == SERIAL_TAKEN)
        p->state = SERIAL_GIVEN;
    if (p != NULL && waits(p))
        leave = SERIAL_WAIT;
    else if (p != NULL && p->state == SERIAL_HELD)
        leave = SERIAL_HOLD;
    else if (p != NULL && p->state == SERIAL_BACK)
        leave = SERIAL_END;
    pthread_mutex_unlock(&d->lock);
    return leave;
}

bool serial_desk_begin(struct serial_desk *d, int slot, char serial[static SERIAL_SIZE])
{
    bool go = true;

    serial[0] = '\0';
    pthread_mutex_lock(&d->lock);
    struct place *p = place_of(d, slot);
    if (p != NULL && (waits(p) || p->state == SERIAL_HELD || p->state == SERIAL_BACK)) {
        go = false;
    } else if (p != NULL) {
        if (has_one(p))
            copy_code(serial, p->serial);
        p->state = SERIAL_BOUND;
    }
    pthread_mutex_unlock(&d->lock);
    return go;
}

void serial_desk_end(struct serial_desk *d, int slot, bool attached, char serial[static SERIAL_SIZE])
{
    serial[0] = '\0';
    pthread_mutex_lock(&d->lock);
    struct place *p = place_of(d, slot);
    if (p != NULL) {
        if (p->state == SERIAL_BOUND || (p->state == SERIAL_GIVEN && attached)) {
            copy_code(serial, p->serial);
        } else {
            if (may_go_back(p)) {
                tell(d, slot, p->serial, SERIAL_RELEASED, 0);
                forget_heard(d);
            }
            p->serial[0] = '\0';
        }
        if (waits(p) && asking(d) == slot)
            d->gone = slot;
        p->state = SERIAL_NONE;
        d->chosen = d->chosen == slot ? 0 : d->chosen;
    }
    pthread_mutex_unlock(&d->lock);
}

int serial_desk_asking(struct serial_desk *d)
{
    pthread_mutex_lock(&d->lock);
    int slot = asking(d);
    pthread_mutex_unlock(&d->lock);
    return slot;
}

bool serial_desk_asks_another(struct serial_desk *d)
{
    pthread_mutex_lock(&d->lock);
    int slot = asking(d);
    bool another = d->gone != 0 && slot != 0 && slot != d->gone;
    d->gone = 0;
    pthread_mutex_unlock(&d->lock);
    return another;
}

bool serial_desk_is_twice(struct serial_desk *d, const char *code, int64_t now_us)
{
    pthread_mutex_lock(&d->lock);
    bool twice = d->heard[0] != '\0' && strcmp(d->heard, code) == 0 && now_us - d->heard_us < SERIAL_TWICE_US;
    if (twice)
        d->heard_us = now_us;
    pthread_mutex_unlock(&d->lock);
    return twice;
}

/* Why the board in this slot takes no scan now. */
static enum serial_answer refusal(const struct place *p)
{
    if (p == NULL)
        return SERIAL_NO_SLOT;
    switch (p->state) {
    case SERIAL_NONE:
        return SERIAL_NOT_HERE;
    case SERIAL_TAKEN:
    case SERIAL_GIVEN:
        return SERIAL_HAS_ONE;
    default:
        return SERIAL_TOO_LATE;
    }
}

enum serial_answer serial_desk_choose(struct serial_desk *d, int slot)
{
    enum serial_answer answer = SERIAL_CHOSEN;

    pthread_mutex_lock(&d->lock);
    const struct place *p = place_of(d, slot);
    if (p != NULL && may_have_one(p)) {
        d->chosen = slot;
        d->gone = 0;
        forget_heard(d);
    } else
        answer = refusal(p);
    tell(d, slot, NULL, answer, 0);
    pthread_mutex_unlock(&d->lock);
    return answer;
}

int serial_desk_holder(struct serial_desk *d, int slot, const char *code)
{
    int holder = 0;

    pthread_mutex_lock(&d->lock);
    for (int other = 1; other <= SERIAL_SLOTS_MAX && holder == 0; other++) {
        const struct place *p = place_of(d, other);
        if (other != slot && has_one(p) && strcmp(p->serial, code) == 0)
            holder = other;
    }
    pthread_mutex_unlock(&d->lock);
    return holder;
}

bool serial_desk_board(struct serial_desk *d, int slot, struct mac *mac)
{
    pthread_mutex_lock(&d->lock);
    const struct place *p = place_of(d, slot);
    bool there = p != NULL && may_have_one(p);
    if (there)
        *mac = p->mac;
    pthread_mutex_unlock(&d->lock);
    return there;
}

/* Of a board that may have one. */
static enum serial_answer take(struct place *p, const char *code, bool used)
{
    copy_code(p->serial, code);
    if (!used) {
        p->state = SERIAL_TAKEN;
        return SERIAL_ACCEPTED;
    }
    if (p->state == SERIAL_AGAIN) {
        p->state = SERIAL_HELD;
        return SERIAL_USED_HOLD;
    }
    if (p->state == SERIAL_WAITS)
        p->state = SERIAL_AGAIN;
    else
        p->serial[0] = '\0'; /* nobody asked for one: it goes on without */
    return SERIAL_USED;
}

enum serial_answer serial_desk_scan(struct serial_desk *d, int slot, const char *code, bool used, int other,
                                    int64_t now_us)
{
    enum serial_answer answer;

    pthread_mutex_lock(&d->lock);
    struct place *p = place_of(d, slot);
    if (p != NULL && may_have_one(p)) {
        answer = take(p, code, used);
        copy_code(d->heard, code);
        d->heard_us = now_us;
        if (answer != SERIAL_USED)
            d->chosen = d->chosen == slot ? 0 : d->chosen;
        if (answer == SERIAL_ACCEPTED)
            d->newest = slot;
    } else {
        answer = refusal(p);
    }
    tell(d, slot, code, answer, other);
    pthread_mutex_unlock(&d->lock);
    return answer;
}

enum serial_answer serial_desk_take_back(struct serial_desk *d, int slot)
{
    enum serial_answer answer = SERIAL_NOTHING;

    pthread_mutex_lock(&d->lock);
    if (slot == 0 && d->newest != 0)
        slot = d->newest;
    struct place *p = place_of(d, slot);
    if (p == NULL)
        answer = slot == 0 ? SERIAL_NOTHING : SERIAL_NO_SLOT;
    else if (may_go_back(p))
        answer = SERIAL_RETURNED;
    else if (p->state == SERIAL_BOUND)
        answer = SERIAL_TOO_LATE;
    if (answer == SERIAL_RETURNED) {
        p->state = SERIAL_BACK;
        forget_heard(d);
    }
    tell(d, slot, p != NULL ? p->serial : NULL, answer, 0);
    pthread_mutex_unlock(&d->lock);
    return answer;
}

void serial_desk_refuse(struct serial_desk *d, int slot, const char *code, enum serial_answer why)
{
    pthread_mutex_lock(&d->lock);
    tell(d, slot, code, why, 0);
    pthread_mutex_unlock(&d->lock);
}

void serial_desk_refuse_code(struct serial_desk *d, int slot, const char *code, const char *why)
{
    pthread_mutex_lock(&d->lock);
    struct serial_word *w = tell(d, slot, code, SERIAL_NO_SERIAL, 0);
    if (w != NULL)
        snprintf(w->why, sizeof w->why, "%s", why);
    pthread_mutex_unlock(&d->lock);
}

void serial_desk_look(struct serial_desk *d, int slot, struct serial_view *out)
{
    *out = (struct serial_view){.state = SERIAL_NONE};
    pthread_mutex_lock(&d->lock);
    const struct place *p = place_of(d, slot);
    if (p != NULL) {
        out->state = p->state;
        out->asks = waits(p) && asking(d) == slot;
        copy_code(out->serial, p->serial);
    }
    pthread_mutex_unlock(&d->lock);
}

bool serial_desk_next(struct serial_desk *d, struct serial_word *out)
{
    pthread_mutex_lock(&d->lock);
    bool found = d->count > 0 || d->unheard > 0;
    if (d->count > 0) {
        *out = d->words[d->first];
        d->first = (d->first + 1) % SERIAL_WORDS_MAX;
        d->count--;
    } else if (found) {
        *out = (struct serial_word){.answer = SERIAL_UNHEARD, .count = d->unheard};
        d->unheard = 0;
    }
    if (d->count == 0 && d->unheard == 0)
        waker_clear(d->told);
    pthread_mutex_unlock(&d->lock);
    return found;
}

int serial_desk_fd(const struct serial_desk *d)
{
    return waker_fd(d->told);
}

bool serial_answer_is_refusal(enum serial_answer a)
{
    return a >= SERIAL_BLANK || a == SERIAL_USED || a == SERIAL_USED_HOLD;
}

const char *serial_answer_name(enum serial_answer a)
{
    static const char *const names[SERIAL_ANSWERS] = {
        [SERIAL_ACCEPTED] = "taken",        [SERIAL_USED] = "used",
        [SERIAL_USED_HOLD] = "used_hold",   [SERIAL_CHOSEN] = "chosen",
        [SERIAL_RETURNED] = "taken_back",   [SERIAL_RELEASED] = "free_again",
        [SERIAL_BLANK] = "blank",           [SERIAL_TOO_LONG] = "too_long",
        [SERIAL_NOT_PLAIN] = "not_plain",   [SERIAL_NO_SERIAL] = "no_serial",
        [SERIAL_NOBODY] = "no_board",       [SERIAL_NOT_HERE] = "not_waiting",
        [SERIAL_HAS_ONE] = "has_one",       [SERIAL_TOO_LATE] = "too_late",
        [SERIAL_NO_SLOT] = "no_slot",       [SERIAL_TWO_SLOTS] = "two_slots",
        [SERIAL_NOTHING] = "nothing",       [SERIAL_NO_RECORD] = "no_record",
        [SERIAL_NOT_LISTED] = "not_listed", [SERIAL_GONE] = "board_gone",
        [SERIAL_TWICE] = "scanned_twice",   [SERIAL_UNHEARD] = "unheard",
    };

    return names[a];
}

enum serial_answer serial_code_check(const char *code)
{
    if (plain_name_trouble(code) == NULL)
        return SERIAL_ACCEPTED;
    if (plain_trouble(code) != NULL || (code != NULL && plain_hides(code) && !plain_is_blank(code)))
        return SERIAL_NOT_PLAIN;
    return code != NULL && strlen(code) >= SERIAL_SIZE ? SERIAL_TOO_LONG : SERIAL_BLANK;
}
