/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Seeded shifts of four slots on virtual boards in virtual time, each slot with an operator's hands: boards that fail,
 * boards swapped or taken off while their serial waits, scans at every stage that belong nowhere, a label that is on two
 * slots, a label that is on two boards, serials taken back, slots chosen by their label, a scanner that fires twice. Each board bears its label: a
 * serial made of its own MAC. Judged by those MACs: 0 serials on a wrong board, and each scan has exactly one answer and one
 * end.
 *
 * Slots are threads. They take turns by the seed (tests/support/turns.h) at every call of the port and of the recorder, so
 * that a shift repeats byte for byte: `script/soak shift-serials --seed N` prints what happened in one. Some shifts are
 * worked a second time with the threads as they come: who comes first must not matter.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/verify.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "sim/board/sim_factory.h"
#include "sim/board/sim_random.h"
#include "station/run/run_private.h"
#include "station/run/run_serial.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fixture_port.h"
#include "tests/support/or_fail.h"
#include "tests/support/sweep.h"
#include "tests/support/tiny_job.h"
#include "tests/support/turns.h"

#define SLOTS  4
#define BOARDS 5 /* a slot */
#define SECOND 1000000
#define SLICE  4
#define WHOLE  200
#define FREE   10 /* of so many shifts one is worked again, with the threads as they come */
#define TWICE  2  /* seeds that are worked again, to see that they repeat */
#define TRAY   (SLOTS * BOARDS)
#define UNBEGUN \
    (60ll * SECOND) /* virtual, like the next: then a board that nothing begins with is taken off */
#define PATIENT (3600ll * SECOND) /* a shift that never ends is a test that hangs */

enum mood { SCANS, SWAPS, TAKES_OFF, ASKS_TWICE, HOLDS, TAKES_BACK, ROBOT, MOODS };

struct shift;

/* One slot and the hands at it: its worker's thread alone, but for what the shift's lock says. */
struct place {
    struct shift *shift;
    struct fixture fixture;
    int slot, board; /* nth of its boards, 0.. */
    struct sim_random luck;
    int64_t now, until; /* of the slot's clock: what is next done */
    atomic_int opened, closed;
    int seen_closed, strays, waits, asked, swaps;
    bool gone; /* the board was taken off while it waited */
    bool done; /* no board is left for it */
};

struct shift {
    struct db_fixture x;
    struct run run;
    struct sim_tray *tray;
    struct tiny_job tiny;
    struct recorder face;
    struct transport_binding bindings[SLOTS + 1];
    char uris[SLOTS][24];
    struct place places[SLOTS];
    uint64_t seed;
    struct mac known[SLOTS + 1];  /* of the board under work; each slot's own */
    atomic_bool passed[TRAY + 1]; /* by number of the board */
    int slot_of[TRAY * 8];        /* by attempt; each attempt's own */
    struct turns *turns;
    atomic_long scanned;   /* by a person, who looks at the screen before: what the station's clock goes by */
    pthread_mutex_t hands; /* one person: one scan at a time. What follows */
    int done;              /* slots without a board left */
    long scans, accepted;  /* said to the station, and what it said of them */
    long words, released, returned;
    FILE *story; /* what happened, a line each, in order; without times of the wall clock */
    char *told;
    size_t told_size;
};

static uint64_t next_luck(struct place *p)
{
    return sim_random_next(&p->luck);
}

static int number_of(const struct place *p, int nth)
{
    return (p->slot - 1) * BOARDS + nth + 1;
}

