/* SPDX-License-Identifier: Apache-2.0 */
/* label: scenario */
/*
 * Every guarded act, through every door that has it, by everybody: the table of db/desk/work.h against the programme. What the
 * table gives to a door must have a way here and be done for whom it says; what it does not give has none. The doors
 * inside the process (socket, screen) are tried with the wall clock as it is, forward, backward, and as a bad RTC has it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "db/desk/current_job.h"
#include "db/desk/identity.h"
#include "db/desk/pool_block.h"
#include "db/desk/rules.h"
#include "db/desk/work.h"
#include "db/open/db_inside.h"
#include "station/run/run_control.h"
#include "station/run/run_private.h"
#include "station/run/run_work.h"
#include "station/screen/desk.h"
#include "station/work/control.h"
#include "tests/support/db_fixture.h"
#include "tests/support/sweep.h"

#define PIN_RIGHT "471108"
#define PIN_WRONG "471109"
#define PIN_GONE  "882211"
#define MAC       "24:0a:c4:00:00:01"

enum caller { NOBODY, OPERATOR, ENGINEER_NO_PIN, ENGINEER_WRONG_PIN, ENGINEER, DISABLED, CALLERS };

static const struct {
    const char *says, *name, *pin, *badge;
} callers[CALLERS] = {
    [NOBODY] = {"nobody", NULL, NULL, "B-NONE"},
    [OPERATOR] = {"an operator", "op1", NULL, "B-OP"},
    [ENGINEER_NO_PIN] = {"the engineer without a PIN", "en1", NULL, "B-EN"},
    [ENGINEER_WRONG_PIN] = {"the engineer with a wrong PIN", "en1", PIN_WRONG, "B-EN"},
    [ENGINEER] = {"the engineer with the PIN", "en1", PIN_RIGHT, "B-EN"},
    [DISABLED] = {"a disabled engineer with her own PIN", "en2", PIN_GONE, "B-GONE"},
};

/* The wall's time for the doors inside; the real one for those that are programmes of their own. */
static const struct {
    const char *says;
    int64_t wall_ms;
} clocks[] = {{"right", 1795341600000},
              {"ten years forward", 1795341600000 + 315360000000},
              {"ten years backward", 1795341600000 - 315360000000},
              {"1970", 1000}};
#define CLOCKS (int)(sizeof clocks / sizeof clocks[0])

/*
 * The right clock for everybody; in the slice each pair of act and caller has one of the moved ones as well, in turn, so
 * that each act and each caller meets all of them.
 */
static bool clock_is_due(int clock, size_t act, int who)
{
    return clock == 0 || sweep_is_whole() || (act + (size_t)who) % (CLOCKS - 1) == (size_t)clock - 1;
}

/* May this one? By the table; where an act is about the caller's own badge, by that. */
static bool may(enum work_action action, enum caller who)
{
    if (action == WORK_LOGIN)
        return who != NOBODY && who != DISABLED;
    if (action == WORK_LOGOUT) /* nobody need not, everybody may */
        return who != NOBODY;
    return work_needs_engineer(action) ? who == ENGINEER : who != DISABLED;
}

/* ---- the station that everything is tried on: made once, copied for each case ---- */

static char scratch[SCRATCH_SIZE];
static int tried, done;

static void shell(const char *command)
{
    int rc = system(command);

    if (rc != 0)
        fail_msg("%s: %d", command, rc);
}

static void must(struct db *db, struct work_call call)
{
    struct failure f = {0};

    if (work_do(db, &call, NULL, &f) != 0)
        fail_msg("%s: %s", work_action_name(call.action), f.detail);
}

static void hash_file(const char *path, char out[static SHA256_TEXT_SIZE])
{
    char text[4096];
    uint8_t sum[SHA256_SIZE];

    scratch_read_text(path, text, sizeof text);
    digest_sha256(text, strlen(text), sum);
    digest_hex(sum, sizeof sum, out);
}

