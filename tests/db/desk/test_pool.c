/* SPDX-License-Identifier: Apache-2.0 */
/* What is handed out once: each board its own, the same one again, and nobody a value that somebody may have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "base/file.h"
#include "db/care/verify.h"
#include "db/desk/pool.h"
#include "db/desk/pool_block.h"
#include "db/desk/work.h"
#include "tests/support/db_fixture.h"

static const struct pool_shape eui64 = {POOL_EUI64, EUI64_SIZE}, key16 = {POOL_HEX, 16},
                               words = {POOL_TEXT, 1};

/* An open attempt on a board, identified. */
struct hand {
    int64_t attempt;
    struct mac mac;
};

static struct hand put_on(struct db_fixture *x, int slot, uint32_t tail, enum attempt_kind kind)
{
    struct attempt_start s = board_start(slot);
    const struct unit_identity u = board_identity(tail);
    struct hand h = {.mac = u.mac};
    struct recorder_verdict v;
    struct failure f = {0};

    s.kind = kind;
    assert_int_equal(x->face->open(x->face->ctx, &s, &h.attempt, &f), 0);
    assert_int_equal(x->face->identify(x->face->ctx, h.attempt, &u, &v, &f), 0);
    return h;
}

static void begin(struct db_fixture *x, struct hand h)
{
    struct failure f = {0};

    assert_int_equal(x->face->begin(x->face->ctx, h.attempt, &f), 0);
}

static void end(struct db_fixture *x, struct hand h, enum result result)
{
    const struct attempt_result e = board_end(result, result == RESULT_PASS ? FAILURE_NONE : FAIL_WRITE);
    struct failure f = {0};

    assert_int_equal(x->face->close(x->face->ctx, h.attempt, &e, &f), 0);
}

/* "" : refused, and *f says why. */
static const char *given(struct db_fixture *x, const char *pool, struct hand h, struct failure *f)
{
    static struct pool_value v;

    memset(f, 0, sizeof *f);
    return pool_reserve(x->db, pool, &h.mac, h.attempt, NULL, &v, f) == 0 ? v.text : "";
}

static void block_path(struct db_fixture *x, char path[static 160])
{
    snprintf(path, 160, "%s/block", x->dir);
}

static int take_in(struct db_fixture *x, struct pool_block *b, enum work_action action, struct failure *f)
{
    char path[160];

    block_path(x, path);
    assert_int_equal(pool_block_check(b, f), 0);
    assert_int_equal(pool_block_write(b, path, f), 0);
    const struct work_call c = {.action = action, .object = b->pool, .text = path};
    return work_do(x->db, &c, NULL, f);
}

/* `count` EUIs from 70:b3:d5:49:90:00:00:01 on, in the order of their numbers turned round, so that no sorting helps. */
static void bring_in(struct db_fixture *x, const char *pool, int count, int64_t low)
{
    struct pool_block b;
    struct failure f = {0};
    char text[EUI64_TEXT_SIZE];

    pool_block_begin(&b, pool, &eui64);
    snprintf(b.uuid, sizeof b.uuid, "block-of-%s", pool);
    snprintf(b.source, sizeof b.source, "eui.csv");
    b.low_water = low;
    for (int i = count; i > 0; i--) {
        snprintf(text, sizeof text, "70b3d549900000%02x", i);
        assert_int_equal(pool_block_add(&b, text, POOL_FREE, NULL, count - i + 1, &f), 0);
    }
    if (take_in(x, &b, WORK_POOL_IMPORT, &f) != 0)
        fail_msg("%s", f.detail);
    pool_block_free(&b);
}

static int64_t in_state(struct db_fixture *x, const char *state)
{
    char sql[96];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM pool_value WHERE state = '%s'", state);
    return fixture_int(x, sql);
}

static bool next_note(struct db_fixture *x, char text[static 256])
{
    while (db_recorder_next_note(x->rec, text, 256)) {
        if (strstr(text, "pool") != NULL)
            return true;
    }
    return false;
}

