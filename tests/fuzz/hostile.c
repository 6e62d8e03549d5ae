/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/hostile.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "db/care/maintain.h"
#include "db/care/retention.h"
#include "db/desk/work.h"
#include "db/read/export.h"
#include "db/record/db_recorder.h"
#include "station/cli/cmd.h"

#define NAMES_MAX 64
#define DAY_MS    86400000LL

struct hostile {
    char dir[64], sound[96], loose[96], work[96], copy[96], out[96];
    char tables[NAMES_MAX][48];
    int table_count;
    FILE *null;
    unsigned round;
};

static void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "hostile: %s\n", what);
    abort();
}

static void sql(sqlite3 *h, const char *text)
{
    if (sqlite3_exec(h, text, NULL, NULL, NULL) != SQLITE_OK)
        fprintf(stderr, "hostile: %s: %s\n", text, sqlite3_errmsg(h));
}

/* One board, failed or good, with everything an attempt may leave. */
static void flash(struct db_recorder *recorder, int slot, uint8_t tail, enum result result)
{
    const struct recorder *r = db_recorder_face(recorder);
    struct attempt_start s = {.kind = ATTEMPT_PRODUCTION,
                              .slot = slot,
                              .port = "tty:/dev/ttyUSB0",
                              .job_name = "wipy",
                              .firmware_version = "1.18.1",
                              .firmware_source = "WiPy-1.18.1.tar.gz"};
    struct unit_identity u = {.mac = {{0x24, 0x0a, 0xc4, 0, 0, tail}},
                              .chip = "ESP32-D0WDQ6",
                              .revision = 100,
                              .flash_id = 0x1640c8,
                              .flash_size = 8u << 20,
                              .crystal_mhz = 40};
    struct attempt_result e = {.result = result, .baud = 921600, .duration_us = 30500000};
    struct backup b = {.kind = BACKUP_IDENTITY, .offset = 0x3ff000};
    struct recorder_verdict v;
    struct failure f = {0};
    int64_t attempt = 0;

    s.kind = tail % 5 == 0 ? ATTEMPT_TRAINING : ATTEMPT_PRODUCTION;
    duty_set_operator(db_recorder_duty(recorder), "op-7");
    duty_set_lot(db_recorder_duty(recorder), "L1");
    if (r->open(r->ctx, &s, &attempt, &f) != 0)
        return;
    r->identify(r->ctx, attempt, &u, &v, &f);
    r->leave(r->ctx, attempt, &f);
    db_recorder_scan(recorder, &slot, "S1");
    r->begin(r->ctx, attempt, &f);
    memset(b.data, tail, sizeof b.data);
    digest_sha256(b.data, sizeof b.data, b.sha256);
    r->backup(r->ctx, attempt, &b, &f);
    e.stage_us[STAGE_WRITE] = 24000000;
    if (result != RESULT_PASS) {
        failure_set(&e.failure, FAIL_WRITE, STAGE_WRITE, 0, "made by the test");
        e.tx_evidence_len = e.rx_evidence_len = 40;
    }
    r->close(r->ctx, attempt, &e, &f);
}

static void work(struct db *db, enum work_action action, const char *object, int64_t number, const char *text)
{
    const struct work_call call = {.action = action,
                                   .object = object,
                                   .number = number,
                                   .text = text,
                                   .badge = action == WORK_OPERATOR_ADD ? object : NULL,
                                   .new_pin = action == WORK_OPERATOR_ADD ? "246813" : NULL,
                                   .pin = "246813",
                                   .reason = "because it is so"};

    work_do(db, &call, NULL, NULL);
}