/* An engineer, one who was disabled, an operator; a lot open and one closed; a failed board that stopped its slot. */
static void fill(struct db_fixture *x)
{
    char hash[SHA256_TEXT_SIZE];
    struct failure f = {0};

    must(x->db, (struct work_call){.action = WORK_OPERATOR_ADD,
                                   .object = "en1",
                                   .text = "engineer",
                                   .badge = "B-EN",
                                   .new_pin = PIN_RIGHT});
    must(x->db, (struct work_call){.action = WORK_OPERATOR_ADD,
                                   .object = "en2",
                                   .text = "engineer",
                                   .badge = "B-GONE",
                                   .new_pin = PIN_GONE,
                                   .pin = PIN_RIGHT});
    must(x->db, (struct work_call){.action = WORK_OPERATOR_DISABLE, .object = "en2", .pin = PIN_RIGHT});
    must(x->db,
         (struct work_call){.action = WORK_OPERATOR_ADD, .object = "op1", .badge = "B-OP", .pin = PIN_RIGHT});
    must(x->db, (struct work_call){.action = WORK_LOT_OPEN, .object = "L-OPEN", .number = 5});
    must(x->db, (struct work_call){.action = WORK_LOT_OPEN, .object = "L-CLOSED"});
    must(x->db, (struct work_call){.action = WORK_LOT_CLOSE, .object = "L-CLOSED", .pin = PIN_RIGHT});
    duty_set_operator(db_recorder_duty(x->rec), "op1");
    fixture_flash(x, 1, "L-OPEN", 1, RESULT_FAIL, FAIL_WRITE);
    hash_file("live/first.yaml", hash);
    assert_int_equal(current_job_note(x->db, "first", hash, &f), 0);
}

static const char job_text[] = "board: WiPy\nchip: esp32\nfirmware:\n  archive: good.tar.gz\n";
/* "flash me", "data": code that nobody knows. */
static const char stub_text[] =
    "{\"text\": \"Zmxhc2ggbWU=\", \"text_start\": 1074331648, \"entry\": 1074331652,"
    " \"data\": \"ZGF0YQ==\", \"data_start\": 1073655808}";

/* Two values on their way: brought in where it is from nobody, else lent by another station to this one. */
static void make_block(const char *path, const char *from, const char *to)
{
    const struct pool_shape shape = {POOL_TEXT, 1};
    struct pool_block b;
    struct failure f = {0};

    pool_block_begin(&b, "sn", &shape);
    assert_int_equal(pool_block_add(&b, "SN-8", POOL_FREE, NULL, 0, &f), 0);
    assert_int_equal(pool_block_add(&b, "SN-9", POOL_FREE, NULL, 0, &f), 0);
    snprintf(b.source, sizeof b.source, "SN-8..SN-9");
    snprintf(b.from, sizeof b.from, "%s", from);
    snprintf(b.to, sizeof b.to, "%s", to);
    assert_int_equal(pool_block_write(&b, path, &f), 0);
    pool_block_free(&b);
}

/* A pool of numbers, one of secrets with its key, and blocks for the first. */
static void fill_pools(void)
{
    make_block("live/new.block", "", "");
    make_block("live/lent.block", "line-2", "bench 1");
    shell(
        "cd live && printf '00112233\n' >keys.csv && export FLASHLINE_CONFIG=station.yaml FLASHLINE_PIN=" PIN_RIGHT
        " && " FLASHLINE_BIN " pool key --operator en1 >../out && " FLASHLINE_BIN
        " pool import sn --range SN-1..SN-4 --kind text --operator en1 >../out && " FLASHLINE_BIN
        " pool import keys keys.csv --kind hex:4 --secret --operator en1 >../out");
}