/* What stands on the board. The last board of slot 1 bears the label of the first: a printer's mistake. */
static void label_of(const struct shift *s, int number, char out[static SERIAL_SIZE])
{
    struct mac mac = sim_factory_mac(s->seed, number == BOARDS ? 1 : number);
    const uint8_t *b = mac.bytes;

    snprintf(out, SERIAL_SIZE, "SN-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

/* Whoever waits looks at what changed: a virtual clock stands still for people. */
static void nudge(struct shift *s)
{
    for (int i = 0; i < SLOTS; i++)
        engine_look_again(s->run.engine, i + 1);
}

static void tell(struct place *p, const char *what, int slot, enum serial_answer answer)
{
    fprintf(p->shift->story, "%12" PRId64 " hands at %d: %s for slot %d: %s\n", p->now, p->slot, what, slot,
            serial_answer_name(answer));
}

static int64_t hands_us(void *ctx)
{
    return 2 * SERIAL_TWICE_US * ((struct shift *)ctx)->scanned;
}

static int64_t hands_ms(void *ctx)
{
    return INT64_C(1750000000000) + hands_us(ctx) / 1000;
}

static enum serial_answer hear(struct place *p, int slot, const char *code)
{
    struct shift *s = p->shift;
    enum serial_answer answer = run_serial_scan(&s->run, slot, code);

    s->scans++;
    s->accepted += answer == SERIAL_ACCEPTED;
    tell(p, "scan", slot, answer);
    return answer;
}

/* Now and then the scanner fires twice. */
static enum serial_answer say(struct place *p, int slot, const char *code)
{
    p->shift->scanned++;
    enum serial_answer answer = hear(p, slot, code);
    bool was_heard = answer == SERIAL_ACCEPTED || answer == SERIAL_USED || answer == SERIAL_USED_HOLD;
    if (was_heard && next_luck(p) % 3 == 0)
        assert_int_equal(hear(p, 0, code), SERIAL_TWICE);
    return answer;
}

/* Scans that belong nowhere, at whatever stage the slot is in: none of them is ever taken. */
static void stray(struct place *p, bool mine_waits)
{
    static const char *const never[] = {"",     "   ",    "\xc2\xa0", "SN\x1b[2J", "SN\xe2\x80\xae-7",
                                        "twin", "SN-\xff"};
    char longest[301], code[SERIAL_SIZE];
    uint64_t luck = next_luck(p);

    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    snprintf(code, sizeof code, "STRAY-%d", (int)(luck % 1000));
    if (luck % 3 == 0 && !mine_waits)
        assert_int_not_equal(say(p, p->slot, code), SERIAL_ACCEPTED);
    else if (luck % 3 == 1)
        assert_int_not_equal(say(p, 0, longest), SERIAL_ACCEPTED);
    else
        assert_int_not_equal(say(p, 0, never[luck / 7 % (sizeof never / sizeof never[0])]), SERIAL_ACCEPTED);
}

static void scan_label(struct place *p, bool as_robot)
{
    char code[SERIAL_SIZE];

    label_of(p->shift, p->fixture.board, code);
    say(p, as_robot ? p->slot : 0, code);
}

/* Of a board that passed, and never of the one that lies here; where none has passed yet, none. */
static void scan_old_label(struct place *p)
{
    struct shift *s = p->shift;
    char code[SERIAL_SIZE], mine[SERIAL_SIZE];

    label_of(s, p->fixture.board, mine);
    for (int n = 1; n <= TRAY; n++) {
        label_of(s, n, code);
        if (!s->passed[n] || strcmp(code, mine) == 0)
            continue;
        assert_int_not_equal(say(p, 0, code), SERIAL_ACCEPTED);
        return;
    }
}

static void put(struct place *p, int number)
{
    fprintf(p->shift->story, "%12" PRId64 " hands at %d: board %d\n", p->now, p->slot, number);
    fixture_put(&p->fixture, number);
}

static void put_next(struct place *p)
{
    p->board++;
    p->asked = 0;
    put(p, p->board < BOARDS ? number_of(p, p->board) : 0);
}

static void choose(struct place *p)
{
    char label[24];

    if (p->slot <= 2)
        snprintf(label, sizeof label, "slot-%d", p->slot);
    if (p->slot <= 2)
        say(p, 0, label);
    else
        p->shift->scans++, tell(p, "key", p->slot, run_serial_choose(&p->shift->run, p->slot));
}

/* The board waits, and this slot asks: what the hands do. */
static void answer(struct place *p, int64_t now)
{
    struct shift *s = p->shift;
    enum mood mood = (enum mood)(next_luck(p) % MOODS);

    p->until = now + (int64_t)(next_luck(p) % 4) * SECOND;
    if (mood == SWAPS && p->swaps < 2 && p->board + 1 < BOARDS) {
        p->swaps++;
        put_next(p);
        scan_label(p, false); /* at once, before the station can know */
    } else if (mood == TAKES_OFF && p->swaps < 2) {
        p->swaps++;
        if (next_luck(p) % 2 == 0)
            scan_label(p, false);
        put(p, 0);
        p->gone = true;
        p->until = now + 9 * SECOND;
    } else if ((mood == ASKS_TWICE || mood == HOLDS) && p->asked < 2) {
        p->asked++;
        scan_old_label(p);
    } else if (mood == TAKES_BACK && p->asked == 0) {
        p->asked++;
        scan_label(p, false);
        s->scans++, tell(p, "back", p->slot, run_serial_take_back(&s->run, p->slot));
    } else {
        scan_label(p, mood == ROBOT);
    }
}

static void while_it_waits(struct place *p, const struct serial_view *v, int64_t now)
{
    if (p->waits++ == 0)
        p->until = now + (int64_t)(next_luck(p) % 6) * SECOND;
    if (now < p->until)
        return;
    if (next_luck(p) % 6 == 0)
        stray(p, true);
    else if (v->asks)
        answer(p, now);
    else if (next_luck(p) % 2 == 0)
        choose(p);
    nudge(p->shift);
}

static void after_the_end(struct place *p, int64_t now)
{
    p->waits = 0;
    if (p->gone) /* it comes back */
        put(p, number_of(p, p->board));
    else if (p->fixture.board != 0 && p->closed == p->seen_closed + 1)
        put(p, 0);
    else
        put_next(p);
    if (p->fixture.board != 0)
        p->seen_closed = p->closed;
    p->gone = false;
    p->until = now + 5 * SECOND;
}

/* Nothing is begun with a board that was put in during the last one's end and is found to be the same again. */
static bool may_end(const struct place *p, int64_t now)
{
    return p->gone || (p->opened == p->closed && (p->closed > p->seen_closed || now >= p->until + UNBEGUN));
}

static void work(struct place *p, int64_t now)
{
    struct serial_view v;

    serial_desk_look(db_recorder_serials(p->shift->x.rec), p->slot, &v);
    if (p->strays < 40 && next_luck(p) % 50 == 0) {
        p->strays++;
        stray(p, v.state == SERIAL_WAITS || v.state == SERIAL_AGAIN);
    }
    if (v.state == SERIAL_WAITS || v.state == SERIAL_AGAIN)
        while_it_waits(p, &v, now);
    else if (now >= p->until && may_end(p, now))
        after_the_end(p, now);
    if (now > PATIENT)
        fail_msg("seed %d: slot %d never ends", (int)p->shift->seed, p->slot);
    p->done = p->board >= BOARDS;
}

static void tell_word(struct shift *s, const struct serial_word *w)
{
    char mac[MAC_TEXT_SIZE] = "-";

    assert_int_not_equal(w->answer, SERIAL_UNHEARD);
    s->words += w->answer != SERIAL_RELEASED;
    s->released += w->answer == SERIAL_RELEASED;
    s->returned += w->answer == SERIAL_RETURNED;
    if (w->has_mac)
        mac_text(&w->mac, mac);
    fprintf(s->story, "%12s the desk of slot %d: '%s' %s, board %s, also in %d\n", "", w->slot, w->code,
            serial_answer_name(w->answer), mac, w->other);
}

static void tell_event(struct shift *s, const struct slot_event *e)
{
    const struct slot_status *st = &e->status;
    char mac[MAC_TEXT_SIZE] = "-";

    if (st->has_unit)
        mac_text(&st->unit.mac, mac);
    if (e->kind != EVENT_PROGRESS) /* which goes by the wall clock */
        fprintf(s->story, "%12" PRId64 " slot %d: %s act %d, %s, attempt %" PRId64 " %s %s, board %s, '%s'\n",
                st->now_us, st->slot, slot_state_name(st->state), (int)st->act, stage_name(st->stage),
                st->attempt, result_name(st->result), failure_name(st->failure.code), mac, st->note);
}

/* What the station told since. */
static void listen(struct shift *s)
{
    struct serial_word w;
    struct slot_event e;

    while (serial_desk_next(db_recorder_serials(s->x.rec), &w))
        tell_word(s, &w);
    while (engine_next_event(s->run.engine, &e))
        tell_event(s, &e);
}

/* The last one ends the shift. */
static bool rests(struct place *p)
{
    struct shift *s = p->shift;

    if (!p->done || s->done == SLOTS)
        return false;
    if (++s->done < SLOTS)
        return true;
    engine_drain(s->run.engine);
    turns_go_on(s->turns);
    return false;
}

static void script(struct fixture *f, int64_t now)
{
    struct place *p = f->script_ctx;
    struct shift *s = p->shift;

    turns_wait(s->turns, p->slot - 1);
    pthread_mutex_lock(&s->hands);
    p->now = now;
    if (p->until == 0 && f->board == 0 && p->board == 0) {
        p->until = now + 1;
        put(p, number_of(p, 0));
    }
    if (!p->done)
        work(p, now);
    listen(s);
    bool rest = rests(p);
    pthread_mutex_unlock(&s->hands);
    if (rest)
        turns_rest(s->turns, p->slot - 1);
}

static int shift_open(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    struct shift *s = ctx;

    turns_wait(s->turns, start->slot - 1);
    s->places[start->slot - 1].opened++;
    int rc = s->x.face->open(s->x.face->ctx, start, attempt, f);
    assert_in_range(*attempt, 1, TRAY * 8 - 1);
    s->slot_of[*attempt] = start->slot;
    return rc;
}

static void turn_of(struct shift *s, int64_t attempt)
{
    turns_wait(s->turns, s->slot_of[attempt] - 1);
}

static int shift_identify(void *ctx, int64_t attempt, const struct unit_identity *u,
                          struct recorder_verdict *v, struct failure *f)
{
    struct shift *s = ctx;

    turn_of(s, attempt);
    s->known[s->slot_of[attempt]] = u->mac;
    return s->x.face->identify(s->x.face->ctx, attempt, u, v, f);
}

static int shift_backup(void *ctx, int64_t attempt, const struct backup *b, struct failure *f)
{
    struct shift *s = ctx;

    turn_of(s, attempt);
    return s->x.face->backup(s->x.face->ctx, attempt, b, f);
}

/* Taken off to read its label: that is scanned at the very moment when the station has seen it go, and another slot asks. */
static void scan_gone(struct place *p)
{
    char code[SERIAL_SIZE];

    label_of(p->shift, number_of(p, p->board), code);
    assert_int_not_equal(say(p, 0, code), SERIAL_ACCEPTED);
}

static int shift_close(void *ctx, int64_t attempt, const struct attempt_result *r, struct failure *f)
{
    struct shift *s = ctx;

    struct place *p = &s->places[s->slot_of[attempt] - 1];
    struct serial_view v;

    turn_of(s, attempt);
    pthread_mutex_lock(&s->hands);
    serial_desk_look(db_recorder_serials(s->x.rec), p->slot, &v);
    int rc = s->x.face->close(s->x.face->ctx, attempt, r, f);
    if (p->gone && v.asks)
        scan_gone(p);
    pthread_mutex_unlock(&s->hands);

    for (int n = 1; n <= TRAY && r->result == RESULT_PASS; n++) {
        struct mac mac = sim_factory_mac(s->seed, n);
        if (mac_equal(&mac, &s->known[s->slot_of[attempt]]))
            s->passed[n] = true;
    }
    s->places[s->slot_of[attempt] - 1].closed++;
    nudge(s);
    return rc;
}

static int shift_saved(void *ctx, int64_t attempt, uint32_t offset, struct saved_sector *out,
                       struct failure *f)
{
    struct shift *s = ctx;

    turn_of(s, attempt);
    return s->x.face->saved(s->x.face->ctx, attempt, offset, out, f);
}

static int shift_leave(void *ctx, int64_t attempt, struct failure *f)
{
    struct shift *s = ctx;

    turn_of(s, attempt);
    return s->x.face->leave(s->x.face->ctx, attempt, f);
}

static int shift_begin(void *ctx, int64_t attempt, struct failure *f)
{
    struct shift *s = ctx;

    turn_of(s, attempt);
    return s->x.face->begin(s->x.face->ctx, attempt, f);
}

/* About a third of the boards fail, each in its way. */
static void choose_personalities(uint64_t seed, char *out, size_t size)
{
    static const char *const bad[] = {"bad-flash", "dies-at-47", "wrong-chip", "loses-reply"};
    struct sim_random dice = {seed * 977};
    size_t len = 0;

    out[0] = '\0';
    for (int n = 2; n <= TRAY; n++)
        if (sim_random_next(&dice) % 3 == 0)
            len += (size_t)snprintf(out + len, size - len, "%s%d=%s", len > 0 ? "," : "", n,
                                    bad[sim_random_next(&dice) % 4]);
}

static void begin(struct shift *s, uint64_t seed, uint64_t order)
{
    static const char *const labels[SLOTS] = {"slot-1", "slot-2", "twin", "twin"};
    char personalities[TRAY * 20];
    struct engine_slot *slots = s->run.slots.slots;

    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->turns = turns_new(SLOTS, order);
    s->story = open_memstream(&s->told, &s->told_size);
    assert_non_null(s->story);
    choose_personalities(seed, personalities, sizeof personalities);
    const struct sim_tray_config c = {.count = TRAY,
                                      .revision = 1,
                                      .seed = seed,
                                      .personalities = personalities[0] != '\0' ? personalities : NULL};
    s->tray = sim_tray_new_or_fail(&c);
    tiny_job_make(&s->tiny, 0x1000, 3);
    s->tiny.job.retries = 0;
    fixture_new(&s->x);
    s->x.policy.serial_required = s->x.has_clock = true;
    s->x.clock = (struct db_clock){s, hands_ms, hands_us, NULL};
    fixture_start(&s->x);
    pthread_mutex_init(&s->hands, NULL);
    pthread_mutex_init(&s->run.engine_lock, NULL);
    s->face = (struct recorder){.ctx = s,
                                .open = shift_open,
                                .identify = shift_identify,
                                .backup = shift_backup,
                                .close = shift_close,
                                .saved = shift_saved,
                                .leave = shift_leave,
                                .begin = shift_begin};
    s->run.recorder = s->x.rec;
    s->run.slots.count = SLOTS;
    for (int i = 0; i < SLOTS; i++) {
        struct place *p = &s->places[i];
        *p = (struct place){.shift = s, .slot = i + 1, .luck = {seed * 1000 + (uint64_t)i}};
        p->fixture = (struct fixture){.tray = s->tray, .script = script, .script_ctx = p};
        snprintf(s->uris[i], sizeof s->uris[i], "fix%d:1", i + 1);
        slots[i] = (struct engine_slot){
            .number = i + 1, .uri = s->uris[i], .label = labels[i], .virtual_time = true};
    }
}

/* One driver a slot, each with its own fixture behind it. */
static struct transport_driver drivers[SLOTS];

static void work_it(struct shift *s)
{
    static const char *const schemes[SLOTS] = {"fix1", "fix2", "fix3", "fix4"};
    struct failure f = {0};

    for (int i = 0; i < SLOTS; i++) {
        drivers[i] = fixture_driver;
        drivers[i].scheme = schemes[i];
        s->bindings[i] = (struct transport_binding){&drivers[i], &s->places[i].fixture};
    }
    const struct engine_config config = {.job = &s->tiny.job,
                                         .stub_note = "",
                                         .recorder = &s->face,
                                         .bindings = s->bindings,
                                         .slots = s->run.slots.slots,
                                         .slot_count = SLOTS,
                                         .kind = ATTEMPT_TRAINING};
    /* Before any board is there. */
    say(&s->places[0], 0, "SN-EARLY");
    say(&s->places[0], 1, "SN-EARLY");
    assert_int_equal(s->accepted, 0);
    s->run.engine = engine_new_or_fail(&config);
    assert_int_equal(engine_start(s->run.engine, &f), 0);
    engine_join(s->run.engine);
    listen(s);
}

/* The rows against the boards' own MACs. Returns how many bear a serial. */
static long judge(struct shift *s)
{
    sqlite3_stmt *q =
        sql_prepare(s->x.db->h,
                    "SELECT a.id, a.serial, u.mac, a.result, a.slot FROM attempt a LEFT JOIN identification i"
                    " ON i.attempt_id = a.id AND i.n = 0 LEFT JOIN unit u ON u.id = i.unit_id ORDER BY a.id",
                    "");
    long named = 0;

    assert_non_null(q);
    while (sqlite3_step(q) == SQLITE_ROW) {
        const char *serial = sql_text(q, 1);
        bool passed = strcmp(sql_text(q, 3), "PASS") == 0, known = false;
        char label[SERIAL_SIZE];
        fprintf(s->story, "row %d: slot %d, %s, '%s'\n", sqlite3_column_int(q, 0), sqlite3_column_int(q, 4),
                sql_text(q, 3), serial);
        for (int n = 1; n <= TRAY && serial[0] != '\0'; n++) {
            struct mac mac = sim_factory_mac(s->seed, n);
            if (sqlite3_column_bytes(q, 2) != 6 || memcmp(sqlite3_column_blob(q, 2), mac.bytes, 6) != 0)
                continue;
            known = true;
            label_of(s, n, label);
            if (strcmp(label, serial) != 0)
                fail_msg("seed %d: attempt %d is called %s, its board bears %s", (int)s->seed,
                         sqlite3_column_int(q, 0), serial, label);
        }
        if (passed && serial[0] == '\0')
            fail_msg("seed %d: attempt %d passed without a serial", (int)s->seed, sqlite3_column_int(q, 0));
        if (serial[0] != '\0' && !known)
            fail_msg("seed %d: attempt %d is called %s, and is no board's", (int)s->seed,
                     sqlite3_column_int(q, 0), serial);
        named += serial[0] != '\0';
    }
    sqlite3_finalize(q);
    return named;
}

/* Every scan had its answer, and every serial that was taken has one end: a row, or it was free again. */
static void judge_scans(struct shift *s, long named)
{
    if (s->words != s->scans)
        fail_msg("seed %d: %ld scans, %ld answers", (int)s->seed, s->scans, s->words);
    if (s->accepted != named + s->released + s->returned)
        fail_msg("seed %d: %ld taken, %ld on rows, %ld free again, %ld taken back", (int)s->seed, s->accepted,
                 named, s->released, s->returned);
    assert_int_equal(fixture_int(&s->x, "SELECT count(*) FROM attempt WHERE result = 'OPEN'"), 0);
    assert_int_equal(fixture_int(&s->x,
                                 "SELECT count(*) FROM (SELECT serial FROM attempt WHERE result = 'PASS'"
                                 " GROUP BY serial HAVING count(DISTINCT unit_id) > 1)"),
                     0);
}

static void end(struct shift *s)
{
    struct verify_report report;
    struct failure f = {0};

    assert_int_equal(verify_all(s->x.db, &report, &f), 0);
    assert_string_equal(report.text, "");
    engine_free(s->run.engine);
    tiny_job_done(&s->tiny);
    fixture_free(&s->x);
    sim_tray_free(s->tray);
    turns_free(s->turns);
    fclose(s->story);
    free(s->told);
    pthread_mutex_destroy(&s->hands);
    pthread_mutex_destroy(&s->run.engine_lock);
}

/* What the sweep has gone through. */
struct totals {
    long shifts, attempts, named, scans, accepted, released, returned, held;
};

static void work_and_judge(struct shift *s, uint64_t seed, uint64_t order, struct totals *t)
{
    begin(s, seed, order);
    work_it(s);
    long named = judge(s);
    judge_scans(s, named);
    t->shifts++;
    t->attempts += fixture_int(&s->x, "SELECT count(*) FROM attempt");
    t->held += fixture_int(&s->x, "SELECT count(*) FROM attempt WHERE result = 'HOLD'");
    t->named += named;
    t->scans += s->scans;
    t->accepted += s->accepted;
    t->released += s->released;
    t->returned += s->returned;
    fflush(s->story);
}

static void print_totals(const char *how, const struct totals *t)
{
    printf("%ld shifts %s: %ld attempts, %ld scans, %ld taken, %ld on rows, %ld free again, %ld taken back, "
           "%ld held\n",
           t->shifts, how, t->attempts, t->scans, t->accepted, t->named, t->released, t->returned, t->held);
}

/* What happened in a shift of this seed, its threads in this order. Caller frees. */
static char *story_of(uint64_t seed, uint64_t order, struct totals *t)
{
    static struct shift s;

    work_and_judge(&s, seed, order, t);
    char *story = strdup(s.told);
    assert_non_null(story);
    end(&s);
    return story;
}

static void is_another(char *story, const char *than)
{
    assert_true(strlen(than) > 10000);
    assert_string_not_equal(story, than);
    free(story);
}

static void same_story(uint64_t seed, const char *a, const char *b)
{
    size_t line = 0, at = 0;

    if (strcmp(a, b) == 0)
        return;
    for (; a[at] == b[at]; at++)
        line = a[at] == '\n' ? at + 1 : line;
    fail_msg("seed %d: '%.*s', and another time '%.*s'", (int)seed, (int)strcspn(a + line, "\n"), a + line,
             (int)strcspn(b + line, "\n"), b + line);
}

/* The first seeds again: byte for byte the same. And not because all are, or because nothing hangs on the order. */
static void repeats(uint64_t seed, const char *story)
{
    struct totals uncounted = {0};
    char *again = story_of(seed, seed, &uncounted);

    same_story(seed, story, again);
    free(again);
    if (seed != 1)
        return;
    is_another(story_of(seed + 1, seed, &uncounted), story);
    is_another(story_of(seed, seed + 1, &uncounted), story);
}

static void no_serial_stands_on_a_wrong_board_and_none_is_lost(void **state)
{
    (void)state;
    struct totals t = {0};
    long first = sweep_seed(), cases = sweep_is_one_seed() ? sweep_cases(1, 1) : sweep_cases(SLICE, WHOLE);

    for (long seed = first; seed < first + cases; seed++) {
        char *story = story_of((uint64_t)seed, (uint64_t)seed, &t);
        if (sweep_is_one_seed() && cases == 1)
            printf("%s", story);
        else if (seed <= TWICE)
            repeats((uint64_t)seed, story);
        free(story);
    }
    print_totals("in turns", &t);
    if (cases < SLICE)
        return;
    /* The sweep has been where it says it goes. */
    assert_true(t.named > cases * SLOTS && t.released > 0 && t.returned > 0 && t.held > 0 &&
                t.scans > 3 * t.accepted);
}

static void nor_when_threads_come_as_they_do(void **state)
{
    (void)state;
    struct totals t = {0};
    long cases = sweep_cases(SLICE, WHOLE);

    for (long seed = 1; seed <= cases; seed += FREE)
        free(story_of((uint64_t)seed, TURNS_FREE, &t));
    print_totals("as they come", &t);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(no_serial_stands_on_a_wrong_board_and_none_is_lost),
        cmocka_unit_test(nor_when_threads_come_as_they_do),
    };
    const struct CMUnitTest one[] = {all[0]};

    return sweep_is_one_seed() ? cmocka_run_group_tests(one, NULL, NULL)
                               : cmocka_run_group_tests(all, NULL, NULL);
}