static void each_board_has_its_own_and_keeps_it(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    char first[64];

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 16, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION), b = put_on(&x, 2, 2, ATTEMPT_PRODUCTION);
    snprintf(first, sizeof first, "%s", given(&x, "lora", a, &f));
    assert_string_equal(first, "70:b3:d5:49:90:00:00:10"); /* the first of the file */
    assert_string_equal(given(&x, "lora", b, &f), "70:b3:d5:49:90:00:00:0f");
    assert_string_equal(given(&x, "lora", a, &f), first);
    assert_int_equal(in_state(&x, "RESERVED"), 2);
    begin(&x, a);
    assert_int_equal(in_state(&x, "WRITTEN"), 1);
    end(&x, a, RESULT_FAIL);
    a = put_on(&x, 3, 1, ATTEMPT_PRODUCTION); /* run again, elsewhere */
    assert_string_equal(given(&x, "lora", a, &f), first);
    begin(&x, a);
    end(&x, a, RESULT_PASS);
    assert_int_equal(in_state(&x, "VERIFIED"), 1);
    end(&x, b, RESULT_PASS); /* it was there already: nothing was written */
    assert_int_equal(in_state(&x, "VERIFIED"), 2);
    assert_int_equal(fixture_int(&x, "SELECT attempt_id FROM pool_value WHERE id = 1"), a.attempt);
    fixture_free(&x);
}

static void an_attempt_that_did_not_ask_vouches_for_nothing(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 2, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION);
    given(&x, "lora", a, &f);
    begin(&x, a);
    end(&x, a, RESULT_FAIL);
    a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION);
    begin(&x, a);
    end(&x, a, RESULT_PASS);
    assert_int_equal(in_state(&x, "WRITTEN"), 1);
    fixture_free(&x);
}

static void the_seventeenth_is_refused_and_the_low_mark_told_once(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    char note[256];

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 16, 4);
    for (uint32_t i = 1; i <= 16; i++) {
        struct hand h = put_on(&x, (int)i, i, ATTEMPT_PRODUCTION);
        assert_string_not_equal(given(&x, "lora", h, &f), "");
        bool told = next_note(&x, note);
        assert_int_equal(told, i == 12);
        if (told)
            assert_string_equal(note, "pool lora: 4 values are left: flashline pool import lora");
        end(&x, h, RESULT_PASS);
    }
    struct hand last = put_on(&x, 1, 17, ATTEMPT_PRODUCTION);
    assert_string_equal(given(&x, "lora", last, &f), "");
    assert_int_equal(f.code, HOLD_POOL_EMPTY);
    assert_non_null(strstr(f.detail, "flashline pool import"));
    assert_int_equal(failure_result(&f), RESULT_HOLD);
    assert_non_null(strstr(failure_remedy(f.code), "flashline pool import"));
    end(&x, last, RESULT_ERROR);
    /* A board of before still gets its own. */
    struct hand again = put_on(&x, 1, 3, ATTEMPT_REWORK);
    assert_string_equal(given(&x, "lora", again, &f), "70:b3:d5:49:90:00:00:0e");
    fixture_free(&x);
}

static void nobody_but_an_identified_board_of_an_open_attempt_is_given_any(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 4, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION), b = put_on(&x, 2, 2, ATTEMPT_PRODUCTION);
    const struct hand exchanged = {.attempt = a.attempt, .mac = b.mac};
    assert_string_equal(given(&x, "lora", exchanged, &f), "");
    assert_int_equal(f.code, FAIL_POOL);
    assert_string_equal(given(&x, "LORA", a, &f), "");
    assert_non_null(strstr(f.detail, "there is no such pool"));
    end(&x, a, RESULT_PASS);
    assert_string_equal(given(&x, "lora", a, &f), "");
    assert_int_equal(f.code, FAIL_POOL);
    assert_int_equal(in_state(&x, "FREE"), 4);
    fixture_free(&x);
}

static void practice_takes_nothing(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    char first[64];

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 1, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_TRAINING), b = put_on(&x, 2, 2, ATTEMPT_TRAINING);
    snprintf(first, sizeof first, "%s", given(&x, "lora", a, &f));
    assert_memory_equal(first, "02:f1:a5:", 9); /* no maker ships it */
    assert_string_not_equal(given(&x, "lora", b, &f), first);
    assert_string_equal(given(&x, "lora", a, &f), first);
    begin(&x, a);
    end(&x, a, RESULT_PASS);
    assert_int_equal(in_state(&x, "FREE"), 1);
    fixture_free(&x);
}

