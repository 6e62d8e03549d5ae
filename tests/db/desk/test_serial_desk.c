/* SPDX-License-Identifier: Apache-2.0 */
/* If it failed: a serial could land on a board it was not scanned for, or a scan could vanish without a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>

#include "base/plain.h"
#include "db/desk/serial_desk.h"

#define SLOT 3

static const struct mac board = {{0x24, 0x0a, 0xc4, 0, 0, 1}};

/* What may happen to a slot, written as one letter each. */
static void happen(struct serial_desk *d, int slot, char event, enum serial_answer *answer,
                   enum serial_leave *leave, char serial[static SERIAL_SIZE])
{
    serial[0] = '\0';
    switch (event) {
    case 'o':
        serial_desk_open(d, slot);
        break;
    case 'r': /* identified, a serial is required */
        *leave = serial_desk_leave(d, slot, &board, true);
        break;
    case 'k': /* identified, none is required */
        *leave = serial_desk_leave(d, slot, &board, false);
        break;
    case 's':
        *answer = serial_desk_scan(d, slot, "SN-1", false, 0, 0);
        break;
    case 'd':
        *answer = serial_desk_scan(d, slot, "SN-OLD", true, 0, 0);
        break;
    case 'c':
        *answer = serial_desk_choose(d, slot);
        break;
    case 'u':
        *answer = serial_desk_take_back(d, slot);
        break;
    case 'b':
        *leave = serial_desk_begin(d, slot, serial) ? SERIAL_GO : SERIAL_END;
        break;
    case 'e': /* the end, with a result that says something of the board */
        serial_desk_end(d, slot, true, serial);
        break;
    case 'a': /* the end, stopped */
        serial_desk_end(d, slot, false, serial);
        break;
    default:
        fail_msg("no such event: %c", event);
    }
}

/* How each state is reached from nothing. */
static const char *const ways[SERIAL_STATES] = {
    [SERIAL_NONE] = "o",     [SERIAL_FREE] = "ok",   [SERIAL_WAITS] = "or",
    [SERIAL_AGAIN] = "ord",  [SERIAL_HELD] = "ordd", [SERIAL_TAKEN] = "ors",
    [SERIAL_GIVEN] = "orsr", [SERIAL_BACK] = "orsu", [SERIAL_BOUND] = "orsrb",
};

static const char *const state_names[SERIAL_STATES] = {"none",  "free",  "waits", "again", "held",
                                                       "taken", "given", "back",  "bound"};

#define NO_ANSWER (-1)
#define NO_LEAVE  (-1)

