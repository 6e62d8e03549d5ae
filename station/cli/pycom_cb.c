/* SPDX-License-Identifier: Apache-2.0 */
#include "station/cli/pycom_cb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno_text.h"
#include "base/suggest.h"
#include "db/desk/identity.h"
#include "db/desk/work.h"
#include "engine/board/identity_edit.h"
#include "profiles/firmware/partition.h"
#include "profiles/job/pycom_board.h"
#include "profiles/plan/flash_plan.h"
#include "profiles/pycom/config_block.h"
#include "station/cli/cb_file.h"
#include "station/print/cmd_fail.h"
#include "station/print/config_print.h"
#include "station/print/json.h"
#include "station/print/remedy.h"
#include "station/work/work_client.h"

#define VERB        "pycom"
#define SECRET_MOST 256
#define FIELDS_MOST 64

_Static_assert(CONFIG_BLOCK_SECTOR == BACKUP_SIZE, "the block's sector is what a backup holds");

struct editing {
    const struct cb_options *o;
    struct hand_board board;
    bool changes; /* it may write: the records are needed, and whoever may */
    /* What is to stand there, made of what stands there. 0, or -1 with *f. NULL: that stays. */
    int (*compose)(struct editing *e, uint8_t *want, struct failure *f);
    struct cb_file file; /* compose: restore */
    struct unit_identity unit;
    struct backup found, put;
    struct work_call call;
    bool noted, changed; /* noted: the act stands in the records, and the sector may be gone from the board */
    char mac[MAC_TEXT_SIZE], pin[PIN_TEXT], found_hash[SHA256_TEXT_SIZE], put_hash[SHA256_TEXT_SIZE];
    char way_back[2 * PATH_TEXT]; /* the command that finishes what was broken off */
};

static int accept(void *ctx, const struct unit_identity *unit, struct failure *f)
{
    struct editing *e = ctx;

    mac_text(&unit->mac, e->mac);
    e->unit = *unit;
    return mac_is_blank(&unit->mac)
               ? failure_set(f, HOLD_MAC_BLANK, STAGE_GATE, 0,
                             "%s is no address: what stands on this board has no name", e->mac)
               : 0;
}

/* A table that has something else where the block would be is another maker's; one that cannot be read says nothing. */
static int look(void *ctx, const struct backup *sector, struct failure *f)
{
    struct partition_table *t = malloc(sizeof *t);
    const char *why;
    int rc = 0;

    (void)ctx;
    if (t == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_GATE, ENOMEM, "reading the partition table");
    if (partition_table_parse(sector->data, PARTITION_TABLE_SIZE, t, &why) == 0)
        for (size_t i = 0; i < t->count && rc == 0; i++)
            if (t->rows[i].offset < CONFIG_SECTOR + SECTOR_SIZE &&
                t->rows[i].offset + t->rows[i].size > CONFIG_SECTOR && strcmp(t->rows[i].name, "config") != 0)
                rc = failure_set(
                    f, HOLD_MAC_REFUSED, STAGE_GATE, 0,
                    "this is no board of Pycom's: its partition '%s' lies where they have the config "
                    "block",
                    t->rows[i].name);
    free(t);
    return rc;
}

/* Once the board has a name. */
static void name_way_back(struct editing *e)
{
    const struct hand_board_options *at = &e->o->at;
    const char *db = at->common->db;
    char where[2 * ONE_PORT_SIZE] = "";

    if (at->slot != NULL)
        snprintf(where, sizeof where, " --slot %s", at->slot);
    else if (!at->sim)
        snprintf(where, sizeof where, " --port %s%s", e->board.port,
                 e->board.slots.slots[0].has_reset ? "" : " --reset none");
    else
        snprintf(where, sizeof where, " --sim");
    snprintf(e->way_back, sizeof e->way_back,
             "flashline unit %s --restore-identity --reason 'broken off'%s%s%s%s", e->mac, where,
             at->training && !at->sim ? " --training" : "", db != NULL ? " --db " : "", db != NULL ? db : "");
}

