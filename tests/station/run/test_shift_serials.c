/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Seeded shifts of four slots on virtual boards in virtual time, each slot with an operator's hands: boards that fail,
 * boards swapped or taken off while their serial waits, scans at every stage that belong nowhere, a label that is on two
 * slots, a label that is on two boards, serials taken back, slots chosen by their label. Each board bears its label: a
 * serial made of its own MAC. Judged by those MACs: 0 serials on a wrong board, and each scan has exactly one answer and one
 * end. Slots are threads: what each does follows from the seed, who comes first does not, and must not matter.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "db/care/verify.h"
#include "db/open/db_inside.h"
#include "db/open/sql.h"
#include "sim/board/sim_factory.h"
#include "station/run/run_private.h"
#include "station/run/run_serial.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fixture_port.h"
#include "tests/support/or_fail.h"
#include "tests/support/sweep.h"
#include "tests/support/tiny_job.h"

#define SLOTS   4
#define BOARDS  5 /* a slot */
#define SECOND  1000000
#define SLICE   6
#define WHOLE   200
#define TRAY    (SLOTS * BOARDS)
#define PATIENT (3600ll * SECOND) /* virtual: a shift that never ends is a test that hangs */

enum mood { SCANS, SWAPS, TAKES_OFF, ASKS_TWICE, HOLDS, TAKES_BACK, ROBOT, MOODS };

struct shift;

/* One slot and the hands at it: its worker's thread alone, but for what the shift's lock says. */
struct place {
    struct shift *shift;
    struct fixture fixture;
    int slot, board; /* nth of its boards, 0.. */
    uint64_t luck;
    int64_t until; /* of the slot's clock: what is next done */
    atomic_int opened, closed;
    int seen_closed, strays, waits, asked, swaps;
    bool gone; /* the board was taken off while it waited */
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
    pthread_mutex_t hands;        /* one person: one scan at a time. What follows */
    long scans, accepted;         /* said to the station, and what it said of them */
    long words, released, returned;
};

static uint64_t next_luck(struct place *p)
{
    p->luck += 0x9e3779b97f4a7c15u;
    uint64_t z = p->luck;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
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

static enum serial_answer say(struct place *p, int slot, const char *code)
{
    struct shift *s = p->shift;
    enum serial_answer answer = run_serial_scan(&s->run, slot, code);

    s->scans++;
    s->accepted += answer == SERIAL_ACCEPTED;
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

static void put_next(struct place *p)
{
    p->board++;
    p->asked = 0;
    fixture_put(&p->fixture, p->board < BOARDS ? number_of(p, p->board) : 0);
}

static void choose(struct place *p)
{
    char label[24];

    if (p->slot <= 2)
        snprintf(label, sizeof label, "slot-%d", p->slot);
    if (p->slot <= 2)
        say(p, 0, label);
    else
        run_serial_choose(&p->shift->run, p->slot), p->shift->scans++;
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
        fixture_put(&p->fixture, 0);
        p->gone = true;
        p->until = now + 9 * SECOND;
    } else if ((mood == ASKS_TWICE || mood == HOLDS) && p->asked < 2) {
        p->asked++;
        scan_old_label(p);
    } else if (mood == TAKES_BACK && p->asked == 0) {
        p->asked++;
        scan_label(p, false);
        run_serial_take_back(&s->run, p->slot), s->scans++;
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
        fixture_put(&p->fixture, number_of(p, p->board));
    else if (p->fixture.board != 0 && p->closed == p->seen_closed + 1)
        fixture_put(&p->fixture, 0);
    else
        put_next(p);
    if (p->fixture.board != 0)
        p->seen_closed = p->closed;
    p->gone = false;
    p->until = now + 5 * SECOND;
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
    else if (now >= p->until && (p->gone || (p->opened == p->closed && p->closed > p->seen_closed)))
        after_the_end(p, now);
    /* A board put in during the last one's end that is found to be the same again is not begun. */
    if (p->board >= BOARDS || now > PATIENT)
        engine_enable(p->shift->run.engine, p->slot, false);
}

static void script(struct fixture *f, int64_t now)
{
    struct place *p = f->script_ctx;

    if (p->until == 0 && f->board == 0 && p->board == 0) {
        p->until = now + 1;
        fixture_put(f, number_of(p, 0));
    }
    pthread_mutex_lock(&p->shift->hands);
    work(p, now);
    pthread_mutex_unlock(&p->shift->hands);
}

static int shift_open(void *ctx, const struct attempt_start *start, int64_t *attempt, struct failure *f)
{
    struct shift *s = ctx;

    s->places[start->slot - 1].opened++;
    int rc = s->x.face->open(s->x.face->ctx, start, attempt, f);
    assert_in_range(*attempt, 1, TRAY * 8 - 1);
    s->slot_of[*attempt] = start->slot;
    return rc;
}

static int shift_identify(void *ctx, int64_t attempt, const struct unit_identity *u,
                          struct recorder_verdict *v, struct failure *f)
{
    struct shift *s = ctx;

    s->known[s->slot_of[attempt]] = u->mac;
    return s->x.face->identify(s->x.face->ctx, attempt, u, v, f);
}

static int shift_backup(void *ctx, int64_t attempt, const struct backup *b, struct failure *f)
{
    struct shift *s = ctx;

    return s->x.face->backup(s->x.face->ctx, attempt, b, f);
}

static int shift_close(void *ctx, int64_t attempt, const struct attempt_result *r, struct failure *f)
{
    struct shift *s = ctx;
    int rc = s->x.face->close(s->x.face->ctx, attempt, r, f);

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

    return s->x.face->saved(s->x.face->ctx, attempt, offset, out, f);
}

static int shift_leave(void *ctx, int64_t attempt, struct failure *f)
{
    struct shift *s = ctx;

    return s->x.face->leave(s->x.face->ctx, attempt, f);
}

static int shift_begin(void *ctx, int64_t attempt, struct failure *f)
{
    struct shift *s = ctx;

    return s->x.face->begin(s->x.face->ctx, attempt, f);
}

/* About a third of the boards fail, each in its way. */
static void choose_personalities(uint64_t seed, char *out, size_t size)
{
    static const char *const bad[] = {"bad-flash", "dies-at-47", "wrong-chip", "loses-reply"};
    struct place dice = {.luck = seed * 977};
    size_t len = 0;

    out[0] = '\0';
    for (int n = 2; n <= TRAY; n++)
        if (next_luck(&dice) % 3 == 0)
            len += (size_t)snprintf(out + len, size - len, "%s%d=%s", len > 0 ? "," : "", n,
                                    bad[next_luck(&dice) % 4]);
}

static void begin(struct shift *s, uint64_t seed)
{
    static const char *const labels[SLOTS] = {"slot-1", "slot-2", "twin", "twin"};
    char personalities[TRAY * 20];
    struct engine_slot *slots = s->run.slots.slots;

    memset(s, 0, sizeof *s);
    s->seed = seed;
    choose_personalities(seed, personalities, sizeof personalities);
    const struct sim_tray_config c = {.count = TRAY,
                                      .revision = 1,
                                      .seed = seed,
                                      .personalities = personalities[0] != '\0' ? personalities : NULL};
    s->tray = sim_tray_new_or_fail(&c);
    tiny_job_make(&s->tiny, 0x1000, 3);
    s->tiny.job.retries = 0;
    fixture_new(&s->x);
    s->x.policy.serial_required = true;
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
        *p = (struct place){.shift = s, .slot = i + 1, .luck = seed * 1000 + (uint64_t)i};
        p->fixture = (struct fixture){.tray = s->tray, .script = script, .script_ctx = p};
        snprintf(s->uris[i], sizeof s->uris[i], "fix%d:1", i + 1);
        slots[i] = (struct engine_slot){
            .number = i + 1, .uri = s->uris[i], .label = labels[i], .virtual_time = true};
    }
}

/* One driver a slot, each with its own fixture behind it. */
static struct transport_driver drivers[SLOTS];

static void start(struct shift *s)
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
}