/* A pool of numbers is for a place that takes nothing else: so is what practice gets, and it fits where the longest does. */
static void practice_of_numbers_is_a_number(void **state)
{
    (void)state;
    static const struct {
        const char *pool, *values[2], *begins;
        size_t size, digits;
    } rows[] = {{"number", {"7", "65535"}, "0", 5, 5},
                {"one", {"1", "2"}, "", 1, 1},
                {"mixed", {"65534", "SN-65535"}, "PRACTICE", 8, 0}};
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    struct hand t = put_on(&x, 1, 1, ATTEMPT_TRAINING);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool_block b;
        pool_block_begin(&b, rows[i].pool, &words);
        snprintf(b.source, sizeof b.source, "numbers.csv");
        for (int k = 0; k < 2; k++)
            assert_int_equal(pool_block_add(&b, rows[i].values[k], POOL_FREE, NULL, k + 1, &f), 0);
        assert_int_equal(take_in(&x, &b, WORK_POOL_IMPORT, &f), 0);
        pool_block_free(&b);
        const char *text = given(&x, rows[i].pool, t, &f);
        assert_int_equal(strlen(text), rows[i].size);
        assert_int_equal(strspn(text, "0123456789"), rows[i].digits);
        assert_memory_equal(text, rows[i].begins, strlen(rows[i].begins));
    }
    fixture_free(&x);
}

/* A pool of files gives the path; of a file that is gone nothing is given, and practice has one of its own. */
static void a_pool_of_files_leads_to_them(void **state)
{
    (void)state;
    static const char *const names[] = {"unit-1", "unit-2", "practice"};
    const struct pool_shape files = {POOL_FILE, 6};
    struct db_fixture x;
    struct pool_block b;
    struct pool_value v;
    struct failure f = {0};
    char path[160];

    fixture_new(&x);
    fixture_start(&x);
    pool_block_begin(&b, "certs", &files);
    snprintf(b.source, sizeof b.source, "certs");
    snprintf(b.folder, sizeof b.folder, "%s", x.dir);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pool_block_add(&b, names[i], POOL_FREE, NULL, 0, &f), 0);
    assert_int_equal(take_in(&x, &b, WORK_POOL_IMPORT, &f), 0);
    pool_block_free(&b);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION), t = put_on(&x, 2, 2, ATTEMPT_TRAINING);
    assert_string_equal(given(&x, "certs", a, &f), "");
    assert_int_equal(f.code, FAIL_POOL);
    assert_non_null(strstr(f.detail, "unit-1 cannot be read"));
    assert_int_equal(in_state(&x, "FREE"), 2);
    assert_string_equal(given(&x, "certs", t, &f), "");
    assert_non_null(strstr(f.detail, "practice cannot be read"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", x.dir, names[i]);
        scratch_save_text(path, "x");
    }
    assert_int_equal(pool_reserve(x.db, "certs", &t.mac, t.attempt, NULL, &v, &f), 0);
    assert_true(v.practice);
    assert_string_equal(v.path, path);
    assert_int_equal(pool_reserve(x.db, "certs", &a.mac, a.attempt, NULL, &v, &f), 0);
    assert_string_equal(v.text, "unit-1");
    assert_memory_equal(v.path + strlen(v.path) - 7, "/unit-1", 8);
    assert_int_equal(in_state(&x, "FREE"), 1);
    fixture_free(&x);
}

/* Whatever the programme asks for. */
static void the_file_itself_refuses_what_is_twice(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "INSERT INTO pool_value(pool_id, block_id, value, state, changed_ms) VALUES (1, 1, '70:b3:d5:49:90:00:00:01', 'FREE', 5)",
        "INSERT INTO pool_value(pool_id, block_id, value, eui, state, changed_ms) VALUES (1, 1, 'x', x'70b3d54990000001', 'FREE', 5)",
        "UPDATE pool_value SET state = 'RESERVED', mac = x'240ac4000001' WHERE id = 2",
        "UPDATE pool_value SET state = 'WRITTEN', mac = x'240ac4000007' WHERE id = 2",
    };
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 2, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION);
    given(&x, "lora", a, &f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_not_equal(fixture_exec(&x, rows[i]), SQLITE_OK);
    fixture_free(&x);
}

