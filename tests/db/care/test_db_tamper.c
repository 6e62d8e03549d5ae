/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that somebody who owns the file can do to it, kind by kind, and what verify, check and an anchor say of it.
 * TAMPER_TABLE=1 prints the table.
 */
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

#include "base/out_file.h"
#include "db/care/anchor.h"
#include "tests/support/forger.h"
#include "tests/support/lived_in.h"
#include "tests/support/or_fail.h"
#include "tests/support/skipped.h"
#include "tests/db/care/tamper_kinds.h"

#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

static struct db_fixture house;
static struct anchor anchor;

struct said {
    bool verify, check, anchor;
    char text[256];
};

static void run(sqlite3 *h, const char *sql, const char *of)
{
    char *error = NULL;

    if (sqlite3_exec(h, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", of, error);
}

static void shell(const char *dir, const char *command)
{
    char line[1024];

    snprintf(line, sizeof line, "cd '%s' && %s", dir, command);
    assert_int_equal(system(line), 0);
}

static void tamper(const char *path, const struct kind *k)
{
    sqlite3 *h;
    char *triggers = NULL;

    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    assert_int_equal(sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 0, (int *)NULL), SQLITE_OK);
    run(h, "PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF", k->name);
    if ((k->forged & F_RAW) == 0)
        triggers = forge_triggers_off(h);
    run(h, k->sql, k->name);
    if ((k->forged & F_LINKS) != 0)
        forge_links(h);
    if ((k->forged & F_JOURNAL) != 0)
        forge_journal(h, (k->forged & F_APPEND) != 0, (k->forged & F_AUDIT) != 0);
    else if ((k->forged & F_AUDIT) != 0)
        forge_audit(h);
    if (triggers != NULL)
        run(h, triggers, k->name);
    sqlite3_free(triggers);
    sqlite3_close(h);
}

static void look(const char *path, struct said *said)
{
    const struct db_options o = {.path = path, .mode = DB_REVIEW};
    struct failure f = {0};
    struct verify_report r;
    struct db *db = db_open(&o, &f);

    memset(said, 0, sizeof *said);
    if (db == NULL) {
        *said = (struct said){true, true, true, ""};
        snprintf(said->text, sizeof said->text, "%.255s", f.detail);
        return;
    }
    said->verify = verify_chain(db, &r, &f) != 0 || r.first_bad != 0;
    if (said->verify)
        snprintf(said->text, sizeof said->text, "%.255s", r.text);
    said->anchor = said->verify || anchor_check(db, &anchor, NULL, &f) != 0;
    if (!said->verify && said->anchor)
        snprintf(said->text, sizeof said->text, "%.255s", f.detail);
    said->check = verify_all(db, &r, &f) != 0 || r.first_bad != 0;
    if (!said->anchor && said->check)
        snprintf(said->text, sizeof said->text, "%.255s", r.text);
    db_close(db);
}

static void try_kind(const struct kind *k, struct said *said)
{
    char dir[SCRATCH_SIZE], path[128], copy[128];

    scratch_make(dir, "tamper");
    snprintf(path, sizeof path, "%s/f.db", dir);
    snprintf(copy, sizeof copy, "cp -p f.db* '%s'", dir);
    shell(house.dir, copy);
    if ((k->forged & F_SHELL) != 0)
        shell(dir, k->sql);
    else
        tamper(path, k);
    look(path, said);
    scratch_remove(dir);
}

static char page[32768]; /* docs/audit.md */

/* What the page says of a kind's row: three cells of yes or no after the first. */
static void read_row(const struct kind *k, struct said *want)
{
    char start[96], cells[3][4];
    const char *row = page;

    snprintf(start, sizeof start, "\n| %s", k->row);
    row = strstr(page, start);
    if (row == NULL || (row = strchr(row + 3, '|')) == NULL ||
        sscanf(row, "| %3[a-z] | %3[a-z] | %3[a-z] |", cells[0], cells[1], cells[2]) != 3)
        fail_msg("docs/audit.md has no row '%s'", k->row);
    want->verify = strcmp(cells[0], "yes") == 0;
    want->check = strcmp(cells[1], "yes") == 0;
    want->anchor = strcmp(cells[2], "yes") == 0;
}

static const char *yes(bool found)
{
    return found ? "yes" : "no";
}

static void every_kind_is_found_where_the_page_says(void **state)
{
    (void)state;
    int found[3] = {0}, wrong = 0;

    for (int i = 0; i < KINDS; i++) {
        struct said said, want;
        try_kind(&kinds[i], &said);
        read_row(&kinds[i], &want);
        found[0] += said.verify;
        found[1] += said.check;
        found[2] += said.anchor;
        bool same = said.verify == want.verify && said.check == want.check && said.anchor == want.anchor;
        if (!same || (kinds[i].words != NULL && strstr(said.text, kinds[i].words) == NULL)) {
            print_error("%s: verify %s, check %s, anchor %s, said '%s'\n", kinds[i].name, yes(said.verify),
                        yes(said.check), yes(said.anchor), said.text);
            wrong++;
        }
        if (getenv("TAMPER_TABLE") != NULL)
            printf("| %s | %s | %s | %s | %s |\n", kinds[i].name, yes(said.verify), yes(said.check),
                   yes(said.anchor), said.text);
    }
    print_message("%d kinds: %d found by verify, %d by check, %d by verify with an anchor\n", KINDS, found[0],
                  found[1], found[2]);
    assert_int_equal(wrong, 0);
}

/* The page promises nothing that no kind tries. */
static void every_row_of_the_page_is_tried(void **state)
{
    (void)state;
    const char *at = strstr(page, "| what was done to the file |");
    int rows = 0;

    assert_non_null(at);
    at = strchr(strchr(at, '\n') + 1, '\n') + 1;
    for (; at[0] == '|'; at = strchr(at, '\n') + 1, rows++) {
        int i = 0;
        while (i < KINDS && strncmp(at + 2, kinds[i].row, strlen(kinds[i].row)) != 0)
            i++;
        if (i == KINDS)
            fail_msg("no kind tries '%.60s'", at);
    }
    assert_in_range(rows, 10, 40);
}

static void what_nobody_touched_is_good(void **state)
{
    (void)state;
    static const struct kind nothing = {"nothing", NULL, 0, "", NULL},
                             forged = {"nothing", NULL, F_ALL, "", NULL};
    struct said said;

    try_kind(&nothing, &said);
    assert_string_equal(said.text, "");
    assert_false(said.verify || said.check || said.anchor);
    /* Hashes made anew over what is there are the same: the forger works after the page, and knows what the station knows. */
    try_kind(&forged, &said);
    assert_string_equal(said.text, "");
    assert_false(said.verify || said.check || said.anchor);
}

/* tests/support/read_chain.py knows docs/database.md and nothing of ours: its ends are our ends. */
static void an_independent_reader_agrees(void **state)
{
    (void)state;
    const struct db_options o = {.path = house.path, .mode = DB_REVIEW};
    char command[512], hash[SHA256_TEXT_SIZE], journal[SHA256_TEXT_SIZE], text[512] = "", want[512];
    struct verify_report r;
    struct failure f = {0};

    if (system("python3 -c 'import sqlite3' 2>/dev/null") != 0) {
        skipped_row("python3 is not installed");
        skip();
    }
    struct db *db = db_open_or_fail(&o);
    assert_int_equal(verify_chain(db, &r, &f), 0);
    db_close(db);
    snprintf(command, sizeof command, "python3 '%s' '%s'", SOURCE_DIR "/tests/support/read_chain.py",
             house.path);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    text[fread(text, 1, sizeof text - 1, out)] = '\0';
    assert_int_equal(pclose(out), 0);
    digest_hex(r.head, SHA256_SIZE, hash);
    digest_hex(r.journal, SHA256_SIZE, journal);
    snprintf(want, sizeof want, "records %lld %s\n", (long long)r.head_seq, hash);
    assert_memory_equal(text, want, strlen(want));
    snprintf(want, sizeof want, "\njournal %lld %s\n", (long long)r.journal_seq, journal);
    assert_non_null(strstr(text, want));
}

static int set_up(void **state)
{
    const struct db_options o = {.mode = DB_REVIEW, .path = house.path};
    struct failure f = {0};

    (void)state;
    scratch_read_text(SOURCE_DIR "/docs/audit.md", page, sizeof page);
    fixture_new(&house);
    lived_in_make(&house);
    struct db *db = db_open_or_fail(&o);
    assert_int_equal(anchor_take(db, &anchor, &f), 0);
    db_close(db);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_free(&house);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_touched_is_good),
        cmocka_unit_test(every_kind_is_found_where_the_page_says),
        cmocka_unit_test(every_row_of_the_page_is_tried),
        cmocka_unit_test(an_independent_reader_agrees),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