static int make_template(void **state)
{
    struct db_fixture x = {0};
    char text[512];

    (void)state;
    scratch_enter(scratch, "doors");
    setenv("HOME", scratch, 1);
    setenv("XDG_STATE_HOME", scratch, 1);
    setenv("XDG_CONFIG_HOME", scratch, 1);
    setenv("XDG_CACHE_HOME", scratch, 1);
    unsetenv("FLASHLINE_CONFIG");
    unsetenv("FLASHLINE_STUB_DIR");
    unsetenv("FLASHLINE_PIN");
    unsetenv("FLASHLINE_NEW_PIN");
    shell("mkdir live && cd live && python3 " SOURCE_DIR "/tests/support/firmware_make.py good.tar.gz");
    scratch_save_text("live/first.yaml", job_text);
    scratch_save_text("live/second.yaml", job_text);
    scratch_save_text("live/draft.yaml", job_text);
    scratch_save_text("live/odd.json", stub_text);
    snprintf(
        text, sizeof text,
        "database: %s/live/f.db\nslots:\n  - number: 1\n    port: tty:/dev/nosuch\npool_key: pool.key\npolicy:\n  open_lots: yes\n",
        scratch);
    scratch_save_text("live/station.yaml", text);
    shell("cd live && for j in first second; do sed -i \"1i name: $j\" $j.yaml &&"
          " " FLASHLINE_BIN " job release ./$j.yaml --db ../other.db >../out 2>&1 || exit 1; done");
    shell("rm other.db*");
    fixture_new(&x);
    snprintf(x.path, sizeof x.path, "live/f.db");
    x.policy.stop_slot_failures = 1;
    fixture_start(&x);
    fill(&x);
    /* As a run before left it, which noted the rules. */
    struct config_policy usual = CONFIG_POLICY_DEFAULT, policy = usual;
    char rules[CONFIG_POLICY_TEXT], usually[CONFIG_POLICY_TEXT];
    struct failure f = {0};
    policy.open_lots = OPEN_LOTS_YES;
    config_policy_text(&policy, rules);
    config_policy_text(&usual, usually);
    assert_int_equal(rules_record(x.db, "station.yaml", rules, usually, &f), 0);
    fixture_free(&x);
    fill_pools();
    shell("cd live && " FLASHLINE_BIN " backup -o copy.db --db f.db >../out 2>&1");
    shell("mv live template");
    return 0;
}

static int remove_template(void **state)
{
    (void)state;
    print_message("%d calls tried, %d of them done\n", tried, done);
    scratch_leave(scratch);
    return 0;
}

static void fresh_copy(void)
{
    shell("rm -rf live && cp -rp template live");
}