static void what_is_spoiled_is_nobodys(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;
    const struct work_call spoil = {
        .action = WORK_POOL_SPOIL, .object = "lora", .number = 1, .reason = "label was torn"};
    struct work_call mute = spoil;

    mute.reason = NULL;
    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 3, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION);
    assert_string_equal(given(&x, "lora", a, &f), "70:b3:d5:49:90:00:00:03");
    assert_int_equal(work_do(x.db, &spoil, NULL, &f), -1); /* its board is under way */
    assert_non_null(strstr(f.detail, "being flashed"));
    end(&x, a, RESULT_PASS);
    assert_int_equal(work_do(x.db, &mute, NULL, &f), -1);
    assert_int_equal(work_do(x.db, &spoil, NULL, &f), 0);
    assert_int_equal(work_do(x.db, &spoil, NULL, &f), -1);
    a = put_on(&x, 1, 1, ATTEMPT_REWORK);
    assert_string_equal(given(&x, "lora", a, &f), "70:b3:d5:49:90:00:00:02");
    assert_int_equal(
        fixture_int(&x, "SELECT count(*) FROM audit WHERE action = 'pool.spoil' AND reason = 'label was torn'"
                        " AND object = 'lora 1' AND old = 'VERIFIED, MAC 240ac4000001'"
                        " AND new = 'SPOILED: 70:b3:d5:49:90:00:00:03'"),
        1);
    fixture_free(&x);
}

static void imports_are_whole_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *value, *pool;
        const char *says;
    } rows[] = {
        {"70b3d54990000001", "other", "new.csv:2: 70:b3:d5:49:90:00:00:01 is in another pool: lora"},
        {"70b3d54990000009", "lora", ""},
    };
    struct db_fixture x;
    struct failure f = {0};

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 2, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pool_block b;
        pool_block_begin(&b, rows[i].pool, &eui64);
        snprintf(b.uuid, sizeof b.uuid, "n%zu", i);
        snprintf(b.source, sizeof b.source, "new.csv");
        assert_int_equal(pool_block_add(&b, "70b3d549900000ff", POOL_FREE, NULL, 1, &f), 0);
        assert_int_equal(pool_block_add(&b, rows[i].value, POOL_FREE, NULL, 2, &f), 0);
        assert_int_equal(take_in(&x, &b, WORK_POOL_IMPORT, &f), rows[i].says[0] != '\0' ? -1 : 0);
        if (rows[i].says[0] != '\0')
            assert_non_null(strstr(f.detail, rows[i].says));
        pool_block_free(&b);
        assert_int_equal(in_state(&x, "FREE"), rows[i].says[0] != '\0' ? 2 : 4);
    }
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM pool"), 1);
    fixture_free(&x);
}

static void twice_the_same_doubles_nothing(void **state)
{
    (void)state;
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 3, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION);
    given(&x, "lora", a, &f);
    fixture_write(&x, "UPDATE pool SET low_water = 0"); /* something of its own between both */
    struct pool_block b;
    pool_block_begin(&b, "lora", &eui64);
    snprintf(b.uuid, sizeof b.uuid, "once more");
    snprintf(b.source, sizeof b.source, "eui.csv");
    for (int i = 1; i <= 4; i++) {
        char text[32];
        snprintf(text, sizeof text, "70-b3-d5-49-90-00-00-%02X", i);
        assert_int_equal(pool_block_add(&b, text, POOL_FREE, NULL, i, &f), 0);
    }
    assert_int_equal(take_in(&x, &b, WORK_POOL_IMPORT, &f), 0);
    pool_block_free(&b);
    assert_int_equal(fixture_int(&x, "SELECT count(*) FROM pool_value"), 4);
    assert_int_equal(in_state(&x, "RESERVED"), 1);
    assert_int_equal(fixture_int(&x,
                                 "SELECT count(*) FROM audit WHERE action = 'pool.import' AND object = 'lora'"
                                 " AND new = '1 values of kind eui64 from eui.csv, 3 were there already'"),
                     1);
    fixture_free(&x);
}