/* Every state with every event: the state after it, what is answered, and what comes out for the record. */
static const struct row {
    enum serial_state from;
    char event;
    enum serial_state to;
    int answer, leave;
    const char *serial; /* handed out by 'b', 'e', 'a' */
} table[] = {
    {SERIAL_NONE, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_NONE, 'r', SERIAL_WAITS, NO_ANSWER, SERIAL_WAIT, ""},
    {SERIAL_NONE, 'k', SERIAL_FREE, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_NONE, 's', SERIAL_NONE, SERIAL_NOT_HERE, NO_LEAVE, ""},
    {SERIAL_NONE, 'd', SERIAL_NONE, SERIAL_NOT_HERE, NO_LEAVE, ""},
    {SERIAL_NONE, 'c', SERIAL_NONE, SERIAL_NOT_HERE, NO_LEAVE, ""},
    {SERIAL_NONE, 'u', SERIAL_NONE, SERIAL_NOTHING, NO_LEAVE, ""},
    {SERIAL_NONE, 'b', SERIAL_BOUND, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_NONE, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_NONE, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_FREE, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_FREE, 'r', SERIAL_WAITS, NO_ANSWER, SERIAL_WAIT, ""},
    {SERIAL_FREE, 'k', SERIAL_FREE, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_FREE, 's', SERIAL_TAKEN, SERIAL_ACCEPTED, NO_LEAVE, ""},
    {SERIAL_FREE, 'd', SERIAL_FREE, SERIAL_USED, NO_LEAVE, ""},
    {SERIAL_FREE, 'c', SERIAL_FREE, SERIAL_CHOSEN, NO_LEAVE, ""},
    {SERIAL_FREE, 'u', SERIAL_FREE, SERIAL_NOTHING, NO_LEAVE, ""},
    {SERIAL_FREE, 'b', SERIAL_BOUND, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_FREE, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_FREE, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_WAITS, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_WAITS, 'r', SERIAL_WAITS, NO_ANSWER, SERIAL_WAIT, ""},
    {SERIAL_WAITS, 'k', SERIAL_WAITS, NO_ANSWER, SERIAL_WAIT, ""},
    {SERIAL_WAITS, 's', SERIAL_TAKEN, SERIAL_ACCEPTED, NO_LEAVE, ""},
    {SERIAL_WAITS, 'd', SERIAL_AGAIN, SERIAL_USED, NO_LEAVE, ""},
    {SERIAL_WAITS, 'c', SERIAL_WAITS, SERIAL_CHOSEN, NO_LEAVE, ""},
    {SERIAL_WAITS, 'u', SERIAL_WAITS, SERIAL_NOTHING, NO_LEAVE, ""},
    {SERIAL_WAITS, 'b', SERIAL_WAITS, NO_ANSWER, SERIAL_END, ""},
    {SERIAL_WAITS, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_WAITS, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_AGAIN, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_AGAIN, 'r', SERIAL_AGAIN, NO_ANSWER, SERIAL_WAIT, ""},
    {SERIAL_AGAIN, 'k', SERIAL_AGAIN, NO_ANSWER, SERIAL_WAIT, ""},
    {SERIAL_AGAIN, 's', SERIAL_TAKEN, SERIAL_ACCEPTED, NO_LEAVE, ""},
    {SERIAL_AGAIN, 'd', SERIAL_HELD, SERIAL_USED_HOLD, NO_LEAVE, ""},
    {SERIAL_AGAIN, 'c', SERIAL_AGAIN, SERIAL_CHOSEN, NO_LEAVE, ""},
    {SERIAL_AGAIN, 'u', SERIAL_AGAIN, SERIAL_NOTHING, NO_LEAVE, ""},
    {SERIAL_AGAIN, 'b', SERIAL_AGAIN, NO_ANSWER, SERIAL_END, ""},
    {SERIAL_AGAIN, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_AGAIN, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_HELD, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_HELD, 'r', SERIAL_HELD, NO_ANSWER, SERIAL_HOLD, ""},
    {SERIAL_HELD, 'k', SERIAL_HELD, NO_ANSWER, SERIAL_HOLD, ""},
    {SERIAL_HELD, 's', SERIAL_HELD, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_HELD, 'd', SERIAL_HELD, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_HELD, 'c', SERIAL_HELD, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_HELD, 'u', SERIAL_HELD, SERIAL_NOTHING, NO_LEAVE, ""},
    {SERIAL_HELD, 'b', SERIAL_HELD, NO_ANSWER, SERIAL_END, ""},
    {SERIAL_HELD, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_HELD, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_TAKEN, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_TAKEN, 'r', SERIAL_GIVEN, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_TAKEN, 'k', SERIAL_GIVEN, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_TAKEN, 's', SERIAL_TAKEN, SERIAL_HAS_ONE, NO_LEAVE, ""},
    {SERIAL_TAKEN, 'd', SERIAL_TAKEN, SERIAL_HAS_ONE, NO_LEAVE, ""},
    {SERIAL_TAKEN, 'c', SERIAL_TAKEN, SERIAL_HAS_ONE, NO_LEAVE, ""},
    {SERIAL_TAKEN, 'u', SERIAL_BACK, SERIAL_RETURNED, NO_LEAVE, ""},
    {SERIAL_TAKEN, 'b', SERIAL_BOUND, NO_ANSWER, SERIAL_GO, "SN-1"},
    {SERIAL_TAKEN, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_TAKEN, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_GIVEN, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_GIVEN, 'r', SERIAL_GIVEN, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_GIVEN, 'k', SERIAL_GIVEN, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_GIVEN, 's', SERIAL_GIVEN, SERIAL_HAS_ONE, NO_LEAVE, ""},
    {SERIAL_GIVEN, 'd', SERIAL_GIVEN, SERIAL_HAS_ONE, NO_LEAVE, ""},
    {SERIAL_GIVEN, 'c', SERIAL_GIVEN, SERIAL_HAS_ONE, NO_LEAVE, ""},
    {SERIAL_GIVEN, 'u', SERIAL_BACK, SERIAL_RETURNED, NO_LEAVE, ""},
    {SERIAL_GIVEN, 'b', SERIAL_BOUND, NO_ANSWER, SERIAL_GO, "SN-1"},
    {SERIAL_GIVEN, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, "SN-1"},
    {SERIAL_GIVEN, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_BACK, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_BACK, 'r', SERIAL_BACK, NO_ANSWER, SERIAL_END, ""},
    {SERIAL_BACK, 'k', SERIAL_BACK, NO_ANSWER, SERIAL_END, ""},
    {SERIAL_BACK, 's', SERIAL_BACK, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_BACK, 'd', SERIAL_BACK, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_BACK, 'c', SERIAL_BACK, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_BACK, 'u', SERIAL_BACK, SERIAL_NOTHING, NO_LEAVE, ""},
    {SERIAL_BACK, 'b', SERIAL_BACK, NO_ANSWER, SERIAL_END, ""},
    {SERIAL_BACK, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_BACK, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},

    {SERIAL_BOUND, 'o', SERIAL_NONE, NO_ANSWER, NO_LEAVE, ""},
    {SERIAL_BOUND, 'r', SERIAL_BOUND, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_BOUND, 'k', SERIAL_BOUND, NO_ANSWER, SERIAL_GO, ""},
    {SERIAL_BOUND, 's', SERIAL_BOUND, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_BOUND, 'd', SERIAL_BOUND, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_BOUND, 'c', SERIAL_BOUND, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_BOUND, 'u', SERIAL_BOUND, SERIAL_TOO_LATE, NO_LEAVE, ""},
    {SERIAL_BOUND, 'b', SERIAL_BOUND, NO_ANSWER, SERIAL_GO, "SN-1"},
    {SERIAL_BOUND, 'e', SERIAL_NONE, NO_ANSWER, NO_LEAVE, "SN-1"},
    {SERIAL_BOUND, 'a', SERIAL_NONE, NO_ANSWER, NO_LEAVE, "SN-1"},
};
#define EVENTS "orksdcubea"

