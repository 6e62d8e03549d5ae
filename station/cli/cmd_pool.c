/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_pool - what is handed out once: listed, brought in, lent, spoiled. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "db/desk/work.h"
#include "profiles/text/complaint.h"
#include "station/cli/cmd.h"
#include "station/cli/pool_cli.h"
#include "station/cli/record_options.h"
#include "station/config/config.h"
#include "station/print/json.h"
#include "station/print/table.h"
#include "station/work/database_path.h"
#include "station/work/own_files.h"
#include "station/work/work_client.h"

#define POOLS_MAX 256

static void put_status_json(const struct pool_status *p)
{
    static const char *const names[] = {"free", "reserved", "written", "verified", "spoiled", "lent"};
    json_t *o = json_line_new("pool");
    char kind[POOL_KIND_SIZE];

    pool_shape_text(&p->shape, kind);
    json_put_text(o, "pool", p->name);
    json_put_text(o, "kind", kind);
    json_put_bool(o, "secret", p->secret);
    json_put_text(o, "folder", p->folder[0] != '\0' ? p->folder : NULL);
    for (int i = 0; i < POOL_STATE_COUNT; i++)
        json_put_int(o, names[i], p->counts[i]);
    json_put_int(o, "low_water", p->low_water);
    json_put_bool(o, "low", p->counts[POOL_FREE] <= p->low_water);
    json_line_write(stdout, o);
}

static void put_status_row(struct table *t, const struct pool_status *p)
{
    char kind[POOL_KIND_SIZE];

    pool_shape_text(&p->shape, kind);
    table_text(t, p->name);
    table_format(t, "%s%s", kind, p->secret ? ", secret" : "");
    for (int i = 0; i < POOL_STATE_COUNT; i++)
        table_format(t, "%lld", (long long)p->counts[i]);
    table_format(t, "%lld", (long long)p->low_water);
    table_text(t, p->counts[POOL_FREE] <= p->low_water ? "low" : "");
}

static int list(const struct pool_options *o)
{
    static const char *const titles[] = {"POOL",      "KIND",      ">FREE",    ">RESERVED",
                                         ">WRITTEN",  ">VERIFIED", ">SPOILED", ">LENT",
                                         ">LOW MARK", "",          NULL};
    static struct pool_status pools[POOLS_MAX];
    struct failure f = {0};
    int code;
    struct db *db = record_open("pool", &o->common, &code);

    if (db == NULL)
        return code;
    int count = pool_list(db, pools, POOLS_MAX, &f);
    struct table *t = table_new(titles);
    for (int i = 0; i < count; i++) {
        if (o->common.json)
            put_status_json(&pools[i]);
        else
            put_status_row(t, &pools[i]);
    }
    if (!o->common.json && count >= 0)
        table_print(t, stdout);
    table_free(t);
    db_close(db);
    return count < 0 ? cmd_fail(EXIT_INPUT, "pool", "%s", f.detail) : EXIT_ALL_PASS;
}

struct shown {
    struct table *t; /* NULL: as JSON */
    const char *pool;
    bool secret; /* and not revealed */
    long rows;
    int64_t id; /* of the last */
};

static int show_item(void *ctx, const struct pool_item *item)
{
    struct shown *s = ctx;
    char mac[MAC_TEXT_SIZE] = "";

    s->rows++;
    s->id = item->id;
    if (item->has_mac)
        mac_text(&item->mac, mac);
    if (s->t != NULL) {
        table_text(s->t, item->value);
        table_text(s->t, pool_state_name(item->state));
        table_text(s->t, item->station[0] != '\0' ? item->station : mac);
        if (item->attempt != 0)
            table_format(s->t, "%lld", (long long)item->attempt);
        else
            table_text(s->t, "");
        table_time(s->t, item->changed_ms);
        return 0;
    }
    json_t *o = json_line_new("pool_value");
    json_put_text(o, "pool", s->pool);
    json_put_int(o, "number", item->id);
    json_put_text(o, "value", s->secret ? NULL : item->value);
    json_put_text(o, "state", pool_state_name(item->state));
    json_put_text(o, "mac", item->has_mac ? mac : NULL);
    if (item->attempt != 0)
        json_put_int(o, "attempt", item->attempt);
    else
        json_object_set_new(o, "attempt", json_null());
    json_put_time(o, "time", item->changed_ms);
    json_put_text(o, "station", item->station[0] != '\0' ? item->station : NULL);
    json_line_write(stdout, o);
    return 0;
}

