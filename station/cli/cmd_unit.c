/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_unit - one unit's whole story; a later word on it (release, rework, scrap, quarantine, note); and its identity sector. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/time_text.h"
#include "db/read/address.h"
#include "db/read/evidence.h"
#include "db/read/story.h"
#include "profiles/plan/flash_plan.h"
#include "station/cli/archived_rows.h"
#include "station/cli/cmd.h"
#include "station/cli/record_options.h"
#include "station/cli/unit_identity.h"
#include "station/print/json.h"
#include "station/print/prose.h"
#include "station/work/work_client.h"

#define NOTES_MAX    1024
#define SAME_ADDRESS 4 /* units that were given the same address and are named */
#define BY_SERIAL    (-1)

static const struct record_column columns[] = {
    {">ATTEMPT", "attempt"}, {"OPENED", "opened"},    {"KIND", "kind"},         {">SLOT", "slot"},
    {"RESULT", "result"},    {">RETRIES", "retries"}, {">CODE", "code"},        {"STAGE", "stage"},
    {">TRY", "try"},         {"LOT", "lot"},          {"OPERATOR", "operator"}, {"JOB", "job"},
    {"VERSION", "version"},  {">SECONDS", "seconds"}, {"DETAIL", "detail"},     {NULL, NULL},
};

/* The unit that attempt with this serial was made on last, in one database. 1: *mac, 0: none, -1: *f. */
static int find_in(struct db *db, const char *serial, struct mac *mac, struct failure *f)
{
    struct record_filter filter = RECORD_FILTER_ALL;
    int found = 0, rc;

    filter.serial = serial;
    filter.training = true;
    struct record_cursor *c = record_query(db, RECORD_ATTEMPTS, &filter, f);
    if (c == NULL)
        return -1;
    int at = record_field_index(RECORD_ATTEMPTS, "mac");
    while ((rc = record_next(c, f)) == 1)
        found = mac_parse(record_text(c, at), mac) == 0 ? 1 : found;
    record_cursor_free(c);
    return rc < 0 ? -1 : found;
}

/* Archives of before format 8 do not say here whose serials they hold: they are opened, the newest last. */
static int find_in_files(struct db *db, const char *serial, struct mac *mac, struct failure *f)
{
    const struct past_ask ask = {.serial = serial};
    struct past_file *files = calloc(PAST_FILES_MAX, sizeof *files);
    int count = files == NULL ? 0 : past_files(db, &ask, files, PAST_FILES_MAX, f),
        found = count < 0 ? -1 : 0;

    for (int i = 0; i < count && found >= 0; i++) {
        struct db *rows = past_rows(db, &files[i], &ask, f);
        if (rows == NULL)
            prose_print(stderr, 2, "flashline unit: %s\n", f->detail);
        else if (find_in(rows, serial, mac, f) == 1)
            found = 1;
        db_close(rows);
    }
    free(files);
    return found;
}

/* A scanned serial leads to the unit it was last given to, archived or not. */
static int find_by_serial(struct db *db, const char *serial, struct mac *mac, struct failure *f)
{
    int found = find_in(db, serial, mac, f);

    if (found == 0)
        found = past_serial_unit(db, serial, mac, f);
    return found == 0 ? find_in_files(db, serial, mac, f) : found;
}

/* One address that several boards were given leads to none of them. */
static int told_apart(const char *text, const struct address_unit *units, int count, struct failure *f)
{
    char macs[SAME_ADDRESS * (MAC_TEXT_SIZE + 2)] = "", mac[MAC_TEXT_SIZE];

    for (int i = 0; i < count; i++) {
        size_t len = strlen(macs);
        mac_text(&units[i].mac, mac);
        snprintf(macs + len, sizeof macs - len, "%s%s", i > 0 ? ", " : "", mac);
    }
    return failure_set(f, FAIL_DB_OPEN, STAGE_NONE, 0,
                       "%s %s is that of several units: say which, by its MAC: %s%s",
                       address_kind_name(units[0].kind), text, macs, count == SAME_ADDRESS ? ", ..." : "");
}