/* A row of every kind: good and bad boards, a stop and its release, a lot, people, later words, an archive. */
static void make_sound(struct hostile *h)
{
    const struct db_options o = {.path = h->sound, .mode = DB_STATION, .station = "bench"};
    struct db_policy policy = DB_POLICY_DEFAULT;
    struct retention_report report;
    struct failure f = {0};
    struct db *db = db_open(&o, &f);

    must(db != NULL, f.detail);
    policy.disk_floor = 0;
    struct db_recorder *r = db_recorder_new(db, &policy, &f);
    must(r != NULL, f.detail);
    work(db, WORK_LOT_OPEN, "L1", 12, "W1");
    for (uint8_t i = 1; i <= 8; i++)
        flash(r, i % 3 + 1, i, i % 3 == 0 ? RESULT_FAIL : RESULT_PASS);
    work(db, WORK_ARCHIVE, "before", 0, NULL);
    must(retention_archive(db, db_wall_ms(db) + DAY_MS, NULL, &report, &f) == 0, f.detail);
    for (uint8_t i = 5; i <= 16; i++)
        flash(r, i % 2 + 1, i, i > 11 ? RESULT_FAIL : RESULT_PASS);
    work(db, WORK_UNLOCK, "", 1, NULL);
    work(db, WORK_NOTE, "", 10, NULL);
    work(db, WORK_SCRAP, "", 11, NULL);
    maintain_note_backup(db, true, "verified copy: b.db", &f);
    work(db, WORK_OPERATOR_ADD, "op-7", 0, "operator");
    work(db, WORK_OPERATOR_ADD, "en-1", 0, "engineer");
    db_recorder_free(r);
    db_close(db);
}

static void copy_file(const char *from, const char *to)
{
    uint8_t block[65536];
    ssize_t n;
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(in >= 0 && out >= 0, to);
    while ((n = read(in, block, sizeof block)) > 0)
        must(write(out, block, (size_t)n) == n, to);
    close(in);
    close(out);
}