static void take_words(struct shift *s)
{
    struct serial_word w;

    while (serial_desk_next(db_recorder_serials(s->x.rec), &w)) {
        assert_int_not_equal(w.answer, SERIAL_UNHEARD);
        s->words += w.answer != SERIAL_RELEASED;
        s->released += w.answer == SERIAL_RELEASED;
        s->returned += w.answer == SERIAL_RETURNED;
    }
}

static bool all_rest(struct shift *s)
{
    struct slot_status st;
    bool rest = true;

    for (int i = 0; i < SLOTS; i++) {
        engine_snapshot(s->run.engine, i, &st);
        rest = rest && st.state == SLOT_STOPPED;
    }
    return rest;
}

static void watch(struct shift *s)
{
    struct pollfd p[2] = {{.fd = engine_event_fd(s->run.engine), .events = POLLIN},
                          {.fd = serial_desk_fd(db_recorder_serials(s->x.rec)), .events = POLLIN}};
    struct slot_event e;

    for (bool done = false; !done;) {
        assert_true(poll(p, 2, 60000) > 0);
        done = engine_is_done(s->run.engine);
        while (engine_next_event(s->run.engine, &e))
            continue;
        take_words(s);
        if (all_rest(s))
            engine_drain(s->run.engine);
    }
    engine_join(s->run.engine);
    take_words(s);
}

/* The rows against the boards' own MACs. Returns how many bear a serial. */
static long judge(struct shift *s)
{
    sqlite3_stmt *q =
        sql_prepare(s->x.db->h,
                    "SELECT a.id, a.serial, u.mac, a.result FROM attempt a LEFT JOIN identification i"
                    " ON i.attempt_id = a.id AND i.n = 0 LEFT JOIN unit u ON u.id = i.unit_id",
                    "");
    long named = 0;

    assert_non_null(q);
    while (sqlite3_step(q) == SQLITE_ROW) {
        const char *serial = sql_text(q, 1);
        bool passed = strcmp(sql_text(q, 3), "PASS") == 0, known = false;
        char label[SERIAL_SIZE];
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
    pthread_mutex_destroy(&s->hands);
    pthread_mutex_destroy(&s->run.engine_lock);
}

static void no_serial_stands_on_a_wrong_board_and_none_is_lost(void **state)
{
    (void)state;
    static struct shift s;
    long cases = sweep_cases(SLICE, WHOLE), boards = 0, named = 0, scans = 0, accepted = 0, released = 0,
         returned = 0, held = 0;

    for (long seed = 1; seed <= cases; seed++) {
        begin(&s, (uint64_t)seed);
        start(&s);
        watch(&s);
        long here = judge(&s);
        judge_scans(&s, here);
        boards += fixture_int(&s.x, "SELECT count(*) FROM attempt");
        held += fixture_int(&s.x, "SELECT count(*) FROM attempt WHERE result = 'HOLD'");
        named += here;
        scans += s.scans;
        accepted += s.accepted;
        released += s.released;
        returned += s.returned;
        end(&s);
    }
    printf(
        "%ld shifts: %ld attempts, %ld scans, %ld taken, %ld on rows, %ld free again, %ld taken back, %ld held\n",
        cases, boards, scans, accepted, named, released, returned, held);
    /* The sweep has been where it says it goes. */
    assert_true(named > cases * SLOTS && released > 0 && returned > 0 && held > 0 && scans > 3 * accepted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_serial_stands_on_a_wrong_board_and_none_is_lost)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