/* By any of its addresses, or a serial number, which may look like one. 1: *mac, and *by the kind or BY_SERIAL; 0: none, -1: *f. */
static int find_unit(struct db *db, const char *text, struct mac *mac, int *by, struct failure *f)
{
    struct address_unit units[SAME_ADDRESS];
    int count = address_find(db, text, units, SAME_ADDRESS, f);

    *by = BY_SERIAL;
    if (count == 0)
        return find_by_serial(db, text, mac, f);
    if (count > 1)
        return told_apart(text, units, count, f);
    if (count == 1) {
        *mac = units[0].mac;
        *by = (int)units[0].kind;
    }
    return count;
}

static void put_unit(const struct story_unit *u, int by)
{
    static const char *const words[] = {"mac", "custom_mac", "eui64"};
    json_t *o = json_line_new("identified");

    json_put_mac(o, "mac", &u->is.mac);
    if (u->is.has_custom_mac)
        json_put_mac(o, "custom_mac", &u->is.custom_mac);
    else
        json_put_text(o, "custom_mac", NULL);
    if (u->is.has_eui64)
        json_put_eui64(o, "eui64", u->is.eui64);
    else
        json_put_text(o, "eui64", NULL);
    json_put_text(o, "found_by", by == BY_SERIAL ? "serial" : words[by]);
    json_put_text(o, "chip", u->is.chip);
    json_put_int(o, "revision", u->is.revision);
    json_put_int(o, "flash_id", u->is.flash_id);
    json_put_int(o, "flash_size", u->is.flash_size);
    json_put_time(o, "first_seen", u->first_seen_ms);
    json_line_write(stdout, o);
}

static void print_unit(const struct story_unit *u, int by)
{
    char mac[MAC_TEXT_SIZE], eui64[EUI64_TEXT_SIZE], seen[TIME_TEXT_SIZE];

    mac_text(&u->is.mac, mac);
    printf("MAC %s", mac);
    if (u->is.has_custom_mac) {
        mac_text(&u->is.custom_mac, mac);
        printf(", custom MAC %s", mac);
    }
    if (u->is.has_eui64) {
        eui64_text(u->is.eui64, eui64);
        printf(", EUI-64 %s", eui64);
    }
    if (by == ADDRESS_CUSTOM_MAC || by == ADDRESS_EUI64)
        printf(" (found by its %s)", address_kind_name((enum address_kind)by));
    time_text_local(u->first_seen_ms, seen);
    printf("\n%s v%d.%d, %u MB flash, first seen %s\n\n", u->is.chip, u->is.revision / 100,
           u->is.revision % 100, (unsigned)(u->is.flash_size >> 20), seen);
}

/* Who it is. */
static int tell_unit(struct db *db, const struct mac *mac, int by, bool json)
{
    struct story_unit u;
    struct failure f = {0};
    int found = story_unit(db, mac->bytes, &u, &f);

    if (found < 0)
        return cmd_fail(EXIT_INPUT, "unit", "%s", f.detail);
    if (found > 0)
        (json ? put_unit : print_unit)(&u, by);
    return EXIT_ALL_PASS;
}

static bool is_words(const struct story_note *n)
{
    return n->what == STORY_CORRECTION || n->what == STORY_JOB_NOTE;
}

static void note_json(const struct story_note *n)
{
    static const char *const events[] = {"backup", "correction", "identity", "note"};
    json_t *o = json_line_new(events[n->what]);

    json_put_time(o, "at", n->at_ms);
    json_put_int(o, "attempt", n->attempt);
    json_put_text(o, "kind", n->kind);
    json_put_text(o, is_words(n) ? "text" : "sha256", n->text);
    if (n->what == STORY_BACKUP)
        json_put_int(o, "offset", n->offset);
    json_line_write(stdout, o);
}