/* The records have another sector for this board, which was never seen written: what stands there is half of something. */
static int check_due(struct editing *e, struct failure *f)
{
    uint8_t due[SHA256_SIZE];
    int rc = e->board.db != NULL ? identity_due(e->board.db, &e->unit.mac, due, f) : 0;

    if (rc <= 0)
        return rc;
    if (memcmp(due, e->found.sha256, SHA256_SIZE) == 0)
        return 0;
    return failure_set(
        f, HOLD_IDENTITY_DIFFERS, STAGE_BACKUP, 0,
        "work on this board was broken off, and its config block is not what the records have for it; "
        "first: %s",
        e->way_back);
}

/* Two boards of one EUI are one to the network. */
static int check_eui(struct editing *e, const uint8_t *want, struct failure *f)
{
    char other[MAC_TEXT_SIZE];
    struct mac mac;

    if (config_block_is_blank(want, CONFIG_EUI_SIZE) || memcmp(want, e->found.data, CONFIG_EUI_SIZE) == 0)
        return 0;
    int rc = identity_like(e->board.db, &e->unit.mac, want, CONFIG_EUI_SIZE, &mac, f);
    if (rc <= 0 || e->o->force)
        return rc < 0 ? -1 : 0;
    mac_text(&mac, other);
    return failure_set(f, FAIL_WORK, STAGE_GATE, 0,
                       "that EUI is the one of %s: a second board with it would be the same to the network%s",
                       other, "; --force, when that one is no more");
}

/* The last moment at which nothing is erased. */
static int note_act(struct editing *e, struct failure *f)
{
    const struct identity_act act = {.before = &e->found, .put = &e->put, .unit = &e->unit};
    struct work_receipt receipt = {0};

    if (!until_signal_commit(e->board.signals))
        return failure_set(f, FAIL_ABORTED, STAGE_BACKUP, ECANCELED, "nothing was erased");
    e->call.identity = &act;
    int rc = work_do(e->board.db, &e->call, &receipt, f);
    e->call.identity = NULL;
    e->noted = rc == 0;
    if (rc == 0 && receipt.pin_short)
        work_tell_short_pin(VERB, receipt.who);
    if (rc == 0 && !e->o->at.sim)
        fprintf(stderr, "flashline " VERB ": what stood there is saved; if this is broken off: %s\n",
                e->way_back);
    return rc;
}

static int decide(void *ctx, const struct backup *found, uint8_t want[static BACKUP_SIZE], struct failure *f)
{
    struct editing *e = ctx;

    e->found = *found;
    digest_hex(found->sha256, SHA256_SIZE, e->found_hash);
    name_way_back(e);
    if (e->compose == NULL)
        return 0;
    if (e->compose(e, want, f) < 0)
        return -1;
    e->put = (struct backup){.kind = BACKUP_IDENTITY, .offset = found->offset};
    memcpy(e->put.data, want, BACKUP_SIZE);
    digest_sha256(want, BACKUP_SIZE, e->put.sha256);
    digest_hex(e->put.sha256, SHA256_SIZE, e->put_hash);
    if (memcmp(want, found->data, BACKUP_SIZE) == 0)
        return 0;
    return check_eui(e, want, f) < 0 || note_act(e, f) < 0 ? -1 : 1;
}

static int try_leave(void *ctx, const struct work_call *call, struct work_receipt *receipt, struct failure *f)
{
    return call->action == WORK_PIN ? work_do(ctx, call, receipt, f) : work_may(ctx, call, f);
}

/* Before the board is touched; the records ask again when the act is noted. */
static int ask_leave(struct editing *e)
{
    struct failure f = {0};
    int code = hand_board_ask_elsewhere(&e->board, e->o->operator_id, "config block");

    if (code != 0)
        return code;
    e->call = (struct work_call){.action = WORK_IDENTITY_CHANGE,
                                 .actor = e->o->operator_id,
                                 .object = e->mac,
                                 .text = e->put_hash,
                                 .old = e->found_hash,
                                 .reason = e->o->reason};
    const struct work_asker asker = {
        .verb = VERB, .question = "Engineer's PIN", .try = try_leave, .ctx = e->board.db, .keep = e->pin};
    if (work_ask_leave(&asker, &e->call, NULL, &f) != 0)
        return cmd_fail(hand_board_exit(&f), VERB, "%s", f.detail);
    e->call.pin = e->pin;
    return 0;
}

