/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_db - care of the database: check, verify, head, restore. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/station_files.h"
#include "base/time_text.h"
#include "db/care/anchor.h"
#include "db/care/verify.h"
#include "db/read/audit_query.h"
#include "db/read/event_query.h"
#include "station/cli/archive_records.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/cli/restore_records.h"
#include "station/print/json.h"
#include "station/print/table.h"
#include "station/print/utf8.h"

struct db_call {
    struct options_common common;
    const char *anchor, *public_key, *sign, *output, *before, *reason, *operator_id;
};

static void put_lines(json_t *o, const char *key, const char (*lines)[VERIFY_TEXT], int count, int max)
{
    json_t *list = json_array();

    for (int i = 0; i < count && i < max; i++) {
        char *clean = utf8_repair(lines[i]);
        json_array_append_new(list, clean != NULL ? json_string(clean) : json_null());
        free(clean);
    }
    json_object_set_new(o, key, list);
}

static void say_json(const char *event, const struct verify_report *r)
{
    char hash[SHA256_TEXT_SIZE], journal[SHA256_TEXT_SIZE];
    json_t *o = json_line_new(event);

    digest_hex(r->head, SHA256_SIZE, hash);
    digest_hex(r->journal, SHA256_SIZE, journal);
    json_put_bool(o, "good", r->first_bad == 0);
    json_put_int(o, "records", r->attempts);
    json_put_int(o, "head_seq", r->head_seq);
    json_put_text(o, "head", hash);
    json_put_int(o, "journal_seq", r->journal_seq);
    json_put_text(o, "journal", journal);
    json_put_int(o, "first_bad", r->first_bad);
    json_put_text(o, "text", r->text);
    json_put_int(o, "found", r->found);
    put_lines(o, "findings", r->findings, r->found, VERIFY_FINDINGS_MAX);
    put_lines(o, "notes", r->notes, r->noted, VERIFY_NOTES_MAX);
    json_line_write(stdout, o);
}

/* A line for each finding, and one that says what to do about all of them. */
static int say_findings(const struct verify_report *r)
{
    if (r->first_bad == 0)
        return EXIT_ALL_PASS;
    for (int i = 0; i < r->found && i < VERIFY_FINDINGS_MAX; i++)
        cmd_fail(EXIT_INPUT, "db", "%s", r->findings[i]);
    if (r->found > VERIFY_FINDINGS_MAX)
        cmd_fail(EXIT_INPUT, "db", "and %d more", r->found - VERIFY_FINDINGS_MAX);
    return cmd_fail(
        EXIT_INPUT, "db",
        "keep this file as it is; look at the last backup (flashline db verify --db BACKUP), and restore it"
        " if it is good (flashline db restore BACKUP)");
}

static int say(const struct db_call *c, const char *event, const struct verify_report *r)
{
    char hash[SHA256_TEXT_SIZE];

    digest_hex(r->head, SHA256_SIZE, hash);
    if (c->common.json)
        say_json(event, r);
    else if (r->first_bad == 0)
        printf("good: %lld records, head %lld %s\n", (long long)r->attempts, (long long)r->head_seq, hash);
    for (int i = 0; i < r->noted && i < VERIFY_NOTES_MAX && !c->common.json; i++)
        printf("note: %s\n", r->notes[i]);
    return say_findings(r);
}

static int db_check(const struct db_call *c, struct db *db, struct failure *f)
{
    struct verify_report r;

    return verify_all(db, &r, f) != 0 ? -1 : say(c, "check", &r);
}

static int db_verify(const struct db_call *c, struct db *db, struct failure *f)
{
    struct verify_report r;
    struct anchor a;

    if (verify_chain(db, &r, f) != 0)
        return -1;
    if (r.first_bad == 0 && c->anchor != NULL &&
        (anchor_read(&a, c->anchor, f) != 0 || anchor_check(db, &a, c->public_key, f) != 0))
        return -1;
    return say(c, "verify", &r);
}

