/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serial_desk - which serial belongs to which board: one small state machine a slot, and the one owner of scanned serials.
 *
 * A scan belongs to a moment and to a slot. It is taken for a board that is known and that nothing was changed on yet, it
 * ends with that board's attempt, and every other scan is refused and changes nothing. What was scanned, and what became
 * of it, is told as words, which a screen, a log or a reader of JSON takes from here; none goes missing unsaid.
 *
 * Knows no database: whether a code is another unit's is asked before (db/record/recorder_serial.c) and handed in, and so
 * is what time it is: CLOCK_MONOTONIC in us. Any thread. A code is at most 63 bytes; what is longer never comes here.
 */
#ifndef DB_DESK_SERIAL_DESK_H
#define DB_DESK_SERIAL_DESK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mac.h"
#include "base/plain.h"
#include "db/desk/scan_rule.h"

#define SERIAL_SIZE      PLAIN_NAME_SIZE /* 63 bytes; what is longer is refused where it is said */
#define SERIAL_SLOTS_MAX 256
#define SERIAL_WORDS_MAX 64 /* not taken yet; beyond that they are counted: SERIAL_UNHEARD */
#define SERIAL_TOLD_SIZE 96 /* of a code in a word: what is longer ends in "..." there */
#define SERIAL_WHY_SIZE  SCAN_WHY_SIZE
/*
 * The very same code again within this time is the scanner's doing, not a person's: a trigger that bounces, or a label that
 * stays under a lamp that reads on. Who means it looks at the tile first, and that takes longer.
 */
#define SERIAL_TWICE_US (2 * INT64_C(1000000))

enum serial_state {
    SERIAL_NONE,  /* no board that could take one: none is there, it is not known yet, or it is done */
    SERIAL_FREE,  /* the board is known and may have one; nobody asks for it, and it does not wait */
    SERIAL_WAITS, /* it stands untouched until its serial is scanned */
    SERIAL_AGAIN, /* the same, after a code that is another unit's */
    SERIAL_HELD,  /* after a second such code: this board is refused */
    SERIAL_TAKEN, /* a code was scanned for it; whether it still is the same board nobody has looked since */
    SERIAL_GIVEN, /* it is, and has the code. Nothing was changed on it yet: as before, it may be taken back */
    SERIAL_BACK,  /* it was taken back: the attempt ends, the code is free */
    SERIAL_BOUND, /* it is being changed: with this serial, or for good without one */
    SERIAL_STATES
};

enum serial_answer {
    SERIAL_ACCEPTED,
    SERIAL_USED,      /* another unit's: scan another. The board still waits */
    SERIAL_USED_HOLD, /* another unit's, for the second time: the board is refused */
    SERIAL_CHOSEN,    /* not a serial: this slot is now the one that asks */
    SERIAL_RETURNED,  /* taken back */
    SERIAL_RELEASED,  /* the attempt ended before anything was changed: the code may be scanned again */
    /* Refused: nothing changed. */
    SERIAL_BLANK,
    SERIAL_TOO_LONG,
    SERIAL_NOT_PLAIN,  /* a control character, a mark of direction */
    SERIAL_NO_SERIAL,  /* the rules of scanned codes say that it is something else */
    SERIAL_NOBODY,     /* no board waits for one */
    SERIAL_NOT_HERE,   /* the board of this slot does not wait for one */
    SERIAL_HAS_ONE,    /* it has one already */
    SERIAL_TOO_LATE,   /* it is being changed, or its attempt is ending */
    SERIAL_NO_SLOT,    /* there is no such slot */
    SERIAL_TWO_SLOTS,  /* the label is more than one slot's */
    SERIAL_NOTHING,    /* there is none to take back */
    SERIAL_NO_RECORD,  /* the records could not be asked */
    SERIAL_NOT_LISTED, /* the file of serials has none for this board */
    SERIAL_GONE,       /* another slot asks now: the board that was asked for was taken off */
    SERIAL_TWICE,      /* scanned twice: this code came a moment ago, and had its answer then */
    SERIAL_UNHEARD,    /* words were lost because nobody took them: `count` of them */
    SERIAL_ANSWERS
};

/* What became of a scan. */
struct serial_word {
    enum serial_answer answer;
    int slot;                    /* 0: none */
    char code[SERIAL_TOLD_SIZE]; /* plain, whatever was scanned; "" : none */
    char why
        [SERIAL_WHY_SIZE]; /* SERIAL_NO_SERIAL: what the rules of codes say of it, code and all; "" : nothing */
    bool has_mac;
    struct mac mac; /* of the board in `slot` */
    int other;      /* SERIAL_USED..: the slot it is at work in, 0: a unit that passed */
    long count;
};