static struct serial_desk *desk_in(enum serial_state state)
{
    struct serial_desk *d = serial_desk_new();
    struct serial_word word;
    enum serial_answer answer;
    enum serial_leave leave;
    char serial[SERIAL_SIZE];

    assert_non_null(d);
    for (const char *e = ways[state]; *e != '\0'; e++)
        happen(d, SLOT, *e, &answer, &leave, serial);
    while (serial_desk_next(d, &word))
        continue;
    return d;
}

static void check_row(const struct row *r)
{
    struct serial_desk *d = desk_in(r->from);
    struct serial_view before, after;
    struct serial_word word;
    enum serial_answer answer = (enum serial_answer)NO_ANSWER;
    enum serial_leave leave = (enum serial_leave)NO_LEAVE;
    char serial[SERIAL_SIZE];

    serial_desk_look(d, SLOT, &before);
    happen(d, SLOT, r->event, &answer, &leave, serial);
    serial_desk_look(d, SLOT, &after);
    if (before.state != r->from || after.state != r->to || (int)answer != r->answer ||
        (int)leave != r->leave || strcmp(serial, r->serial) != 0)
        fail_msg("%s '%c': %s, answer %d, leave %d, '%s'", state_names[r->from], r->event,
                 state_names[after.state], (int)answer, (int)leave, serial);
    /* Whatever was scanned, chosen or taken back is told; and what was refused changed nothing. */
    bool told = serial_desk_next(d, &word),
         freed = (r->from == SERIAL_TAKEN && (r->event == 'a' || r->event == 'e')) ||
                 (r->from == SERIAL_GIVEN && r->event == 'a');
    assert_int_equal(told, r->answer != NO_ANSWER || freed);
    if (r->answer != NO_ANSWER)
        assert_int_equal(word.answer, r->answer);
    if (freed)
        assert_int_equal(word.answer, SERIAL_RELEASED);
    if (r->answer != NO_ANSWER && r->answer >= (int)SERIAL_BLANK)
        assert_memory_equal(&before, &after, sizeof before);
    serial_desk_free(d);
}