/* As the pool has it, or "#ID". What is neither is looked for as it is, and not found. */
static void wanted_value(const struct pool_status *p, const char *text, char out[static POOL_TEXT_SIZE])
{
    if (text[0] == '#' || pool_value_normal(&p->shape, text, out) != NULL)
        snprintf(out, POOL_TEXT_SIZE, "%s", text);
}

/* By value, and where none has it by the board's MAC. */
static int find(struct db *db, const struct pool_status *p, const char *word, struct pool_wanted *want,
                struct shown *s, struct failure *f)
{
    char value[POOL_TEXT_SIZE];
    struct mac mac;

    if (word == NULL)
        return pool_items(db, p->name, want, show_item, s, f);
    wanted_value(p, word, value);
    want->value = value;
    int rc = pool_items(db, p->name, want, show_item, s, f);
    want->value = NULL;
    if (rc != 0 || s->rows > 0 || mac_parse(word, &mac) != 0)
        return rc;
    want->mac = &mac;
    rc = pool_items(db, p->name, want, show_item, s, f);
    want->mac = NULL;
    return rc;
}

static int read_state(const char *word, int *state)
{
    char upper[16];
    size_t i = 0;

    *state = -1;
    if (word == NULL)
        return 0;
    for (; word[i] != '\0' && i + 1 < sizeof upper; i++) {
        upper[i] = word[i];
        if (word[i] >= 'a' && word[i] <= 'z')
            upper[i] = (char)(word[i] & 0x5f);
    }
    upper[i] = '\0';
    *state = (int)pool_state_named(upper);
    return *state != POOL_STATE_COUNT
               ? 0
               : cmd_fail(EXIT_USAGE, "pool",
                          "--state: '%s' is none of free, reserved, written, verified, spoiled, lent", word);
}

static int show_found(const struct pool_options *o, const struct pool_status *p, struct pool_wanted *want)
{
    static const char *const titles[] = {"VALUE", "STATE", "BOARD", ">ATTEMPT", "SINCE", NULL};
    struct shown s = {.pool = p->name, .secret = p->secret && want->key == NULL};
    struct failure f = {0};
    int code;
    struct db *db = record_open("pool", &o->common, &code);

    if (db == NULL)
        return code;
    s.t = o->common.json ? NULL : table_new(titles);
    int rc = find(db, p, o->count > 1 ? o->words[1] : NULL, want, &s, &f);
    if (rc == 0 && s.t != NULL && s.rows > 0)
        table_print(s.t, stdout);
    table_free(s.t);
    db_close(db);
    if (rc != 0)
        return cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
    return s.rows > 0 || o->count < 2
               ? EXIT_ALL_PASS
               : cmd_fail(EXIT_SOME_FAIL, "pool", "no value of pool %s is '%s', and no board has that MAC",
                          p->name, o->words[1]);
}

static int no_pool(const struct pool_options *o)
{
    return o->count > 0 ? cmd_fail(EXIT_SOME_FAIL, "pool", "there is no pool '%s'", o->words[0])
                        : cmd_fail(EXIT_USAGE, "pool", "which pool?");
}

static int show(const struct pool_options *o)
{
    struct pool_status p;
    struct pool_key key;
    struct pool_wanted want = {0};
    int code = o->count > 0 ? pool_known(o, o->words[0], &p) : 1;

    if (code != 0)
        return code == 1 ? no_pool(o) : code;
    if ((code = read_state(o->state, &want.state)) != 0)
        return code;
    bool opens = o->reveal && p.secret;
    if (opens && (code = pool_reveal(o, &p, NULL, &key)) != 0)
        return code;
    want.key = opens ? &key : NULL;
    code = show_found(o, &p, &want);
    if (opens)
        pool_key_wipe(&key);
    return code;
}