static int db_head(const struct db_call *c, struct db *db, struct failure *f)
{
    struct anchor a;
    char hash[SHA256_TEXT_SIZE], journal[SHA256_TEXT_SIZE];

    if (anchor_take(db, &a, f) != 0 || (c->sign != NULL && anchor_sign(&a, c->sign, f) != 0))
        return -1;
    if (c->output != NULL && station_files_may_write(db_station_files(db), c->output, WRITE_FILE, f) != 0)
        return -1;
    if (c->output != NULL && anchor_write(&a, c->output, f) != 0)
        return -1;
    digest_hex(a.hash, SHA256_SIZE, hash);
    digest_hex(a.journal, SHA256_SIZE, journal);
    if (c->common.json) {
        json_t *o = json_line_new("head");
        json_put_text(o, "station", a.station);
        json_put_int(o, "seq", a.seq);
        json_put_text(o, "hash", hash);
        json_put_int(o, "journal_seq", a.journal_seq);
        json_put_text(o, "journal", journal);
        json_put_bool(o, "signed", a.is_signed);
        json_line_write(stdout, o);
        return EXIT_ALL_PASS;
    }
    printf("%lld %s%s\njournal %lld %s\n", (long long)a.seq, hash, a.is_signed ? " signed" : "",
           (long long)a.journal_seq, journal);
    return EXIT_ALL_PASS;
}

static int db_events(const struct db_call *c, struct db *db, struct failure *f)
{
    static const char *const titles[] = {"AT", "KIND", "WHAT", NULL};
    struct table *t = table_new(titles);
    struct event_cursor *events = t == NULL ? NULL : event_query(db, f);
    struct event_row row;
    int rc = -1;

    while (events != NULL && (rc = event_next(events, &row, f)) == 1) {
        if (c->common.json) {
            json_t *o = json_line_new("station_event");
            json_put_time(o, "at", row.at_ms);
            json_put_text(o, "kind", row.kind);
            json_put_int(o, "amount", row.amount);
            json_put_text(o, "text", row.text);
            json_line_write(stdout, o);
        } else {
            table_time(t, row.at_ms);
            table_text(t, row.kind);
            table_text(t, row.text);
        }
    }
    event_cursor_free(events);
    if (rc == 0 && !c->common.json)
        table_print(t, stdout);
    table_free(t);
    return rc == 0 ? EXIT_ALL_PASS : -1;
}

static void put_audit(json_t *o, const struct audit_row *row)
{
    json_put_int(o, "id", row->id);
    json_put_time(o, "at", row->at_ms);
    json_put_text(o, "actor", row->actor);
    json_put_text(o, "role", row->role);
    json_put_text(o, "action", row->action);
    json_put_text(o, "object", row->object);
    json_put_text(o, "old", row->old);
    json_put_text(o, "new", row->fresh);
    json_put_text(o, "reason", row->reason);
}

static void print_plain(const char *before, const char *text, const char *after)
{
    char *plain = text != NULL && text[0] != '\0' ? utf8_plain(text) : NULL;

    if (plain != NULL)
        printf("%s%s%s", before, plain, after);
    free(plain);
}

/* Lines, not a table: what was and what is may be long. */
static void print_audit(const struct audit_row *row)
{
    char at[TIME_TEXT_SIZE];

    time_text_local(row->at_ms, at);
    printf("%lld  %s  ", (long long)row->id, at);
    print_plain("", row->actor, " ");
    printf("(%s)  %s", row->role, row->action);
    print_plain(" ", row->object, "");
    putchar('\n');
    print_plain("    was  ", row->old, "\n");
    print_plain("    now  ", row->fresh, "\n");
    print_plain("    why  ", row->reason, "\n");
}

static int db_audit(const struct db_call *c, struct db *db, struct failure *f)
{
    struct audit_cursor *audit = audit_query(db, f);
    struct audit_row row;
    int rc = -1;

    while (audit != NULL && (rc = audit_next(audit, &row, f)) == 1) {
        if (c->common.json) {
            json_t *o = json_line_new("audit");
            put_audit(o, &row);
            json_line_write(stdout, o);
        } else {
            print_audit(&row);
        }
    }
    audit_cursor_free(audit);
    return rc == 0 ? EXIT_ALL_PASS : -1;
}