/* The same rows in tables that take any value anywhere. */
static void make_loose(struct hostile *h)
{
    sqlite3 *s = NULL;
    sqlite3_stmt *q = NULL;

    copy_file(h->sound, h->loose);
    must(sqlite3_open(h->loose, &s) == SQLITE_OK, h->loose);
    sql(s,
        "PRAGMA journal_mode=DELETE; PRAGMA writable_schema=ON;"
        "DELETE FROM sqlite_schema WHERE type = 'trigger';"
        "UPDATE sqlite_schema SET sql = replace(replace(sql, ' STRICT, WITHOUT', ' WITHOUT'), ' STRICT', '')"
        " WHERE type = 'table';"
        "UPDATE sqlite_schema SET sql = replace(replace(sql, ' IS NOT NULL', ' NOTNULL'), ' NOT NULL', '')"
        " WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'");
    sqlite3_close(s);
    must(sqlite3_open(h->loose, &s) == SQLITE_OK, h->loose);
    int rc = sqlite3_prepare_v2(
        s, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'", -1, &q, NULL);
    must(rc == SQLITE_OK, sqlite3_errmsg(s));
    while (sqlite3_step(q) == SQLITE_ROW && h->table_count < NAMES_MAX)
        snprintf(h->tables[h->table_count++], sizeof h->tables[0], "%s",
                 (const char *)sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    sqlite3_close(s);
    must(h->table_count > 10, "the loose copy has no tables");
}

struct hostile *hostile_new(void)
{
    struct hostile *h = calloc(1, sizeof *h);
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    must(h != NULL, "no memory");
    snprintf(h->dir, sizeof h->dir, "%s/flashline-hostile-XXXXXX", base);
    must(mkdtemp(h->dir) != NULL, h->dir);
    snprintf(h->sound, sizeof h->sound, "%s/sound.db", h->dir);
    snprintf(h->loose, sizeof h->loose, "%s/loose.db", h->dir);
    snprintf(h->work, sizeof h->work, "%s/w/work.db", h->dir);
    snprintf(h->copy, sizeof h->copy, "%s/w/copy.db", h->dir);
    snprintf(h->out, sizeof h->out, "%s/w/out", h->dir);
    h->null = fopen("/dev/null", "w");
    must(h->null != NULL, "/dev/null");
    setenv("XDG_CONFIG_HOME", h->dir, 1);
    setenv("XDG_STATE_HOME", h->dir, 1);
    setenv("FLASHLINE_PIN", "246813", 1);
    make_sound(h);
    make_loose(h);
    return h;
}

static void clear_away(const struct hostile *h)
{
    char folder[80], name[400];
    struct dirent *entry;

    snprintf(folder, sizeof folder, "%s/w", h->dir);
    mkdir(folder, 0700);
    DIR *dir = opendir(folder);
    must(dir != NULL, folder);
    while ((entry = readdir(dir)) != NULL) {
        snprintf(name, sizeof name, "%s/%s", folder, entry->d_name);
        unlink(name);
    }
    closedir(dir);
}

void hostile_free(struct hostile *h)
{
    char command[160];

    snprintf(command, sizeof command, "rm -rf %s", h->dir);
    must(system(command) == 0, command);
    fclose(h->null);
    free(h);
}

/* What a hex editor can put in a cell. */
static const char *const values[] = {"NULL",
                                     "0",
                                     "1",
                                     "-1",
                                     "9223372036854775807",
                                     "(-9223372036854775807 - 1)",
                                     "2147483648",
                                     "-2147483649",
                                     "1e308",
                                     "-0.5",
                                     "9e999",
                                     "''",
                                     "'x'",
                                     "x''",
                                     "x'00'",
                                     "x'0a0b'",
                                     "zeroblob(31)",
                                     "zeroblob(32)",
                                     "zeroblob(33)",
                                     "zeroblob(5)",
                                     "zeroblob(7)",
                                     "randomblob(6)",
                                     "zeroblob(5000)",
                                     "zeroblob(100000)",
                                     "'PASS'",
                                     "'OPEN'",
                                     "'NOPE'",
                                     "'engineer'",
                                     "'TRAINING'",
                                     "printf('%.*c', 300, 'a')",
                                     "printf('%.*c', 70000, 'b')",
                                     "CAST(x'c3' AS TEXT)",
                                     "CAST(x'fffe80c0' AS TEXT)",
                                     "CAST(x'00410042' AS TEXT)",
                                     "'{\"write\":1'",
                                     "printf('%.*c', 5000, '[')",
                                     "'../../x'",
                                     "'%s%n%d'",
                                     "char(27) || '[2J'",
                                     "char(8238) || 'abc'",
                                     "400000000000000",
                                     "-62135596800001",
                                     "253402300800000",
                                     "67767976233532999"};

#define VALUES (sizeof values / sizeof values[0])

/* What may be read of a script. */
struct script {
    const uint8_t *at;
    size_t left;
};

static unsigned take(struct script *s, int bytes)
{
    unsigned value = 0;

    for (int i = 0; i < bytes; i++) {
        value = value << 8 | (s->left > 0 ? *s->at : 0);
        s->at += s->left > 0;
        s->left -= s->left > 0;
    }
    return value;
}

/* One cell of one row (or of all) to any value. */
static void set_cell(const struct hostile *h, sqlite3 *s, struct script *in)
{
    const char *table = h->tables[take(in, 1) % (unsigned)h->table_count];
    unsigned column = take(in, 1), row = take(in, 1), value = take(in, 1) % VALUES;
    char text[400];
    sqlite3_stmt *q = NULL;

    snprintf(text, sizeof text, "SELECT * FROM \"%s\" LIMIT 1", table);
    if (sqlite3_prepare_v2(s, text, -1, &q, NULL) != SQLITE_OK)
        return;
    int count = sqlite3_column_count(q);
    const char *name = count > 0 ? sqlite3_column_name(q, (int)(column % (unsigned)count)) : NULL;
    if (name != NULL) {
        if (row == 255)
            snprintf(text, sizeof text, "UPDATE OR IGNORE \"%s\" SET \"%s\" = %s", table, name,
                     values[value]);
        else
            snprintf(
                text, sizeof text,
                "UPDATE OR REPLACE \"%s\" SET \"%s\" = %s WHERE (\"%s\") IN (SELECT \"%s\" FROM \"%s\" LIMIT 1 OFFSET %u)",
                table, name, values[value], name, name, table, row % 20);
        sqlite3_exec(s, text, NULL, NULL, NULL);
    }
    sqlite3_finalize(q);
}

/* Rows gone, doubled or hanging in the air; tables, indexes and triggers that are not what they were. */
static void set_shape(const struct hostile *h, sqlite3 *s, struct script *in)
{
    const char *table = h->tables[take(in, 1) % (unsigned)h->table_count];
    unsigned what = take(in, 1) % 8;
    char text[400];
    static const char *const forms[] = {
        "DELETE FROM \"%s\"",
        "DELETE FROM \"%s\" WHERE rowid %% 2 = 0",
        "DROP TABLE \"%s\"",
        "CREATE TABLE x AS SELECT * FROM \"%s\"",
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE \"%s\"(a)' WHERE 0",
        "UPDATE sqlite_schema SET rootpage = rootpage + 1 WHERE name = '%s'",
        "UPDATE sqlite_schema SET sql = NULL WHERE name = '%s'",
        "UPDATE sqlite_schema SET tbl_name = name WHERE name <> '%s'",
    };

    sqlite3_snprintf((int)sizeof text, text, forms[what], table);
    sqlite3_exec(s, text, NULL, NULL, NULL);
}

/* Rows are changed while the tables are loose; then they say again what the format says. */
static void change_rows(const struct hostile *h, struct script *in, unsigned count)
{
    char text[400];
    sqlite3 *s = NULL;

    copy_file(h->loose, h->work);
    if (sqlite3_open(h->work, &s) == SQLITE_OK) {
        sqlite3_exec(s,
                     "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; PRAGMA foreign_keys=OFF;"
                     "PRAGMA ignore_check_constraints=ON",
                     NULL, NULL, NULL);
        bool shape = false;
        for (unsigned i = 0; i < count; i++) {
            bool rows = take(in, 1) % 8 != 0;
            if (rows)
                set_cell(h, s, in);
            else
                set_shape(h, s, in);
            shape = shape || !rows;
        }
        snprintf(text, sizeof text, "ATTACH 'file:%s?mode=ro&immutable=1' AS sound", h->sound);
        sqlite3_exec(s, text, NULL, NULL, NULL);
        sqlite3_exec(
            s,
            "PRAGMA writable_schema=ON;"
            "UPDATE main.sqlite_schema SET sql = coalesce((SELECT o.sql FROM sound.sqlite_schema o"
            " WHERE o.name = sqlite_schema.name AND o.type = sqlite_schema.type), sql);"
            "INSERT INTO main.sqlite_schema SELECT * FROM sound.sqlite_schema WHERE type = 'trigger'",
            NULL, NULL, NULL);
    }
    sqlite3_close(s);
}

/* Bytes of the file itself: its header, the heads of its pages, anything. */
static void change_bytes(int fd, off_t size, struct script *in)
{
    static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, 2, 5, 10, 13};
    unsigned what = take(in, 1) % 6;
    off_t pages = size / 4096 > 0 ? size / 4096 : 1, at = 0;
    uint8_t bytes[4096];
    size_t len = 1;

    bytes[0] = odd[take(in, 1) % sizeof odd];
    switch (what) {
    case 0:
        at = take(in, 1) % 100;
        break;
    case 1:
        at = (off_t)(take(in, 1) % pages) * 4096 + take(in, 1) % 12;
        break;
    case 2:
        at = (off_t)take(in, 3) % size;
        bytes[0] = (uint8_t)take(in, 1);
        break;
    case 3: /* the cell pointers, and the cells' own heads */
        at = (off_t)(take(in, 1) % pages) * 4096 + 8 + take(in, 1);
        break;
    case 4: /* another page in its place */
        len = sizeof bytes;
        at = (off_t)(take(in, 1) % pages) * 4096;
        if (pread(fd, bytes, len, (off_t)(take(in, 1) % pages) * 4096) != (ssize_t)len)
            return;
        break;
    default:
        if (ftruncate(fd, (off_t)take(in, 3) % size) != 0)
            return;
        len = 0;
    }
    if (len > 0 && pwrite(fd, bytes, len, at) < 0)
        return;
}

static void mutate(struct hostile *h, struct script *in)
{
    unsigned rows = take(in, 1) % 6, bytes = take(in, 1) % 4;

    if (rows > 0)
        change_rows(h, in, rows);
    else
        copy_file(h->sound, h->work);
    int fd = open(h->work, O_RDWR | O_CLOEXEC);
    struct stat st;
    must(fd >= 0 && fstat(fd, &st) == 0, h->work);
    if (rows > 0) /* WAL again */
        must(pwrite(fd, "\2\2", 2, 18) == 2, h->work);
    for (unsigned i = 0; i < bytes && st.st_size > 0; i++)
        change_bytes(fd, st.st_size, in);
    close(fd);
}

static void verb(int (*run)(int, char **), const char *line, const char *path, bool json)
{
    char text[400], *argv[16];
    int argc = 0;

    snprintf(text, sizeof text, "%s --db %s%s", line, path, json ? " --json" : "");
    for (char *word = strtok(text, " "); word != NULL && argc < 15; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    run(argc, argv);
}

/* Which verbs: about half of them each time, for a hundred thousand databases are many. */
static void read_all(const struct hostile *h, unsigned which, bool json)
{
    static const struct {
        int (*run)(int, char **);
        const char *line;
    } verbs[] = {{cmd_units, "units"},
                 {cmd_attempts, "attempts --training"},
                 {cmd_unit, "unit 24:0a:c4:00:00:0d"},
                 {cmd_unit, "unit S1"},
                 {cmd_yield, "yield"},
                 {cmd_lots, "lots --all"},
                 {cmd_operator, "operator"},
                 {cmd_db, "db check"},
                 {cmd_db, "db verify"},
                 {cmd_db, "db head"},
                 {cmd_db, "db events"},
                 {cmd_db, "db audit"}};
    char line[200];

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if ((which >> i & 1) != 0)
            verb(verbs[i].run, verbs[i].line, h->work, json);
    if ((which >> 12 & 1) != 0) {
        snprintf(line, sizeof line, "export --format %s -o %s", json ? "jsonl" : "csv", h->out);
        verb(cmd_export, line, h->work, json);
    }
}

static void copy_out(const struct hostile *h, bool json)
{
    char line[200];

    snprintf(line, sizeof line, "export --format sqlite -o %s", h->out);
    verb(cmd_export, line, h->work, json);
    snprintf(line, sizeof line, "backup -o %s.backup", h->out);
    verb(cmd_backup, line, h->work, json);
    snprintf(line, sizeof line, "db restore %s --reason r", h->work);
    verb(cmd_db, line, h->copy, json);
}

/* As a station: opened for writing, and a board flashed with what is in it. */
static void write_in(const struct hostile *h, bool lock)
{
    const struct db_options o = {.path = h->work, .mode = DB_STATION, .station = "bench"};
    struct db_policy policy = DB_POLICY_DEFAULT;
    struct retention_report report;
    struct failure f = {0};
    struct db *db = db_open(&o, &f);
    struct db_recorder *r = db == NULL ? NULL : db_recorder_new(db, &policy, &f);
    char text[256];

    policy.disk_floor = 0;
    if (r != NULL) {
        db_recorder_set_policy(r, &policy);
        flash(r, 1, 5, RESULT_PASS);
        flash(r, 3, 99, RESULT_FAIL);
        while (db_recorder_next_note(r, text, sizeof text))
            ;
        work(db, WORK_LOT_OPEN, "L9", 1, NULL);
        if (lock) { /* a PIN takes long on purpose */
            work(db, WORK_LOT_EXTEND, "L1", 1, NULL);
            retention_archive(db, db_wall_ms(db) + DAY_MS, NULL, &report, &f);
        }
    }
    db_recorder_free(r);
    db_close(db);
}

void hostile_try(struct hostile *h, const uint8_t *script, size_t size)
{
    struct script in = {script, size};
    unsigned how = take(&in, 1), which = take(&in, 2);
    FILE *out = stdout, *err = stderr;

    clear_away(h);
    mutate(h, &in);
    fflush(stdout);
    stdout = stderr = h->null; /* the sanitizer writes to the descriptor */
    read_all(h, size > 3 ? which : ~0u, how & 1);
    if (how % 64 == 2) /* takes as long as thirty others */
        copy_out(h, how & 1);
    if (how % 4 == 1)
        write_in(h, how % 64 == 1);
    stdout = out;
    stderr = err;
}