/* By our own check and by a reader that knows the page alone. */
static void assert_good(struct db_fixture *x, bool good, const char *says)
{
    struct verify_report r;
    struct failure f = {0};
    char command[512];

    assert_int_equal(verify_all(x->db, &r, &f), 0);
    if (good && r.found != 0)
        fail_msg("%s", r.text);
    if (!good)
        assert_non_null(strstr(r.text, says));
    if (system("python3 -c 'import sqlite3' 2>/dev/null") != 0)
        return;
    fixture_stop(x);
    snprintf(command, sizeof command, "python3 '%s' '%s' >/dev/null 2>&1",
             SOURCE_DIR "/tests/support/read_chain.py", x->path);
    assert_int_equal(system(command) == 0, good);
    fixture_start(x);
}

static void what_was_handed_out_cannot_be_taken_back_unseen(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "UPDATE pool_value SET state = 'FREE', mac = NULL, attempt_id = NULL WHERE id = 1",
        "UPDATE pool_value SET mac = x'240ac4000009' WHERE id = 1",
        "UPDATE pool_value SET state = 'RESERVED' WHERE id = 1",
        "UPDATE pool_value SET value = 'x' WHERE id = 2",
        "DELETE FROM pool_value",
        "DELETE FROM pool_block",
        "UPDATE pool_block SET amount = 9",
        "UPDATE pool SET kind = 'TEXT'",
    };
    struct db_fixture x;
    struct failure f;

    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 2, 0);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION);
    given(&x, "lora", a, &f);
    end(&x, a, RESULT_PASS);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_not_equal(fixture_exec(&x, refused[i]), SQLITE_OK);
    assert_good(&x, true, "");
    fixture_stop(&x);
    assert_int_equal(fixture_exec(&x, "INSERT INTO pool_value(pool_id, block_id, value, state, changed_ms)"
                                      " VALUES (1, 1, '70:b3:d5:49:90:00:00:77', 'FREE', 5)"),
                     SQLITE_OK);
    fixture_start(&x);
    assert_good(&x, false, "pool_value 3 stands in no entry of the journal");
    fixture_free(&x);
}