static void query(const char *sql, char *out, size_t size)
{
    sqlite3 *h = NULL;
    sqlite3_stmt *s = NULL;

    assert_int_equal(sqlite3_open_v2("live/f.db", &h, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    snprintf(out, size, "%s", (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    sqlite3_close(h);
}

static int audited(enum work_action action)
{
    char sql[128], n[32];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM audit WHERE action = '%s'", work_action_name(action));
    query(sql, n, sizeof n);
    return atoi(n);
}

/* All that an act could have changed, but the log of wrong PINs and of starts. */
static void look(char *out, size_t size)
{
    query(
        "SELECT (SELECT group_concat(code || planned || coalesce(closed_ms, '-'), '/') FROM (SELECT * FROM lot ORDER"
        " BY id)) || (SELECT group_concat(name || role || active || hex(coalesce(badge_hash, '')) ||"
        " hex(coalesce(pin_hash, '')), '/') FROM (SELECT * FROM operator ORDER BY id)) || (SELECT count(*) FROM"
        " correction) || '.' || (SELECT count(*) FROM stop_release) || '.' || (SELECT count(*) FROM attempt) || '.' ||"
        " (SELECT count(*) FROM audit) || '.' || (SELECT count(*) FROM archive) || '.' ||"
        " (SELECT group_concat(pool_id || state, '/') FROM (SELECT * FROM pool_value ORDER BY id)) || '.' ||"
        " (SELECT count(*) FROM pool_block)",
        out, size);
}

/* One case: the act's row and what it changed, against what the table says. */
struct trial {
    enum work_action action;
    enum work_door door;
    enum caller who;
    const char *clock, *way;
    int rows;
    char before[2048];
};

static void begin(struct trial *t)
{
    fresh_copy();
    t->rows = audited(t->action);
    look(t->before, sizeof t->before);
}

static void judge(const struct trial *t, bool was_done, const char *said)
{
    char after[2048];
    bool allowed = may(t->action, t->who);
    int rows = audited(t->action) - t->rows;

    tried++;
    done += was_done;
    look(after, sizeof after);
    if (was_done != allowed || rows != allowed || (!allowed && strcmp(after, t->before) != 0))
        fail_msg("%s at the door '%s' (%s), %s, clock %s: %s, %d rows%s: %s", work_action_name(t->action),
                 work_door_name(t->door), t->way, callers[t->who].says, t->clock,
                 was_done ? "done" : "refused", rows,
                 !allowed && strcmp(after, t->before) != 0 ? ", and something changed" : "", said);
}

/* ---- command line and starts: the programme itself ---- */

#define REASON " --reason 'looked at it'"
#define RUN    "run --slots tty:/dev/nosuch --once --job "

static const struct {
    enum work_action action;
    enum work_door door;
    const char *command;
    bool names; /* the verb says who asks */
} commands[] = {
    {WORK_LOT_OPEN, DOOR_COMMAND, "lots open NEW --planned 3", true},
    {WORK_LOT_EXTEND, DOOR_COMMAND, "lots extend L-OPEN --by 2" REASON, true},
    {WORK_LOT_CLOSE, DOOR_COMMAND, "lots close L-OPEN", true},
    {WORK_LOT_REOPEN, DOOR_COMMAND, "lots reopen L-CLOSED" REASON, true},
    {WORK_OPERATOR_ADD, DOOR_COMMAND, "operator add new1 --badge B-9", false},
    {WORK_OPERATOR_ADD, DOOR_COMMAND, "operator add op1 --role engineer", false},
    {WORK_OPERATOR_ADD, DOOR_COMMAND, "operator add en2", false},
    {WORK_OPERATOR_DISABLE, DOOR_COMMAND, "operator disable op1", false},
    {WORK_PIN, DOOR_COMMAND, "operator pin en1", false},
    {WORK_UNLOCK, DOOR_COMMAND, "unlock --slot 1" REASON, true},
    {WORK_RELEASE, DOOR_COMMAND, "unit " MAC " --mark release" REASON, true},
    {WORK_REWORK, DOOR_COMMAND, "unit " MAC " --mark rework" REASON, true},
    {WORK_SCRAP, DOOR_COMMAND, "unit " MAC " --mark scrap" REASON, true},
    {WORK_QUARANTINE, DOOR_COMMAND, "unit " MAC " --mark quarantine" REASON, true},
    {WORK_NOTE, DOOR_COMMAND, "unit " MAC " --mark note" REASON, true},
    {WORK_IDENTITY_ACCEPT, DOOR_COMMAND, "unit " MAC " --accept-identity" REASON, true},
    {WORK_JOB_RELEASE, DOOR_COMMAND, "job release ./draft.yaml", true},
    {WORK_JOB_RELEASE, DOOR_COMMAND, "job release ./first.yaml --stub odd.json", true},
    {WORK_SLOT_CHANGE, DOOR_COMMAND, "slots label 1 left", false},
    {WORK_SLOT_CHANGE, DOOR_COMMAND, "slots forget 1", false},
    {WORK_SLOT_CHANGE, DOOR_COMMAND, "slots learn --present", false},
    {WORK_SETUP, DOOR_COMMAND, "setup --name other", false},
    {WORK_ARCHIVE, DOOR_COMMAND, "db archive --before 2099-01-01 -o old.db", false},
    {WORK_ARCHIVE, DOOR_COMMAND, "archive --before 2099-01-01", false},
    {WORK_POOL_IMPORT, DOOR_COMMAND, "pool import sn --range SN-5..SN-7", true},
    {WORK_POOL_TAKE, DOOR_COMMAND, "pool take lent.block", true},
    {WORK_POOL_LEND, DOOR_COMMAND, "pool lend sn 2 --to line-3 -o out.block", true},
    {WORK_POOL_SPOIL, DOOR_COMMAND, "pool spoil sn SN-1" REASON, true},
    {WORK_POOL_REVEAL, DOOR_COMMAND, "pool show keys --reveal", true},
    {WORK_POOL_REVEAL, DOOR_COMMAND, "pool export keys --reveal -o keys.out", true},
    {WORK_POOL_KEY, DOOR_COMMAND, "pool key other.key", true},
    {WORK_RESTORE, DOOR_COMMAND, "db restore copy.db" REASON, true},
    {WORK_LOT_OPEN, DOOR_START, RUN "./first.yaml --headless --lot NEW", true},
    {WORK_JOB_CHANGE, DOOR_START, RUN "./second.yaml --headless", true},
    {WORK_JOB_CHANGE, DOOR_START, RUN "./second.yaml --json", true},
    {WORK_JOB_UNRELEASED, DOOR_START, RUN "./draft.yaml --headless", true},
    {WORK_JOB_UNRELEASED, DOOR_START, RUN "./draft.yaml --json", true},
    {WORK_JOB_UNRELEASED, DOOR_START, "flash good.tar.gz --port tty:/dev/nosuch --yes", false},
    {WORK_REWORK_RUN, DOOR_START, RUN "./first.yaml --headless --rework" REASON, true},
    {WORK_ELSEWHERE, DOOR_START, RUN "./first.yaml --headless --training", true},
    {WORK_ELSEWHERE, DOOR_START, RUN "./first.yaml --json --db other.db", true},
    {WORK_ELSEWHERE, DOOR_START, "flash good.tar.gz --port tty:/dev/nosuch --yes --training", false},
    {WORK_STUB, DOOR_START, RUN "./first.yaml --headless --stub odd.json", true},
    {WORK_STUB, DOOR_START, RUN "./first.yaml --json --stub odd.json", true},
};

static void try_command(size_t i, enum caller who)
{
    struct trial t = {.action = commands[i].action,
                      .door = commands[i].door,
                      .who = who,
                      .clock = "real",
                      .way = commands[i].command};
    char line[1024], said[512];
    bool named = commands[i].names && callers[who].name != NULL;

    /* A caller whom the verb cannot name is nobody. */
    if (who == DISABLED && !commands[i].names && !work_needs_engineer(t.action))
        return;
    begin(&t);
    snprintf(line, sizeof line,
             "cd live && FLASHLINE_NEW_PIN=654321 FLASHLINE_CONFIG=station.yaml %s%s setsid -w " FLASHLINE_BIN
             " %s%s%s >../out 2>&1 </dev/null",
             callers[who].pin != NULL ? "FLASHLINE_PIN=" : "",
             callers[who].pin != NULL ? callers[who].pin : "", commands[i].command,
             named ? " --operator " : "", named ? callers[who].name : "");
    int rc = system(line), code = WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
    scratch_read_text("out", said, sizeof said);
    if (code != 0 && code != 1 && code != 2 && !(t.door == DOOR_START && code == 3))
        fail_msg("%s ended with %d: %s", line, code, said);
    /* Slots are taught from what is plugged in, which may be nothing. */
    bool was_done = code == 0 || code == 3 || (strstr(t.way, "learn") != NULL && strstr(said, "PIN") == NULL);
    judge(&t, was_done, said);
}

static void through(enum work_door door)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        for (int who = 0; commands[i].door == door && who < CALLERS; who++)
            try_command(i, (enum caller)who);
    }
}

static void the_command_line(void **state)
{
    (void)state;
    through(DOOR_COMMAND);
}

static void the_start_of_a_run(void **state)
{
    (void)state;
    through(DOOR_START);
}

/* ---- the socket of a running station ---- */

static int64_t wall_of(void *ctx)
{
    return clocks[*(int *)ctx].wall_ms;
}

static int64_t mono_of(void *ctx)
{
    (void)ctx;
    return 3600000000; /* an hour after the boot, always */
}

static const struct work_call requests[] = {
    {.action = WORK_LOT_OPEN, .object = "NEW", .number = 3},
    {.action = WORK_LOT_EXTEND, .object = "L-OPEN", .number = 2, .reason = "more of them"},
    {.action = WORK_LOT_CLOSE, .object = "L-OPEN"},
    {.action = WORK_LOT_REOPEN, .object = "L-CLOSED", .reason = "more of them"},
    {.action = WORK_OPERATOR_ADD, .object = "new1", .badge = "B-9"},
    {.action = WORK_OPERATOR_DISABLE, .object = "op1"},
    {.action = WORK_PIN, .object = "en1", .new_pin = "654321"},
    {.action = WORK_UNLOCK, .number = 1, .reason = "cable changed"},
    {.action = WORK_RELEASE, .number = 1, .reason = "looked at"},
    {.action = WORK_REWORK, .number = 1, .reason = "looked at"},
    {.action = WORK_SCRAP, .number = 1, .reason = "looked at"},
    {.action = WORK_QUARANTINE, .number = 1, .reason = "looked at"},
    {.action = WORK_NOTE, .number = 1, .reason = "looked at"},
    {.action = WORK_JOB_RELEASE, .object = "draft", .text = "0"},
    {.action = WORK_SLOT_CHANGE, .object = "label 1", .text = "left"},
    {.action = WORK_SETUP, .object = "station.yaml", .text = "station"},
    {.action = WORK_ELSEWHERE, .object = "draft", .text = "practice"},
    {.action = WORK_IDENTITY_ACCEPT, .object = MAC, .reason = "new keys"},
    {.action = WORK_POOL_IMPORT, .object = "sn", .text = "live/new.block"},
    {.action = WORK_POOL_TAKE, .object = "sn", .text = "live/lent.block"},
    {.action = WORK_POOL_LEND,
     .object = "sn",
     .number = 2,
     .text = "01234567-89ab-7def-8123-456789abcdef line-3"},
    {.action = WORK_POOL_SPOIL, .object = "sn", .number = 1, .reason = "label torn"},
    {.action = WORK_POOL_REVEAL, .object = "keys", .text = "keys.out"},
    {.action = WORK_POOL_KEY, .object = "key", .text = "other.key"},
};

/* A station at this clock, one request, and what its control thread answered. */
static int ask_socket(int clock, struct work_call call, enum caller who, struct failure *f)
{
    const struct db_clock moved = {&clock, wall_of, mono_of, NULL};
    const struct db_options o = {.path = "live/f.db", .mode = DB_STATION, .clock = &moved};
    struct db *db = db_open(&o, f);

    assert_non_null(db);
    struct control *c = control_new(db, &(struct control_station){0}, f);
    assert_non_null(c);
    call.actor = callers[who].name;
    call.pin = callers[who].pin;
    int rc = control_request("live/f.db", &call, NULL, f);
    control_free(c);
    db_close(db);
    return rc;
}

/* ---- acts whose verb needs a board at its end: put as that verb puts them ---- */

static const struct backup sector = {.kind = BACKUP_IDENTITY, .offset = 0x3FF000};
static const struct identity_act sectors = {.before = &sector, .put = &sector};
static const struct work_call direct[] = {
    {.action = WORK_IDENTITY_RESTORE, .object = MAC, .reason = "keys lost", .identity = &sectors},
    {.action = WORK_IDENTITY_CHANGE, .object = MAC, .identity = &sectors},
    {.action = WORK_ELSEWHERE, .object = "draft", .text = "practice"},
};

static int put_here(struct work_call call, enum caller who, struct failure *f)
{
    const struct db_options o = {.path = "live/f.db", .mode = DB_STATION};
    struct db *db = db_open(&o, f);

    assert_non_null(db);
    call.door = DOOR_COMMAND;
    call.actor = callers[who].name;
    call.pin = callers[who].pin;
    int rc = work_do(db, &call, NULL, f);
    db_close(db);
    return rc;
}

static void verbs_with_a_board(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof direct / sizeof direct[0]; i++) {
        for (int who = 0; who < CALLERS; who++) {
            struct failure f = {0};
            struct trial t = {.action = direct[i].action,
                              .door = DOOR_COMMAND,
                              .who = (enum caller)who,
                              .clock = "real",
                              .way = "direct"};
            begin(&t);
            int rc = put_here(direct[i], t.who, &f);
            judge(&t, rc == 0, f.detail);
        }
    }
}

static void the_socket(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        for (int n = 0; n < CALLERS * CLOCKS; n++) {
            if (!clock_is_due(n / CALLERS, i, n % CALLERS))
                continue;
            struct failure f = {0};
            struct trial t = {.action = requests[i].action,
                              .door = DOOR_SOCKET,
                              .who = (enum caller)(n % CALLERS),
                              .clock = clocks[n / CALLERS].says,
                              .way = "request"};
            begin(&t);
            int rc = ask_socket(n / CALLERS, requests[i], t.who, &f);
            judge(&t, rc == 0, f.detail);
        }
    }
}