static void every_state_with_every_event(void **state)
{
    (void)state;
    size_t rows = sizeof table / sizeof table[0];

    assert_int_equal(rows, SERIAL_STATES * (sizeof EVENTS - 1));
    for (size_t i = 0; i < rows; i++) {
        assert_int_equal(table[i].from, i / (sizeof EVENTS - 1));
        assert_int_equal(table[i].event, EVENTS[i % (sizeof EVENTS - 1)]);
        check_row(&table[i]);
    }
}

static void one_slot_asks_at_a_time(void **state)
{
    (void)state;
    struct serial_desk *d = serial_desk_new();
    struct serial_view v;
    char serial[SERIAL_SIZE];

    assert_int_equal(serial_desk_asking(d), 0);
    serial_desk_leave(d, 5, &board, true);
    serial_desk_leave(d, 7, &board, true);
    serial_desk_leave(d, 2, &board, true);
    serial_desk_leave(d, 4, &board, true);
    serial_desk_leave(d, 1, &board, false); /* asks for nothing */
    /* Somebody reaches for the label of 5: who comes meanwhile waits for his turn, on a lower slot too. */
    assert_int_equal(serial_desk_asking(d), 5);
    serial_desk_end(d, 5, false, serial);
    assert_int_equal(serial_desk_asking(d), 2);
    assert_int_equal(serial_desk_choose(d, 7), SERIAL_CHOSEN);
    assert_int_equal(serial_desk_asking(d), 7);
    serial_desk_look(d, 2, &v);
    assert_false(v.asks);
    serial_desk_look(d, 7, &v);
    assert_true(v.asks);
    /* A code that is another's leaves the choice; one that is taken ends it. */
    assert_int_equal(serial_desk_scan(d, 7, "SN-1", true, 0, 0), SERIAL_USED);
    assert_int_equal(serial_desk_asking(d), 7);
    assert_int_equal(serial_desk_scan(d, 7, "SN-2", false, 0, 0), SERIAL_ACCEPTED);
    assert_int_equal(serial_desk_asking(d), 2);
    assert_int_equal(serial_desk_choose(d, 4), SERIAL_CHOSEN);
    serial_desk_end(d, 4, false, serial); /* its board went */
    serial_desk_leave(d, 4, &board, true);
    assert_int_equal(serial_desk_asking(d), 2);
    assert_int_equal(serial_desk_choose(d, 1), SERIAL_CHOSEN); /* may have one, if it is chosen */
    assert_int_equal(serial_desk_asking(d), 1);
    assert_int_equal(serial_desk_choose(d, 3), SERIAL_NOT_HERE); /* and a refused choice changes nothing */
    assert_int_equal(serial_desk_asking(d), 1);
    serial_desk_free(d);
    serial_desk_free(NULL);
}