static const char *saved_name(const struct story_note *n)
{
    if (strcmp(n->kind, "CONFIG") != 0)
        return "boot sector";
    return n->offset == CONFIG_SECTOR ? "identity sector" : "protected sector";
}

static void note_line(const struct story_note *n)
{
    char who[48] = "before a restore";

    if (n->attempt != 0)
        snprintf(who, sizeof who, "attempt %lld", (long long)n->attempt);
    if (n->what == STORY_CORRECTION)
        printf("%s: %s by %s\n", who, n->kind, n->text);
    else if (n->what == STORY_JOB_NOTE)
        printf("%s: of its job was said: %s\n", who, n->text);
    else if (n->what == STORY_BACKUP)
        printf("%s: %s at 0x%x saved, SHA-256 %s\n", who, saved_name(n), n->offset, n->text);
    else if (strcmp(n->kind, "ACCEPTED") == 0)
        puts("what stands in the identity sector was declared right");
    else
        printf("identity sector %s, SHA-256 %s\n",
               strcmp(n->kind, "RESTORED") == 0 ? "put back" : "to be put back (not seen done)", n->text);
}

static void print_notes(const struct story_note *notes, int count, bool json)
{
    for (int i = 0; i < count; i++)
        (json ? note_json : note_line)(&notes[i]);
}

#define SHOWN_BYTES 32 /* of each direction in a line for people; JSON has them all */

static void print_wire(int64_t attempt, const struct attempt_result *wire, bool json)
{
    char tx[2 * EVIDENCE_SIZE + 1], rx[2 * EVIDENCE_SIZE + 1];
    size_t out = wire->tx_evidence_len, in = wire->rx_evidence_len;
    size_t skip_out = json || out < SHOWN_BYTES ? 0 : out - SHOWN_BYTES;
    size_t skip_in = json || in < SHOWN_BYTES ? 0 : in - SHOWN_BYTES;

    digest_hex(wire->tx_evidence + skip_out, out - skip_out, tx);
    digest_hex(wire->rx_evidence + skip_in, in - skip_in, rx);
    if (json) {
        json_t *o = json_line_new("evidence");
        json_put_int(o, "attempt", attempt);
        json_put_text(o, "tx", tx);
        json_put_text(o, "rx", rx);
        json_line_write(stdout, o);
    } else {
        printf("attempt %lld: last bytes to the board %s, from it %s\n", (long long)attempt,
               *tx != '\0' ? tx : "none", *rx != '\0' ? rx : "none");
    }
}

/* The last bytes on the wire, of the attempts that failed. 0, or -1 with *f. */
static int tell_wire(struct db *db, const struct record_filter *filter, bool json, struct failure *f)
{
    struct record_cursor *c = record_query(db, RECORD_ATTEMPTS, filter, f);
    int rc = -1, at = record_field_index(RECORD_ATTEMPTS, "attempt");
    struct attempt_result wire = {0};

    while (c != NULL && (rc = record_next(c, f)) == 1) {
        rc = evidence_read(db, record_int(c, at), &wire, f);
        if (rc < 0)
            break;
        if (wire.tx_evidence_len + wire.rx_evidence_len > 0)
            print_wire(record_int(c, at), &wire, json);
    }
    record_cursor_free(c);
    return rc;
}

struct telling {
    struct record_filter filter; /* all of the unit */
    bool json;
};

static int tell_bytes(struct db *db, const struct telling *t)
{
    struct failure f = {0};

    return tell_wire(db, &t->filter, t->json, &f) < 0 ? cmd_fail(EXIT_INPUT, "unit", "%s", f.detail)
                                                      : EXIT_ALL_PASS;
}

static int tell_attempts(struct db *db, const struct telling *t)
{
    return record_list("unit", db, RECORD_ATTEMPTS, &t->filter, columns, t->json);
}