/* ---- the screen ---- */

static const struct {
    enum work_action action;
    const char *way;
    struct desk_act act; /* text NULL: the caller's badge */
    bool odd_stub;
} keys[] = {
    {WORK_LOT_OPEN, "lot", {.kind = DESK_LOT, .text = "NEW", .on = true}, false},
    {WORK_LOT_EXTEND, "extend", {.kind = DESK_EXTEND, .number = 2, .text = ""}, false},
    {WORK_UNLOCK, "unlock", {.kind = DESK_UNLOCK, .slot = 1, .text = ""}, false},
    {WORK_SLOT_CHANGE, "slot", {.kind = DESK_SLOT, .slot = 1, .text = ""}, false},
    {WORK_PIN, "PIN", {.kind = DESK_PIN, .text = "654321"}, false},
    {WORK_JOB_CHANGE, "job", {.kind = DESK_JOB, .text = "./second.yaml"}, false},
    {WORK_JOB_UNRELEASED, "job", {.kind = DESK_JOB, .text = "./draft.yaml"}, false},
    {WORK_STUB, "job", {.kind = DESK_JOB, .text = "./second.yaml"}, true},
    {WORK_LOGIN, "badge", {.kind = DESK_LOG_IN}, false},
    {WORK_LOGOUT, "log out", {.kind = DESK_LOG_OUT, .text = ""}, false},
};