static int keep_id(void *ctx, const struct pool_item *item)
{
    *(int64_t *)ctx = item->id;
    return 0;
}

static int find_id(const struct pool_options *o, const struct pool_status *p, int64_t *id)
{
    char value[POOL_TEXT_SIZE];
    struct pool_wanted want = {.state = -1, .value = value};
    struct pool_key key;
    struct failure f = {0};
    int code = 0;

    wanted_value(p, o->words[1], value);
    if (p->secret && value[0] != '#' && (code = pool_station_key(o, &key)) != 0)
        return code;
    want.key = p->secret && value[0] != '#' ? &key : NULL;
    struct db *db = record_open("pool", &o->common, &code);
    if (db == NULL)
        return code;
    int rc = pool_items(db, p->name, &want, keep_id, id, &f);
    db_close(db);
    return rc == 0 ? 0 : cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
}

static int spoil(const struct pool_options *o)
{
    struct work_call call = {.action = WORK_POOL_SPOIL, .actor = o->operator_id, .reason = o->reason};
    struct pool_status p;
    int code = o->count == 2 ? pool_known(o, o->words[0], &p) : 1;

    if (o->count != 2)
        return cmd_fail(EXIT_USAGE, "pool",
                        "spoil needs a pool and a value: flashline pool spoil POOL VALUE --reason WHY");
    if (code != 0)
        return code == 1 ? no_pool(o) : code;
    if ((code = find_id(o, &p, &call.number)) != 0)
        return code;
    if (call.number == 0)
        return cmd_fail(EXIT_SOME_FAIL, "pool", "there is no such value in pool %s", p.name);
    call.object = p.name;
    return work_request("pool", &o->common, &call, NULL);
}

/* The place that station.yaml names, or one that is said. */
static int new_key(const struct pool_options *o)
{
    struct complaint c = {0};
    struct failure f = {0};
    struct config *config = config_load(o->common.config, &c);
    struct work_call call = {
        .action = WORK_POOL_KEY, .object = "key", .actor = o->operator_id, .reason = o->reason};
    int code = 0;

    if (config == NULL)
        return cmd_fail(EXIT_INPUT, "pool", "%s", c.text);
    const char *path = o->count > 0 ? o->words[0] : config->pool_key;
    call.text = path;
    if (path[0] == '\0')
        code = cmd_fail(EXIT_USAGE, "pool", "say where to: flashline pool key FILE, or pool_key in %s",
                        config->path);
    else if ((code = own_files_check("pool", &o->common, path)) == 0)
        code = work_request("pool", &o->common, &call, NULL);
    if (code == 0 && pool_key_new(path, &f) != 0)
        code = cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
    else if (code == 0)
        printf("%s: a new key. Keep a copy of it apart from backups; station.yaml names it: pool_key\n",
               path);
    config_free(config);
    return code;
}

static int carry_out(const struct pool_options *o, const char *word)
{
    static const struct {
        const char *word;
        int (*does)(const struct pool_options *o);
    } words[] = {{"list", list},   {"show", show},      {"import", pool_import}, {"export", pool_export},
                 {"spoil", spoil}, {"lend", pool_lend}, {"take", pool_take},     {"key", new_key}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i].word) == 0)
            return words[i].does(o);
    return cmd_fail(EXIT_USAGE, "pool",
                    "'%s' is not one of list, show, import, export, spoil, lend, take, key", word);
}

/* WORD, NULL for none, with the database that is meant; its path is put into `training`. */
static int go_on(struct pool_options *o, const char *word, char training[static PATH_TEXT])
{
    if (o->training && o->common.db == NULL) {
        int code = database_path_training("pool", &o->common, training);
        if (code != 0)
            return code;
        o->common.db = training;
    }
    return word == NULL ? list(o) : carry_out(o, word);
}