static int at_board(void *ctx, struct session *session, struct failure *f)
{
    struct editing *e = ctx;
    const struct identity_edit edit = {
        .session = session,
        .kind = "esp32",
        .offset = CONFIG_SECTOR,
        .beside = PARTITION_TABLE_OFFSET,
        .accept = accept,
        .look = look,
        .decide = decide,
        .ctx = e,
    };

    return identity_edit(&edit, &e->changed, f);
}

static int tell_failure(const struct editing *e, const struct failure *f)
{
    char remedy[REMEDY_SIZE];

    if (f->code == FAIL_NO_SYNC || f->code == FAIL_WRONG_BOOT_MODE)
        return cmd_fail(hand_board_exit(f), VERB, "%s (%d): %s. %s", failure_title(f->code), (int)f->code,
                        f->detail, remedy_plain(FAIL_WRONG_BOOT_MODE, pycom_board_boot_pin("LoPy"), remedy));
    return cmd_fail(hand_board_exit(f), VERB, "%s (%d): %s%s%s", failure_title(f->code), (int)f->code,
                    f->detail, e->noted ? "; the config block may be gone from the board: " : "",
                    e->noted ? e->way_back : "");
}

/* 0: the board's block is in e->found, and what was to stand there stands there. */
static int work(struct editing *e)
{
    struct failure f = {0};
    int code =
        hand_board_open(&e->board, &e->o->at, e->changes ? HAND_BOARD_NEW_RECORDS : HAND_BOARD_RECORDS);

    if (code == 0 && e->changes)
        code = ask_leave(e);
    if (code != 0)
        return code;
    if (hand_board_work(&e->board, at_board, e, &f) != 0)
        return tell_failure(e, &f);
    if (e->changed && identity_done(e->board.db, &e->unit.mac, &f) != 0)
        return tell_failure(e, &f);
    return 0;
}

static struct editing *begin(const struct cb_options *o)
{
    struct editing *e = calloc(1, sizeof *e);

    if (e == NULL)
        cmd_fail(EXIT_STATION, VERB, "out of memory");
    else
        e->o = o;
    return e;
}

static int end(struct editing *e, int code)
{
    hand_board_close(&e->board);
    explicit_bzero(e, sizeof *e);
    free(e);
    return code;
}

static void tell_json(const struct editing *e)
{
    json_t *o = json_line_new("config_changed");

    json_put_text(o, "mac", e->mac);
    json_put_text(o, "sha256", e->changed ? e->put_hash : e->found_hash);
    json_put_text(o, "before", e->found_hash);
    json_put_bool(o, "written", e->changed);
    json_object_set_new(
        o, "changes",
        config_json_changes(CONFIG_SECTOR, e->found.data, e->changed ? e->put.data : e->found.data));
    json_line_write(stdout, o);
}

static void tell_change(const struct editing *e)
{
    if (e->o->at.common->json) {
        tell_json(e);
        return;
    }
    if (!e->changed) {
        printf("%s holds that already, SHA-256 %.16s; nothing was written\n", e->mac, e->found_hash);
        return;
    }
    printf("%s: the config block is written and read back by the chip's own digest. Changed:\n", e->mac);
    config_print_changes(CONFIG_SECTOR, e->found.data, e->put.data);
    printf("SHA-256 %.16s; what stood there is saved, SHA-256 %.16s\n", e->put_hash, e->found_hash);
    if (!e->board.slots.slots[0].has_reset)
        puts("Take the wire off and press reset: the board starts with it.");
}

/* ---- show and backup ---- */

static int show_file(const struct cb_options *o)
{
    struct editing *e = begin(o);
    struct complaint c = {0};
    char hash[SHA256_TEXT_SIZE];
    uint8_t sha256[SHA256_SIZE];
    int code = 0;

    if (e == NULL)
        return EXIT_STATION;
    if (cb_file_read(o->words[0], &e->file, &c) != 0)
        return end(e, cmd_fail(EXIT_INPUT, VERB, "%s", c.text));
    digest_sha256(e->file.sector, BACKUP_SIZE, sha256);
    digest_hex(sha256, SHA256_SIZE, hash);
    const struct config_print p = {.mac = e->file.has_mac ? &e->file.mac : NULL,
                                   .sha256 = hash,
                                   .sector = e->file.sector,
                                   .reveal = o->reveal};
    if (o->at.common->json)
        config_print_json(&p);
    else
        code = config_print(&p);
    return end(e, code);
}