/* A run as the screen meets it: everything but the terminal. The engineer started it where that takes one. */
static struct run *open_run(bool odd_stub, enum caller who, int *clock)
{
    const struct run_options o = {.verb = "run",
                                  .job = "./first.yaml",
                                  .slots = "1",
                                  .reset = -1,
                                  .common = {.config = "station.yaml"},
                                  .stub = odd_stub ? "odd.json" : "no"};
    int code = 0;

    if (odd_stub)
        setenv("FLASHLINE_PIN", PIN_RIGHT, 1);
    struct run *run = run_open(&o, NULL, &code);
    unsetenv("FLASHLINE_PIN");
    if (run == NULL) {
        fail_msg("the run did not open: %d", code);
        abort(); /* for the analyser: fail_msg() does not come back */
    }
    /* Already at work: one who was sent away would not start a run. */
    duty_set_operator(db_recorder_duty(run->recorder), callers[who].name);
    run->db->clock = (struct db_clock){clock, wall_of, mono_of, NULL};
    run->work = run_work_new(run);
    assert_non_null(run->work);
    return run;
}

static void press(size_t i, enum caller who, int clock)
{
    struct trial t = {.action = keys[i].action,
                      .door = DOOR_SCREEN,
                      .who = who,
                      .clock = clocks[clock].says,
                      .way = keys[i].way};
    struct desk_act act = keys[i].act;
    char why[DESK_WHY_SIZE];

    begin(&t);
    assert_int_equal(chdir("live"), 0);
    struct run *run = open_run(keys[i].odd_stub, who, &clock);
    assert_int_equal(chdir(".."), 0);
    /* What the start itself wrote is not the screen's. */
    t.rows = audited(t.action);
    look(t.before, sizeof t.before);
    assert_int_equal(chdir("live"), 0);
    act.pin = callers[who].pin != NULL ? callers[who].pin : "";
    act.reason = "cable changed";
    act.text = act.text != NULL ? act.text : callers[who].badge;
    const struct desk_act lot = {.kind = DESK_LOT, .text = "L-OPEN", .pin = act.pin, .reason = act.reason};
    bool is_set = act.kind != DESK_EXTEND || run_work_act(run->work, &lot, why) == DESK_DONE;
    enum desk_outcome outcome = is_set ? run_work_act(run->work, &act, why) : DESK_REFUSED;
    run_close(run);
    assert_int_equal(chdir(".."), 0);
    bool was_done = outcome == DESK_DONE || outcome == DESK_RESTART;
    /* With nobody logged in, logging out is done by doing nothing. */
    judge(&t, was_done && !(t.action == WORK_LOGOUT && who == NOBODY), why);
}