int cmd_pool(int argc, char **argv)
{
    static char long_name[] = "--output";
    struct pool_options o = {.low_water = -1, .step = 1};
    const struct options_row rows[] = {
        OPTIONS_DOES("list", NULL, "every pool, how many of its values are in which state"),
        OPTIONS_DOES("show", "POOL [VALUE|MAC]", "its values, or the one that is, or that a board has"),
        OPTIONS_DOES("import", "POOL [FILE|FOLDER]",
                     "brings values in: CSV, --range, a folder with one file a unit, macs.db"),
        OPTIONS_DOES("export", "POOL", "boards and their values as CSV (-o FILE)"),
        OPTIONS_DOES("spoil", "POOL VALUE", "nobody gets it any more (--reason TEXT)"),
        OPTIONS_DOES("lend", "POOL N", "N free values for another station, as a file (--to STATION -o FILE)"),
        OPTIONS_DOES("take", "FILE", "takes in what another station lent"),
        OPTIONS_DOES("key", "[FILE]", "makes the key file for secrets, where pool_key of station.yaml says"),
        OPTIONS_STRING("kind", &o.kind, "KIND",
                       "import: text, hex:BYTES, mac, eui64 or file; of a pool that is there: its own"),
        OPTIONS_STRING("column", &o.column, "C", "import, CSV: the values' column, by name or number (1)"),
        OPTIONS_STRING("mac-column", &o.mac_column, "C",
                       "import, CSV: the MAC of the board that has the value already"),
        OPTIONS_SWITCH("heading", &o.heading,
                       "import, CSV: the first line has names, though columns are numbers"),
        OPTIONS_STRING("range", &o.range, "FIRST..LAST", "import: all from FIRST to LAST"),
        OPTIONS_WHOLE("step", &o.step, "N", 1, 65536, "import --range: every Nth (custom MACs: 4)"),
        OPTIONS_SWITCH("secret", &o.secret, "import: the values are secrets, sealed with the station's key"),
        OPTIONS_WHOLE("low-water", &o.low_water, "N", 0, 1000000,
                      "import: tell once when only N are left (0)"),
        OPTIONS_STRING("state", &o.state, "STATE",
                       "show: free, reserved, written, verified, spoiled or lent"),
        OPTIONS_SWITCH("reveal", &o.reveal, "show, export: secrets in clear, by the engineer's PIN"),
        OPTIONS_STRING("to", &o.station, "STATION",
                       "lend: for this station alone, as its station.yaml names it"),
        OPTIONS_STRING("again", &o.again, "BLOCK", "lend: the file of a block that was lent before"),
        OPTIONS_STRING("output", &o.output, "FILE", "export, lend: where to; also -o FILE"),
        OPTIONS_SWITCH("replace", &o.replace,
                       "export, lend: FILE may exist: it is replaced once the new one is whole"),
        OPTIONS_STRING("reason", &o.reason, "TEXT", "spoil: why; else for the audit"),
        OPTIONS_STRING("operator", &o.operator_id, "NAME", "who asks"),
        OPTIONS_SWITCH("training", &o.training,
                       "the pools that practice looks at: those of the training database"),
        OPTIONS_END,
    };
    const struct options_spec spec = {
        "pool", "[WORD [POOL] [..]] [OPTION...]",
        "What is handed out once: each board gets a value of its own, keeps it, and nobody gets it again.\n"
        "import, spoil, lend, take, key and --reveal are the engineer's (PIN from $FLASHLINE_PIN or the terminal).",
        rows, 3};
    char training[PATH_TEXT];
    int code;

    for (int i = 1; i < argc; i++)
        argv[i] = strcmp(argv[i], "-o") == 0 ? long_name : argv[i];
    int first = options_parse(&spec, argc, argv, &o.common, &code);
    if (first < 0)
        return code;
    o.words = (const char *const *)argv + first + 1;
    o.count = argc - first - 1;
    return go_on(&o, first == argc ? NULL : argv[first], training);
}