/* What is worth knowing of a block that was only looked at, in one line each. */
static void warn(struct editing *e)
{
    struct failure f = {0};

    if (config_block_is_blank(e->found.data, CONFIG_BLOCK_SIZE))
        fprintf(stderr, "flashline " VERB ": %s: the config block is blank: erased, or never written\n",
                e->mac);
    else if (config_block_trouble(e->found.data) != NULL)
        fprintf(stderr, "flashline " VERB ": %s: the config block is damaged: %s\n", e->mac,
                config_block_trouble(e->found.data));
    if (check_due(e, &f) < 0)
        fprintf(stderr, "flashline " VERB ": %s: %s\n", e->mac, f.detail);
}

int pycom_cb_show(const struct cb_options *o)
{
    if (o->word_count > 1)
        return cmd_fail(EXIT_USAGE, VERB, "'%s' is one word too many: cb show takes one file, or none",
                        o->words[1]);
    if (o->word_count == 1)
        return show_file(o);
    struct editing *e = begin(o);
    if (e == NULL)
        return EXIT_STATION;
    int code = work(e);
    if (code == 0) {
        const struct config_print p = {
            .mac = &e->unit.mac, .sha256 = e->found_hash, .sector = e->found.data, .reveal = o->reveal};
        warn(e);
        if (o->at.common->json)
            config_print_json(&p);
        else
            code = config_print(&p);
    }
    return end(e, code);
}

static int save(struct editing *e)
{
    const struct cb_options *o = e->o;
    struct failure f = {0};
    char name[CB_NAME_SIZE];
    const char *path = o->output != NULL ? o->output : name;

    if (check_due(e, &f) < 0)
        return cmd_fail(hand_board_exit(&f), VERB, "%s", f.detail);
    if (config_block_is_blank(e->found.data, CONFIG_BLOCK_SIZE))
        return cmd_fail(EXIT_SOME_FAIL, VERB, "%s: the config block is blank: there is nothing to keep",
                        e->mac);
    cb_file_name(&e->unit.mac, name);
    int code = cb_file_write(VERB, o->at.common, path, e->found.data);
    if (code != 0)
        return code;
    if (o->at.common->json) {
        json_t *line = json_line_new("config_saved");
        json_put_text(line, "mac", e->mac);
        json_put_text(line, "file", path);
        json_put_text(line, "sha256", e->found_hash);
        json_line_write(stdout, line);
    } else {
        printf("%s: its config block is in %s; it holds keys: keep it safe\n", e->mac, path);
    }
    return 0;
}

int pycom_cb_backup(const struct cb_options *o)
{
    if (o->word_count > 0)
        return cmd_fail(EXIT_USAGE, VERB, "'%s': the file is named with -o", o->words[0]);
    struct editing *e = begin(o);
    if (e == NULL)
        return EXIT_STATION;
    int code = work(e);
    return end(e, code != 0 ? code : save(e));
}

/* ---- restore ---- */

static int compose_restore(struct editing *e, uint8_t *want, struct failure *f)
{
    const struct cb_options *o = e->o;
    bool own = e->file.has_mac && mac_equal(&e->file.mac, &e->unit.mac);
    char of[MAC_TEXT_SIZE];

    mac_text(&e->file.mac, of);
    if (o->settings_only) {
        if (check_due(e, f) < 0)
            return -1;
        memcpy(want + CONFIG_IDENTITY_SIZE, e->file.sector + CONFIG_IDENTITY_SIZE,
               BACKUP_SIZE - CONFIG_IDENTITY_SIZE);
        return 0;
    }
    if (!own && !o->force)
        return failure_set(
            f, FAIL_WORK, STAGE_GATE, 0,
            "the file is %s%s, and this board is %s: two boards must not have one EUI; --settings-only "
            "takes all but EUI and Sigfox, --force all of it",
            e->file.has_mac ? "of " : "of no known board (its name begins with no MAC)",
            e->file.has_mac ? of : "", e->mac);
    memcpy(want, e->file.sector, BACKUP_SIZE);
    return 0;
}