/* Whoever took the board off that was asked for holds its label: his scan is not for the board that is asked for next. */
static void another_that_asks_gets_not_the_label_of_who_is_gone(void **state)
{
    (void)state;
    struct serial_desk *d = serial_desk_new();
    char serial[SERIAL_SIZE];

    for (int slot = 3; slot <= 6; slot++)
        serial_desk_leave(d, slot, &board, true);
    assert_false(serial_desk_asks_another(d));
    serial_desk_end(d, 5, false, serial); /* it did not ask */
    assert_false(serial_desk_asks_another(d));
    serial_desk_end(d, 3, false, serial);
    assert_int_equal(serial_desk_asking(d), 4);
    assert_true(serial_desk_asks_another(d));
    assert_false(serial_desk_asks_another(d)); /* once */
    /* Who says which board is next knows it. */
    serial_desk_end(d, 4, false, serial);
    assert_int_equal(serial_desk_choose(d, 6), SERIAL_CHOSEN);
    assert_false(serial_desk_asks_another(d));
    /* A board that was chosen goes, too; while nobody asks there is no other, and the same slot is none. */
    serial_desk_end(d, 6, false, serial);
    assert_false(serial_desk_asks_another(d));
    serial_desk_leave(d, 2, &board, true);
    serial_desk_end(d, 2, false, serial);
    serial_desk_leave(d, 2, &board, true);
    assert_false(serial_desk_asks_another(d));
    serial_desk_end(d, 2, false, serial);
    serial_desk_leave(d, 7, &board, true); /* came after it */
    assert_true(serial_desk_asks_another(d));
    /* One that got its number and ended is not taken off. */
    assert_int_equal(serial_desk_scan(d, 7, "SN-7", false, 0, 0), SERIAL_ACCEPTED);
    serial_desk_leave(d, 8, &board, true);
    serial_desk_end(d, 7, false, serial);
    assert_false(serial_desk_asks_another(d));
    serial_desk_free(d);
}

/* What may come between a code and the same code again: letters as in happen(), of slot 3; '-' another board's code. */
static const struct twice {
    const char *what;
    bool is_used;
    const char *between;
    int64_t after_us;
    const char *code;
    bool is_twice;
} twices[] = {
    {"the scanner fires twice", false, "", 0, "SN-1", true},
    {"at the end of its time", false, "", SERIAL_TWICE_US - 1, "SN-1", true},
    {"a person, later", false, "", SERIAL_TWICE_US, "SN-1", false},
    {"a code that is another's, and once more", true, "", 300000, "SN-1", true},
    {"the operator repeats what is another's", true, "", SERIAL_TWICE_US, "SN-1", false},
    {"another code", false, "", 0, "SN-2", false},
    {"the same after another one", false, "-", 0, "SN-1", false},
    {"the board asks for leave, and is begun with", false, "rb", 0, "SN-1", true},
    {"taken back: it may be scanned again", false, "u", 0, "SN-1", false},
    {"its board went: it is free", false, "a", 0, "SN-1", false},
    {"its board is done", false, "rbe", 0, "SN-1", true},
    {"a tile was chosen meanwhile", false, "rbeorc", 0, "SN-1", false},
};

static void the_scanners_second_time_is_nobodys_scan(void **state)
{
    (void)state;
    const int64_t start = 77 * SERIAL_TWICE_US;

    for (size_t i = 0; i < sizeof twices / sizeof twices[0]; i++) {
        const struct twice *t = &twices[i];
        struct serial_desk *d = serial_desk_new();
        enum serial_answer answer;
        enum serial_leave leave;
        char serial[SERIAL_SIZE];

        serial_desk_leave(d, SLOT, &board, true);
        serial_desk_leave(d, 9, &board, true);
        assert_false(serial_desk_is_twice(d, "SN-1", start)); /* before anything was scanned */
        serial_desk_scan(d, SLOT, "SN-1", t->is_used, 0, start);
        for (const char *e = t->between; *e != '\0'; e++) {
            if (*e == '-')
                serial_desk_scan(d, 9, "SN-9", false, 0, start);
            else
                happen(d, SLOT, *e, &answer, &leave, serial);
        }
        if (serial_desk_is_twice(d, t->code, start + t->after_us) != t->is_twice)
            fail_msg("%s: %s", t->what, t->is_twice ? "a second scan" : "no scan");
        serial_desk_free(d);
    }
}