static void the_screen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        for (int n = 0; n < CALLERS * CLOCKS; n++)
            if (clock_is_due(n / CALLERS, i, n % CALLERS))
                press(i, (enum caller)(n % CALLERS), n / CALLERS);
    }
}

/* ---- what others put to a run over its socket: who works there, on which lot, with which job ---- */

static const struct {
    enum work_action action;
    const char *way;
    struct control_duty duty;
    bool odd_stub, by_badge;
} wishes[] = {
    {WORK_LOT_OPEN, "lot", {.lot = "NEW"}, false, false},
    {WORK_JOB_CHANGE, "job", {.job = "./second.yaml"}, false, false},
    {WORK_JOB_UNRELEASED, "job", {.job = "./draft.yaml"}, false, false},
    {WORK_STUB, "job", {.job = "./second.yaml"}, true, false},
    {WORK_LOGIN, "badge", {0}, false, true},
    {WORK_LOGOUT, "log out", {.log_out = true}, false, false},
};

static void wish(size_t i, enum caller who, int clock)
{
    struct trial t = {.action = wishes[i].action,
                      .door = DOOR_DUTY,
                      .who = who,
                      .clock = clocks[clock].says,
                      .way = wishes[i].way};
    struct control_duty duty = wishes[i].duty;
    struct control_duty_now now;
    struct work_receipt receipt;
    struct failure f = {0};

    begin(&t);
    assert_int_equal(chdir("live"), 0);
    struct run *run = open_run(wishes[i].odd_stub, who, &clock);
    assert_int_equal(chdir(".."), 0);
    t.rows = audited(t.action); /* what the start itself wrote is not the socket's */
    look(t.before, sizeof t.before);
    assert_int_equal(chdir("live"), 0);
    duty.pin = callers[who].pin;
    duty.badge = wishes[i].by_badge ? callers[who].badge : NULL;
    int rc = run_control_duty(run, &duty, &now, &receipt, &f);
    run_close(run);
    assert_int_equal(chdir(".."), 0);
    judge(&t, rc == 0 && !(t.action == WORK_LOGOUT && who == NOBODY), f.detail);
}