static void secrets_stand_sealed_and_open_by_their_key_alone(void **state)
{
    (void)state;
    static const char secret[] = "00112233445566778899aabbccddeeff";
    struct db_fixture x;
    struct pool_key key, other;
    struct pool_value v;
    struct pool_block b;
    struct failure f = {0};
    char path[160], command[1024];

    fixture_new(&x);
    fixture_start(&x);
    snprintf(path, sizeof path, "%s/key", x.dir);
    assert_int_equal(pool_key_new(path, &f), 0);
    assert_int_equal(pool_key_new(path, &f), -1); /* one that is there is never replaced */
    assert_int_equal(pool_key_read(path, &key, &f), 0);
    snprintf(path, sizeof path, "%s/other", x.dir);
    assert_int_equal(pool_key_new(path, &f), 0);
    assert_int_equal(pool_key_read(path, &other, &f), 0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(pool_key_read(path, &other, &f), -1);
    assert_non_null(strstr(f.detail, "chmod 600"));
    pool_block_begin(&b, "keys", &key16);
    b.secret = true;
    snprintf(b.uuid, sizeof b.uuid, "keys");
    snprintf(b.source, sizeof b.source, "keys.csv");
    assert_int_equal(pool_block_add(&b, secret, POOL_FREE, NULL, 1, &f), 0);
    assert_int_equal(pool_block_add(&b, "0011", POOL_FREE, NULL, 2, &f), -1);
    assert_null(strstr(f.detail, "0011"));
    assert_int_equal(pool_block_seal(&b, &key, &f), 0);
    assert_int_equal(take_in(&x, &b, WORK_POOL_IMPORT, &f), 0);
    pool_block_free(&b);
    struct hand a = put_on(&x, 1, 1, ATTEMPT_PRODUCTION);
    assert_int_equal(pool_reserve(x.db, "keys", &a.mac, a.attempt, NULL, &v, &f), -1);
    assert_non_null(strstr(f.detail, "pool_key"));
    memset(&other, 7, sizeof other);
    assert_int_equal(pool_reserve(x.db, "keys", &a.mac, a.attempt, &other, &v, &f), -1);
    assert_non_null(strstr(f.detail, "another key"));
    assert_int_equal(in_state(&x, "FREE"), 1); /* what does not open is not given out */
    assert_int_equal(pool_reserve(x.db, "keys", &a.mac, a.attempt, &key, &v, &f), 0);
    assert_true(v.secret);
    assert_string_equal(v.text, secret);
    assert_int_equal(v.size, 16);
    assert_int_equal(v.bytes[1], 0x11);
    end(&x, a, RESULT_PASS);
    fixture_stop(&x);
    /* Neither as text nor as bytes anywhere in what the station wrote, the key apart. */
    snprintf(
        command, sizeof command,
        "cd '%s' && ! cat [!ko]* | LC_ALL=C grep -aqiF %s && ! cat [!ko]* | LC_ALL=C grep -aqF \"$(printf '\\042\\063\\104\\125\\146\\167\\210')\"",
        x.dir, secret);
    assert_int_equal(system(command), 0);
    fixture_free(&x);
}

static void a_lent_block_is_taken_once_by_the_station_it_is_for(void **state)
{
    (void)state;
    static const char uuid[] = "01970000-0000-7000-8000-000000000001";
    struct db_fixture x;
    struct pool_block b;
    struct failure f = {0};
    const struct work_call lend = {.action = WORK_POOL_LEND,
                                   .object = "lora",
                                   .number = 2,
                                   .text = "01970000-0000-7000-8000-000000000001 line-2"};
    struct work_call many = lend;

    many.number = 5;
    fixture_new(&x);
    fixture_start(&x);
    bring_in(&x, "lora", 4, 0);
    assert_int_equal(work_do(x.db, &many, NULL, &f), -1);
    assert_non_null(strstr(f.detail, "4 values can be lent"));
    assert_int_equal(work_do(x.db, &lend, NULL, &f), 0);
    assert_int_equal(work_do(x.db, &lend, NULL, &f), -1); /* a block is one block */
    assert_int_equal(in_state(&x, "LENT"), 2);
    for (uint32_t i = 1; i <= 3; i++) {
        struct hand h = put_on(&x, (int)i, i, ATTEMPT_PRODUCTION);
        const char *got = given(&x, "lora", h, &f);
        assert_string_equal(got, i == 1   ? "70:b3:d5:49:90:00:00:04"
                                 : i == 2 ? "70:b3:d5:49:90:00:00:03"
                                          : "");
    }
    pool_block_begin(&b, "lora", &eui64);
    snprintf(b.uuid, sizeof b.uuid, "%s", uuid);
    snprintf(b.source, sizeof b.source, "lent.block");
    snprintf(b.from, sizeof b.from, "line-1");
    snprintf(b.to, sizeof b.to, "line-2");
    assert_int_equal(pool_block_add(&b, "70b3d54990000002", POOL_FREE, NULL, 0, &f), 0);
    assert_int_equal(take_in(&x, &b, WORK_POOL_TAKE, &f), -1); /* here it was lent */
    snprintf(b.uuid, sizeof b.uuid, "01970000-0000-7000-8000-000000000002");
    assert_int_equal(take_in(&x, &b, WORK_POOL_TAKE, &f), -1);
    assert_non_null(strstr(f.detail, "was lent to station line-2"));
    b.to[0] = '\0';
    assert_int_equal(take_in(&x, &b, WORK_POOL_TAKE, &f), -1);
    assert_non_null(strstr(f.detail, "is in this pool already"));
    assert_int_equal(take_in(&x, &b, WORK_POOL_IMPORT, &f), -1);
    pool_block_free(&b);
    fixture_free(&x);
}

static void a_block_that_was_cut_or_changed_is_none(void **state)
{
    (void)state;
    struct db_fixture x;
    struct pool_block b, back;
    struct failure f = {0};
    char path[160];
    const struct mac owner = board_identity(3).mac;
    struct stat st;

    fixture_new(&x);
    block_path(&x, path);
    pool_block_begin(&b, "words", &words);
    snprintf(b.uuid, sizeof b.uuid, "w");
    snprintf(b.source, sizeof b.source, "w.csv");
    assert_int_equal(pool_block_add(&b, "SN 1, \"a\"", POOL_FREE, NULL, 1, &f), 0);
    assert_int_equal(pool_block_add(&b, "SN 2", POOL_VERIFIED, &owner, 2, &f), 0);
    assert_int_equal(pool_block_write(&b, path, &f), 0);
    pool_block_free(&b);
    assert_int_equal(pool_block_read(path, &back, &f), 0);
    assert_int_equal(back.count, 2);
    assert_string_equal(back.entries[0].text, "SN 1, \"a\"");
    assert_true(back.entries[1].has_mac && back.entries[1].state == POOL_VERIFIED &&
                back.entries[1].line == 2);
    pool_block_free(&back);
    assert_int_equal(stat(path, &st), 0);
    for (off_t size = 0; size < st.st_size; size += 7) {
        assert_int_equal(truncate(path, st.st_size - 1 - size), 0);
        assert_int_equal(pool_block_read(path, &back, &f), -1);
        pool_block_free(&back);
    }
    fixture_free(&x);
}

static void values_have_one_form(void **state)
{
    (void)state;
    static const struct {
        struct pool_shape shape;
        const char *text, *is; /* NULL: refused */
    } rows[] = {
        {{POOL_EUI64, 8}, "70B3D54990000001", "70:b3:d5:49:90:00:00:01"},
        {{POOL_EUI64, 8}, "70-b3-d5-49-90-00-00-01", "70:b3:d5:49:90:00:00:01"},
        {{POOL_EUI64, 8}, "70b3d549900000", NULL},
        {{POOL_EUI64, 8}, "71b3d54990000001", NULL}, /* group */
        {{POOL_EUI64, 8}, "0000000000000000", NULL},
        {{POOL_EUI64, 8}, "ffffffffffffffff", NULL},
        {{POOL_MAC, 6}, "02f1a5000001", NULL}, /* practice's own */
        {{POOL_MAC, 6}, "70b3d5490001", "70:b3:d5:49:00:01"},
        {{POOL_HEX, 2}, "AB:cd", "abcd"},
        {{POOL_HEX, 2}, "abc", NULL},
        {{POOL_HEX, 2}, "abcdef", NULL},
        {{POOL_TEXT, 1}, "SN 7", "SN 7"},
        {{POOL_TEXT, 1}, "a\tb", NULL},
        {{POOL_TEXT, 1}, " ", NULL},
        {{POOL_FILE, 1}, "../x", NULL},
        {{POOL_FILE, 1}, "unit-1", "unit-1"},
    };
    char out[POOL_TEXT_SIZE];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *trouble = pool_value_normal(&rows[i].shape, rows[i].text, out);
        if ((trouble == NULL) != (rows[i].is != NULL))
            fail_msg("%s: %s", rows[i].text, trouble != NULL ? trouble : out);
        if (trouble == NULL)
            assert_string_equal(out, rows[i].is);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_board_has_its_own_and_keeps_it),
        cmocka_unit_test(an_attempt_that_did_not_ask_vouches_for_nothing),
        cmocka_unit_test(the_seventeenth_is_refused_and_the_low_mark_told_once),
        cmocka_unit_test(nobody_but_an_identified_board_of_an_open_attempt_is_given_any),
        cmocka_unit_test(practice_takes_nothing),
        cmocka_unit_test(practice_of_numbers_is_a_number),
        cmocka_unit_test(a_pool_of_files_leads_to_them),
        cmocka_unit_test(the_file_itself_refuses_what_is_twice),
        cmocka_unit_test(what_is_spoiled_is_nobodys),
        cmocka_unit_test(imports_are_whole_or_nothing),
        cmocka_unit_test(twice_the_same_doubles_nothing),
        cmocka_unit_test(what_was_handed_out_cannot_be_taken_back_unseen),
        cmocka_unit_test(secrets_stand_sealed_and_open_by_their_key_alone),
        cmocka_unit_test(a_lent_block_is_taken_once_by_the_station_it_is_for),
        cmocka_unit_test(a_block_that_was_cut_or_changed_is_none),
        cmocka_unit_test(values_have_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