/* A label that stays where the scanner reads on: as long as it does, nothing comes of it. */
static void a_label_that_is_read_on_and_on_is_one_scan(void **state)
{
    (void)state;
    struct serial_desk *d = serial_desk_new();
    int64_t now = 1;

    serial_desk_leave(d, SLOT, &board, true);
    serial_desk_scan(d, SLOT, "SN-1", false, 0, now);
    for (int i = 0; i < 10; i++)
        assert_true(serial_desk_is_twice(d, "SN-1", now += SERIAL_TWICE_US / 2));
    assert_false(serial_desk_is_twice(d, "SN-1", now += SERIAL_TWICE_US));
    /* Refused is not scanned: who was told "no board waits" scans again when one does. */
    assert_int_equal(serial_desk_scan(d, 5, "SN-5", false, 0, now), SERIAL_NOT_HERE);
    assert_false(serial_desk_is_twice(d, "SN-5", now));
    serial_desk_free(d);
}

static void the_last_one_taken_is_taken_back(void **state)
{
    (void)state;
    struct serial_desk *d = serial_desk_new();
    struct serial_view v;
    char serial[SERIAL_SIZE];

    assert_int_equal(serial_desk_take_back(d, 0), SERIAL_NOTHING);
    for (int slot = 1; slot <= 3; slot++)
        serial_desk_leave(d, slot, &board, true);
    serial_desk_scan(d, 3, "SN-3", false, 0, 0);
    serial_desk_scan(d, 1, "SN-1", false, 0, 0);
    assert_int_equal(serial_desk_take_back(d, 0), SERIAL_RETURNED);
    serial_desk_look(d, 1, &v);
    assert_int_equal(v.state, SERIAL_BACK);
    serial_desk_look(d, 3, &v);
    assert_int_equal(v.state, SERIAL_TAKEN);
    assert_int_equal(serial_desk_take_back(d, 0), SERIAL_NOTHING);
    assert_true(serial_desk_begin(d, 3, serial));
    assert_int_equal(serial_desk_take_back(d, 3), SERIAL_TOO_LATE);
    serial_desk_free(d);
}

static void a_code_is_one_boards(void **state)
{
    (void)state;
    struct serial_desk *d = serial_desk_new();
    char serial[SERIAL_SIZE];
    struct mac mac;

    serial_desk_leave(d, 1, &board, true);
    assert_true(serial_desk_board(d, 1, &mac));
    assert_true(mac_equal(&mac, &board));
    assert_false(serial_desk_board(d, 2, &mac));
    assert_int_equal(serial_desk_scan(d, 1, "SN-1", false, 0, 0), SERIAL_ACCEPTED);
    assert_false(serial_desk_board(d, 1, &mac));
    assert_int_equal(serial_desk_holder(d, 2, "SN-1"), 1);
    assert_int_equal(serial_desk_holder(d, 1, "SN-1"), 0);
    assert_int_equal(serial_desk_holder(d, 2, "SN-2"), 0);
    assert_true(serial_desk_begin(d, 1, serial));
    assert_int_equal(serial_desk_holder(d, 2, "SN-1"), 1);
    serial_desk_end(d, 1, true, serial);
    assert_int_equal(serial_desk_holder(d, 2, "SN-1"), 0);
    serial_desk_leave(d, 1, &board, true);
    serial_desk_scan(d, 1, "SN-1", false, 0, 0);
    serial_desk_take_back(d, 1);
    assert_int_equal(serial_desk_holder(d, 2, "SN-1"), 0);
    serial_desk_free(d);
}