/* A slot as a screen shows it. */
struct serial_view {
    enum serial_state state;
    bool asks; /* waits, and the next scan is for it */
    /* That the board has or, until the slot's next attempt, had on its record; where it was used or taken back: that. "" : none */
    char serial[SERIAL_SIZE];
};

/* What the engine is told at the gate. */
enum serial_leave { SERIAL_GO, SERIAL_WAIT, SERIAL_HOLD, SERIAL_END };

struct serial_desk;

struct serial_desk *serial_desk_new(void); /* caller owns: serial_desk_free(). NULL: no memory */
void serial_desk_free(struct serial_desk *d);

/* ---- the recorder's. Slots beyond SERIAL_SLOTS_MAX have no serials and are never waited for. ---- */

void serial_desk_open(struct serial_desk *d, int slot); /* an attempt opened: what the slot showed is past */
/*
 * The board is known, and this is it: called after its MAC was read, each time. `required`: without a serial it does not go on.
 */
enum serial_leave serial_desk_leave(struct serial_desk *d, int slot, const struct mac *mac, bool required);
/* Now it is changed. False: it was taken back, or never given: nothing may be changed. `serial`: its own, or "". */
bool serial_desk_begin(struct serial_desk *d, int slot, char serial[static SERIAL_SIZE]);
/*
 * The attempt ended. `attached`: an end that says something of the board; else (ABORTED) a serial that it was not begun with
 * is free again, and so is one that was scanned when perhaps another board lay there. `serial`: what belongs on the record, or "".
 */
void serial_desk_end(struct serial_desk *d, int slot, bool attached, char serial[static SERIAL_SIZE]);

/* ---- the desk's ---- */

/*
 * The slot that the next scan is for: the chosen one, else the lowest that waits; 0: none. A slot that asks goes on asking
 * until its board has a serial or is gone, or another is chosen.
 */
int serial_desk_asking(struct serial_desk *d);
/*
 * Asked once for each scan that names no slot: does another slot ask now because the board that was asked for went? Whoever
 * took it off to read its label has that label in hand: his scan is not for the board that asks now. It is forgotten with
 * the answer, and by serial_desk_choose(); a new board in the same slot is no other.
 */
bool serial_desk_asks_another(struct serial_desk *d);
/*
 * Asked for each scan that names no slot: is it the scanner that says once more what it said less than SERIAL_TWICE_US ago?
 * Each time it is, that time begins anew. Another code, a choice, and a code that is free again (taken back, its board gone)
 * end it: then whoever scans means it.
 */
bool serial_desk_is_twice(struct serial_desk *d, const char *code, int64_t now_us);
/* From here on the next scan is for this slot, if its board may have one. */
enum serial_answer serial_desk_choose(struct serial_desk *d, int slot);
/* The slot other than `slot` whose board has this code now; 0: none. */
int serial_desk_holder(struct serial_desk *d, int slot, const char *code);
/* The board in `slot`, while a scan may be taken for it; false: it may not. */
bool serial_desk_board(struct serial_desk *d, int slot, struct mac *mac);
/* `used`: another unit's, at work in slot `other` (0: it passed). */
enum serial_answer serial_desk_scan(struct serial_desk *d, int slot, const char *code, bool used, int other,
                                    int64_t now_us);
/* `slot` 0: the last that was taken. */
enum serial_answer serial_desk_take_back(struct serial_desk *d, int slot);
/* A scan that never came to a slot: told, nothing else. `code` of any length. */
void serial_desk_refuse(struct serial_desk *d, int slot, const char *code, enum serial_answer why);
/* The same, SERIAL_NO_SERIAL, of a code that the rules of codes refused in these words. */
void serial_desk_refuse_code(struct serial_desk *d, int slot, const char *code, const char *why);

void serial_desk_look(struct serial_desk *d, int slot, struct serial_view *out);
/* The oldest word; false: there is none. One thread takes them. */
bool serial_desk_next(struct serial_desk *d, struct serial_word *out);
int serial_desk_fd(const struct serial_desk *d); /* readable while a word waits; borrowed */

bool serial_answer_is_refusal(enum serial_answer a);
const char *serial_answer_name(enum serial_answer a); /* "taken", "no_board": static storage */
/*
 * What is wrong with a code as such: SERIAL_ACCEPTED where plain_name_trouble() has nothing against it as a name, else
 * SERIAL_BLANK, _TOO_LONG or _NOT_PLAIN. NULL is blank.
 */
enum serial_answer serial_code_check(const char *code);

#endif /* DB_DESK_SERIAL_DESK_H */