static int tell_archived(void *ctx, struct db *rows)
{
    int code = tell_attempts(rows, ctx);

    return code == EXIT_ALL_PASS ? tell_bytes(rows, ctx) : code;
}

/* Saved sectors and later words stay in the database, also of what is archived. */
static int tell_notes(struct db *db, const struct mac *mac, bool json)
{
    struct story_note *notes = calloc(NOTES_MAX, sizeof *notes);
    struct failure f = {0};

    if (notes == NULL)
        return cmd_fail(EXIT_INPUT, "unit", "out of memory, reading the unit's story");
    int count = story_notes(db, mac->bytes, notes, NOTES_MAX, &f);
    if (!json && count > 0)
        putchar('\n');
    print_notes(notes, count, json);
    free(notes);
    return count < 0 ? cmd_fail(EXIT_INPUT, "unit", "%s", f.detail) : EXIT_ALL_PASS;
}

/* Who it is; then its attempts, the archived ones first, since they are older. `here`: there are others. */
static int tell(struct db *db, const struct mac *mac, int by, bool here, bool json)
{
    struct telling t = {.filter = RECORD_FILTER_ALL, .json = json};
    const struct past_ask ask = {.mac = mac};
    const struct archived_call past = {"unit", json, &ask, tell_archived, &t};

    t.filter.has_mac = true;
    t.filter.mac = *mac;
    t.filter.training = t.filter.running = true;
    int code = tell_unit(db, mac, by, json);
    if (code == EXIT_ALL_PASS)
        code = archived_rows(db, &past);
    if (code == EXIT_ALL_PASS && here)
        code = tell_attempts(db, &t);
    if (code == EXIT_ALL_PASS)
        code = tell_notes(db, mac, json);
    return code == EXIT_ALL_PASS && here ? tell_bytes(db, &t) : code;
}

/* One of these at a time: 0, or an exit code. */
static int check_wishes(int what, bool restores, bool accepts, const struct identity_options *u)
{
    if ((what >= 0) + restores + accepts > 1)
        return cmd_fail(EXIT_USAGE, "unit",
                        "--mark, --restore-identity and --accept-identity exclude each other");
    if (!restores && (u->from != NULL || u->port != NULL || u->slot != NULL || u->sim || u->reset >= 0))
        return cmd_fail(EXIT_USAGE, "unit",
                        "--from, --port, --slot, --reset and --sim go with --restore-identity");
    return 0;
}

/* A unit of which archives hold all: *newest is its last attempt there, 0: not known, -1: *f. */
static bool is_archived(struct db *db, const struct mac *mac, int64_t *newest, struct failure *f)
{
    const struct past_ask ask = {.mac = mac};
    struct past_file one;
    int files = past_files(db, &ask, &one, 1, f);

    *newest = files > 0 ? past_last_attempt(db, mac, f) : files;
    return files > 0 && *newest >= 0;
}

/* `mac`: a unit whose attempts are all archived, NULL: the attempt says whose word it is. */
static int correct(const struct options_common *common, int what, const struct identity_options *u,
                   const struct mac *mac, int64_t attempt)
{
    static const enum work_action actions[] = {WORK_RELEASE, WORK_REWORK, WORK_SCRAP, WORK_QUARANTINE,
                                               WORK_NOTE};
    char object[MAC_TEXT_SIZE] = "";
    struct work_call call = {.action = actions[what],
                             .object = object,
                             .number = attempt,
                             .reason = u->reason,
                             .actor = u->operator_id};

    if (mac != NULL)
        mac_text(mac, object);
    int code = work_request("unit", common, &call, NULL);
    if (code == EXIT_ALL_PASS && !common->json)
        printf("%s: recorded\n", work_action_name(call.action) + strlen("attempt."));
    return code;
}