static void slots_without_serials_never_wait(void **state)
{
    (void)state;
    static const int none[] = {0, -1, SERIAL_SLOTS_MAX + 1};
    struct serial_desk *d = serial_desk_new();
    char serial[SERIAL_SIZE];
    struct serial_view v;

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        serial_desk_open(d, none[i]);
        assert_int_equal(serial_desk_leave(d, none[i], &board, true), SERIAL_GO);
        assert_int_equal(serial_desk_scan(d, none[i], "SN", false, 0, 0), SERIAL_NO_SLOT);
        assert_int_equal(serial_desk_choose(d, none[i]), SERIAL_NO_SLOT);
        assert_int_equal(serial_desk_take_back(d, none[i]), none[i] == 0 ? SERIAL_NOTHING : SERIAL_NO_SLOT);
        assert_true(serial_desk_begin(d, none[i], serial));
        serial_desk_end(d, none[i], true, serial);
        serial_desk_look(d, none[i], &v);
        assert_int_equal(v.state, SERIAL_NONE);
    }
    serial_desk_free(d);
}

static bool readable(const struct serial_desk *d)
{
    struct pollfd p = {.fd = serial_desk_fd(d), .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static void no_word_goes_missing_unsaid(void **state)
{
    (void)state;
    struct serial_desk *d = serial_desk_new();
    struct serial_word w;

    assert_false(readable(d));
    for (int i = 0; i < SERIAL_WORDS_MAX + 5; i++)
        serial_desk_refuse(d, 0, "STRAY", SERIAL_NOBODY);
    assert_true(readable(d));
    for (int i = 0; i < SERIAL_WORDS_MAX; i++) {
        assert_true(serial_desk_next(d, &w));
        assert_string_equal(w.code, "STRAY");
        assert_int_equal(w.answer, SERIAL_NOBODY);
        assert_false(w.has_mac);
    }
    assert_true(readable(d));
    assert_true(serial_desk_next(d, &w));
    assert_int_equal(w.answer, SERIAL_UNHEARD);
    assert_int_equal(w.count, 5);
    assert_false(serial_desk_next(d, &w));
    assert_false(readable(d));
    serial_desk_free(d);
}

static void a_long_code_is_told_as_cut(void **state)
{
    (void)state;
    struct serial_desk *d = serial_desk_new();
    struct serial_word w;
    char code[301];

    memset(code, 'x', sizeof code - 1);
    code[sizeof code - 1] = '\0';
    serial_desk_refuse(d, 0, code, SERIAL_TOO_LONG);
    assert_true(serial_desk_next(d, &w));
    assert_int_equal(strlen(w.code), SERIAL_TOLD_SIZE - 1);
    assert_string_equal(w.code + SERIAL_TOLD_SIZE - 4, "...");
    /* Two bytes a character, and an odd number of them before the cut. */
    for (size_t i = 1; i + 1 < sizeof code; i += 2)
        memcpy(code + i, "\xc3\xbc", 2);
    code[299] = '\0';
    serial_desk_refuse(d, 0, code, SERIAL_TOO_LONG);
    assert_true(serial_desk_next(d, &w));
    assert_memory_equal(w.code + strlen(w.code) - 5, "\xc3\xbc...", 5);
    serial_desk_refuse(d, 0, "a\x1b[2J\xff\xe2\x80\xae\n", SERIAL_NOT_PLAIN);
    assert_true(serial_desk_next(d, &w));
    assert_string_equal(w.code, "a?[2J???");
    serial_desk_refuse(d, 0, "SN\xe2\x80\x8b-1\xc2\xa0", SERIAL_NOT_PLAIN);
    assert_true(serial_desk_next(d, &w));
    assert_string_equal(w.code, "SN?-1?");
    serial_desk_free(d);
}

static void what_is_no_code(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum serial_answer answer;
    } cases[] = {
        {"SN-1", SERIAL_ACCEPTED},
        {"S\xc3\xbc 1", SERIAL_ACCEPTED},
        {"-17", SERIAL_ACCEPTED},
        {"+A123BJC5D6E71G", SERIAL_ACCEPTED},
        {"012345678901234567890123456789012345678901234567890123456789012", SERIAL_ACCEPTED},
        {"0123456789012345678901234567890123456789012345678901234567890123", SERIAL_TOO_LONG},
        {NULL, SERIAL_BLANK},
        {"", SERIAL_BLANK},
        {"   ", SERIAL_BLANK},
        {"SN\t1", SERIAL_NOT_PLAIN},
        {"SN\x1b[2J", SERIAL_NOT_PLAIN},
        {"SN\xe2\x80\xae"
         "1",
         SERIAL_NOT_PLAIN},
        {"SN\xff", SERIAL_NOT_PLAIN},
        {"=A99971012345600", SERIAL_ACCEPTED}, /* ISBT 128 begins so; exports guard spreadsheets */
        {" SN-1 ", SERIAL_ACCEPTED},           /* blanks at the ends are cut off, or kept, by `scan:` */
        {"\xc2\xa0\xe2\x80\x8b", SERIAL_BLANK},
        {"\xe3\x80\x80", SERIAL_BLANK},
        /* What reads as SN-1 and is another: soft hyphen, zero width, joiners, byte order mark, selector, filler, tag. */
        {"SN-\xc2\xad"
         "1",
         SERIAL_NOT_PLAIN},
        {"SN\xe2\x80\x8b-1", SERIAL_NOT_PLAIN},
        {"SN\xe2\x80\x8c-1", SERIAL_NOT_PLAIN},
        {"SN\xe2\x80\x8d-1", SERIAL_NOT_PLAIN},
        {"SN\xe2\x81\xa0-1", SERIAL_NOT_PLAIN},
        {"\xef\xbb\xbfSN-1", SERIAL_NOT_PLAIN},
        {"SN-1\xef\xb8\x8f", SERIAL_NOT_PLAIN},
        {"SN-1\xe3\x85\xa4", SERIAL_NOT_PLAIN},
        {"SN-1\xf3\xa0\x80\xb1", SERIAL_NOT_PLAIN},
        /* Blanks that are none of the keyboard's: at an end, and for a plain one. */
        {"SN-1\xc2\xa0", SERIAL_NOT_PLAIN},
        {"SN\xc2\xa0"
         "1",
         SERIAL_NOT_PLAIN},
        {"SN-1\xe2\x80\x89", SERIAL_NOT_PLAIN},
        {"SN-1\xe3\x80\x80", SERIAL_NOT_PLAIN},
        {"\xe5\xb1\xb1\xe7\x94\xb0\xe3\x80\x80\xe5\xa4\xaa\xe9\x83\x8e",
         SERIAL_ACCEPTED}, /* a name in two words */
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (serial_code_check(cases[i].code) != cases[i].answer)
            fail_msg("'%s': %s", cases[i].code, serial_answer_name(serial_code_check(cases[i].code)));
        /* What may be a lot's or an operator's name may be a serial number. */
        assert_int_equal(plain_name_trouble(cases[i].code) == NULL, cases[i].answer == SERIAL_ACCEPTED);
    }
    for (int a = 0; a < SERIAL_ANSWERS; a++)
        assert_non_null(serial_answer_name((enum serial_answer)a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_with_every_event),
        cmocka_unit_test(one_slot_asks_at_a_time),
        cmocka_unit_test(another_that_asks_gets_not_the_label_of_who_is_gone),
        cmocka_unit_test(the_scanners_second_time_is_nobodys_scan),
        cmocka_unit_test(a_label_that_is_read_on_and_on_is_one_scan),
        cmocka_unit_test(the_last_one_taken_is_taken_back),
        cmocka_unit_test(a_code_is_one_boards),
        cmocka_unit_test(slots_without_serials_never_wait),
        cmocka_unit_test(no_word_goes_missing_unsaid),
        cmocka_unit_test(a_long_code_is_told_as_cut),
        cmocka_unit_test(what_is_no_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