int cmd_db(int argc, char **argv)
{
    static char long_name[] = "--output";
    static const struct {
        const char *name;
        int (*run)(const struct db_call *, struct db *, struct failure *);
    } verbs[] = {{"check", db_check},
                 {"verify", db_verify},
                 {"head", db_head},
                 {"events", db_events},
                 {"audit", db_audit}};
    struct db_call c = {0};
    const struct options_row rows[] = {
        OPTIONS_DOES("check", NULL, "everything: the file, the tables, the backups' hashes, the chain"),
        OPTIONS_DOES(
            "verify", NULL,
            "the hash chains: names what was changed, removed, added or moved since it was recorded"),
        OPTIONS_DOES("head", NULL,
                     "the chain's last hash; with --sign KEY -o FILE an anchor to keep elsewhere"),
        OPTIONS_DOES(
            "events", NULL,
            "clock jumps, backups, duplicates let through, lots nearly done, wrong PINs, notes of jobs"),
        OPTIONS_DOES("audit", NULL,
                     "who changed what, when and why: lots, operators, stops, jobs, slots, rules, records"),
        OPTIONS_DOES("archive", NULL, "moves old records, verified, to a file of their own (--before DATE)"),
        OPTIONS_DOES("restore", "BACKUP",
                     "puts a verified backup in the database's place; what was there is kept beside it"),
        OPTIONS_STRING("anchor", &c.anchor, "FILE", "verify: the chain must run through this anchor"),
        OPTIONS_STRING("public", &c.public_key, "PEM",
                       "verify: the Ed25519 key the anchor must be signed with"),
        OPTIONS_STRING("sign", &c.sign, "PEM", "head: sign with this Ed25519 private key"),
        OPTIONS_STRING("output", &c.output, "FILE",
                       "head: write an anchor; archive: the file to make; also -o FILE"),
        OPTIONS_STRING("before", &c.before, "DATE", "archive: everything closed before this day"),
        OPTIONS_STRING("reason", &c.reason, "TEXT", "restore: why"),
        OPTIONS_STRING("operator", &c.operator_id, "NAME", "restore: who asks"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "db", "WORD [OPTION...]",
        "Looks after the database and tells what stands in it.\n"
        "archive and restore are the engineer's (PIN from $FLASHLINE_PIN or the terminal), and audited",
        rows, 2};
    struct failure f = {0};

    for (int i = 1; i < argc; i++)
        argv[i] = strcmp(argv[i], "-o") == 0 ? long_name : argv[i];
    int code, first = options_parse(&spec, argc, argv, &c.common, &code);
    if (first < 0)
        return code;
    if (first == argc)
        return cmd_fail(EXIT_USAGE, "db", "say what: check, verify, head, events, audit, archive or restore");
    if (strcmp(argv[first], "restore") == 0 && argc - first != 2)
        return cmd_fail(EXIT_USAGE, "db",
                        "restore needs the backup's name: flashline db restore BACKUP [--db FILE]");
    if (strcmp(argv[first], "restore") == 0)
        return restore_records(&c.common, argv[first + 1], c.operator_id, c.reason);
    if (strcmp(argv[first], "archive") == 0 && c.before == NULL)
        return cmd_fail(EXIT_USAGE, "db", "archive needs a day: --before 2026-01-31");
    if (strcmp(argv[first], "archive") == 0)
        return archive_records("db", &c.common, c.before, c.output);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(argv[first], verbs[i].name) != 0)
            continue;
        struct db *db = record_open("db", &c.common, &code);
        if (db == NULL)
            return code;
        code = verbs[i].run(&c, db, &f);
        db_close(db);
        return code >= 0 ? code : cmd_fail(EXIT_INPUT, "db", "%s", f.detail);
    }
    return cmd_fail(EXIT_USAGE, "db",
                    "'%s' is not one of check, verify, head, events, audit, archive, restore", argv[first]);
}