int pycom_cb_restore(const struct cb_options *o)
{
    struct complaint c = {0};

    if (o->word_count != 1)
        return cmd_fail(EXIT_USAGE, VERB,
                        "cb restore takes one file: flashline pycom cb restore 240AC4123456.cb");
    if (o->force && o->settings_only)
        return cmd_fail(EXIT_USAGE, VERB, "--force and --settings-only exclude each other");
    struct editing *e = begin(o);
    if (e == NULL)
        return EXIT_STATION;
    e->changes = true;
    e->compose = compose_restore;
    int code =
        cb_file_read(o->words[0], &e->file, &c) == 0 ? work(e) : cmd_fail(EXIT_INPUT, VERB, "%s", c.text);
    if (code == 0)
        tell_change(e);
    return end(e, code);
}

/* ---- set ---- */

/* "FIELD=VALUE" taken apart. 0, or -1 with *f, which tells no value: it may be a secret. */
static int read_word(const char *word, const struct config_field **field, const char **value,
                     struct failure *f)
{
    const char *equals = strchr(word, '='), *names[FIELDS_MOST], *near;
    char name[40];
    size_t count = 0;

    if (equals == NULL)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL, "'%.40s' sets nothing: write FIELD=VALUE", word);
    snprintf(name, sizeof name, "%.*s", (int)(equals - word < 39 ? equals - word : 39), word);
    *field = config_field_find(name);
    *value = equals + 1;
    if (*field != NULL)
        return 0;
    for (const struct config_field *at; count < FIELDS_MOST && (at = config_field_at(count)) != NULL;)
        names[count++] = at->name;
    near = suggest_nearest(name, names, count);
    return failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL,
                       "there is no field '%s'%s%s%s; 'flashline pycom cb show' lists them", name,
                       near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                       near != NULL ? "'" : "");
}

/* A secret as @FILE stands in no list of processes and no history: its first line, without the end. */
static int read_secret(const char *path, char out[static SECRET_MOST], struct failure *f)
{
    FILE *in = fopen(path, "re");

    out[0] = '\0';
    if (in == NULL)
        return failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL, "%s: %s", path, errno_text(errno));
    if (fgets(out, SECRET_MOST, in) == NULL)
        out[0] = '\0';
    fclose(in);
    out[strcspn(out, "\r\n")] = '\0';
    return out[0] != '\0'
               ? 0
               : failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL, "%s: its first line is empty", path);
}

static int apply(const struct cb_options *o, uint8_t *block, struct failure *f)
{
    char why[CONFIG_WHY], secret[SECRET_MOST];
    const struct config_field *field = NULL;
    const char *value = "";
    int rc = 0;

    for (int i = 0; i < o->word_count && rc == 0; i++) {
        if ((rc = read_word(o->words[i], &field, &value, f)) != 0 || field == NULL)
            break;
        if (field->secret && value[0] == '@') {
            rc = read_secret(value + 1, secret, f);
            value = secret;
        }
        if (rc == 0 && config_field_put(field, value, o->board, block, why) != 0)
            rc = failure_set(f, FAIL_WORK, STAGE_NONE, EINVAL, "%s", why);
    }
    explicit_bzero(secret, sizeof secret);
    return rc;
}

static int compose_set(struct editing *e, uint8_t *want, struct failure *f)
{
    return check_due(e, f) < 0 ? -1 : apply(e->o, want, f);
}

int pycom_cb_set(const struct cb_options *o)
{
    uint8_t trial[CONFIG_BLOCK_SECTOR];
    struct failure f = {0};

    if (o->word_count == 0)
        return cmd_fail(EXIT_USAGE, VERB, "say what: flashline pycom cb set region=India");
    memset(trial, 0xFF, sizeof trial);
    int wrong = apply(o, trial, &f); /* a mistyped word is told before a board is looked for */
    explicit_bzero(trial, sizeof trial);
    if (wrong != 0)
        return cmd_fail(EXIT_USAGE, VERB, "%s", f.detail);
    struct editing *e = begin(o);
    if (e == NULL)
        return EXIT_STATION;
    e->changes = true;
    e->compose = compose_set;
    int code = work(e);
    if (code == 0)
        tell_change(e);
    return end(e, code);
}