static void the_duty_of_a_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        for (int n = 0; n < CALLERS * CLOCKS; n++)
            if (clock_is_due(n / CALLERS, i, n % CALLERS))
                wish(i, (enum caller)(n % CALLERS), n / CALLERS);
    }
}

/* ---- the table ---- */

static bool has_way(enum work_action action, enum work_door door)
{
    bool found = false;

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        found = found || (commands[i].action == action && commands[i].door == door);
    for (size_t i = 0; i < sizeof direct / sizeof direct[0] && door == DOOR_COMMAND; i++)
        found = found || direct[i].action == action;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0] && door == DOOR_SOCKET; i++)
        found = found || requests[i].action == action;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0] && door == DOOR_SCREEN; i++)
        found = found || keys[i].action == action;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0] && door == DOOR_DUTY; i++)
        found = found || wishes[i].action == action;
    return found;
}

static void every_act_has_a_way_at_each_of_its_doors(void **state)
{
    (void)state;
    int pairs = 0;

    for (int a = 0; a < WORK_ACTION_COUNT; a++) {
        for (int d = 0; d < DOOR_COUNT; d++) {
            bool given = work_is_at((enum work_action)a, (enum work_door)d);
            pairs += given;
            if (given != has_way((enum work_action)a, (enum work_door)d))
                fail_msg("%s at the door '%s': the table says %s, this test has %s",
                         work_action_name((enum work_action)a), work_door_name((enum work_door)d),
                         given ? "yes" : "no", given ? "no way" : "one");
        }
    }
    print_message("%d acts, %d doors, %d of their pairs given\n", WORK_ACTION_COUNT, DOOR_COUNT, pairs);
}

/* What the table does not give to the socket is refused there, for the engineer too. */
static void the_socket_gives_no_more_than_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < WORK_ACTION_COUNT; a++) {
        struct failure f = {0};
        char before[2048], after[2048];
        if (work_is_at((enum work_action)a, DOOR_SOCKET))
            continue;
        fresh_copy();
        look(before, sizeof before);
        const struct work_call call = {
            .action = (enum work_action)a, .object = "first", .text = "0", .reason = "I want to"};
        assert_int_equal(ask_socket(0, call, ENGINEER, &f), -1);
        assert_int_equal(f.sys, ENOTSUP);
        look(after, sizeof after);
        assert_string_equal(after, before);
        tried++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_duty_of_a_run),
        cmocka_unit_test(every_act_has_a_way_at_each_of_its_doors),
        cmocka_unit_test(the_socket_gives_no_more_than_its_own),
        cmocka_unit_test(the_socket),
        cmocka_unit_test(verbs_with_a_board),
        cmocka_unit_test(the_screen),
        cmocka_unit_test(the_command_line),
        cmocka_unit_test(the_start_of_a_run),
    };
    return cmocka_run_group_tests(tests, make_template, remove_template);
}