int cmd_unit(int argc, char **argv)
{
    struct options_common common = {0};
    struct identity_options u = {.common = &common, .reset = -1};
    int what = -1;
    bool restores = false, accepts = false;
    const struct options_row rows[] = {
        OPTIONS_WORD("mark", &what, "release|rework|scrap|quarantine|note",
                     "a later word on it; all but a note are marks, of which the last counts"),
        OPTIONS_SWITCH("restore-identity", &restores, "a saved identity sector goes back onto the board"),
        OPTIONS_STRING("from", &u.from, "HASH", "with it: which one, by 8 or more digits of its SHA-256"),
        OPTIONS_STRING("port", &u.port, "URI", "with it: the board's port: tty:/dev/ttyUSB0, ftdi:1-4.2:B"),
        OPTIONS_STRING("slot", &u.slot, "S", "with it: a configured slot, by number or label"),
        OPTIONS_WORD("reset", &u.reset, "classic|tight|none",
                     "with it: how the port is wired to the board's reset"),
        OPTIONS_SWITCH("sim", &u.sim, "with it: the virtual board of 'flash --sim' instead of a real one"),
        OPTIONS_STRING("sim-dump", &u.sim_dump, "DIR", "leave the virtual board's flash in DIR/slot-1.bin"),
        OPTIONS_STRING("sim-personality", &u.sim_personality, "1=P", "the virtual board behaves like P"),
        OPTIONS_SWITCH("accept-identity", &accepts, "what stands in its identity sector now is right"),
        OPTIONS_STRING("reason", &u.reason, "TEXT", "with any of these: why"),
        OPTIONS_STRING("operator", &u.operator_id, "NAME", "with any of these: who says so"),
        OPTIONS_SWITCH("training", &u.training, "look in the training database"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "unit", "MAC|SERIAL [OPTION...]",
        "Everything that is known of one unit: attempts, saved sectors, later words, the wire's last bytes of failures.\n"
        "MAC is its base MAC, by which it is recorded, or one that its owner burnt, or its EUI-64: which one is said.\n"
        "--mark release, rework, scrap and quarantine are the engineer's; the attempt itself never changes. A unit that is scrapped\n"
        "or in quarantine is held when it comes to a slot, and is not good and not shippable, until it is released or reworked.\n"
        "--restore-identity puts the saved identity sector back onto the board that is plugged in, when its MAC is this\n"
        "unit's; what stood there is saved first. --accept-identity says instead that the board is right. Both are the\n"
        "engineer's, and audited.",
        rows, 1};
    struct failure f = {0};
    int code, first = options_parse(&spec, argc, argv, &common, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return cmd_fail(EXIT_USAGE, "unit", "say which: a MAC address, an EUI-64 or a serial number");
    if ((code = check_wishes(what, restores, accepts, &u)) != 0)
        return code;
    struct db *db = record_open_for("unit", &common, u.training || u.sim, &code);
    if (db == NULL)
        return code;
    int by, found = find_unit(db, argv[first], &u.mac, &by, &f);
    int64_t newest = found == 1 ? story_newest_attempt(db, u.mac.bytes, &f) : found;
    bool here = newest > 0, archived = newest == 0 && found == 1 && is_archived(db, &u.mac, &newest, &f);
    if (found < 0 || newest < 0)
        code = cmd_fail(EXIT_INPUT, "unit", "%s", f.detail);
    else if (found == 0 || (!here && !archived && what >= 0))
        code = cmd_fail(EXIT_SOME_FAIL, "unit", "nothing is known of '%s'", argv[first]);
    else if (what < 0 && !restores && !accepts)
        code = tell(db, &u.mac, by, here, common.json);
    db_close(db);
    if (code == 0 && what >= 0)
        return correct(&common, what, &u, here ? NULL : &u.mac, newest);
    if (code == 0 && restores)
        return unit_identity_restore(&u);
    return code == 0 && accepts ? unit_identity_accept(&u) : code;
}
