/* SPDX-License-Identifier: Apache-2.0 */
/* pool_import - values of a source become a block, and the block is taken in by whoever writes the database. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_file.h"
#include "db/desk/pool_source.h"
#include "station/cli/cmd.h"
#include "station/cli/pool_cli.h"
#include "station/cli/record_options.h"
#include "station/print/json.h"
#include "station/work/database_path.h"
#include "station/work/work_client.h"

static int tell(const struct pool_options *o, const struct pool_block *b, int64_t fresh)
{
    char kind[POOL_KIND_SIZE];

    pool_shape_text(&b->shape, kind);
    if (o->common.json) {
        json_t *line = json_line_new("pool_import");
        json_put_text(line, "pool", b->pool);
        json_put_text(line, "source", b->source);
        json_put_int(line, "imported", fresh);
        json_put_int(line, "known", (int64_t)b->count - fresh);
        json_put_text(line, "block", b->uuid);
        json_line_write(stdout, line);
    } else if (fresh == 0) {
        printf("pool %s: nothing new: the %zu values of %s are in it already\n", b->pool, b->count,
               b->source);
    } else {
        printf("pool %s: %lld values of kind %s from %s, %lld were in it already\n", b->pool,
               (long long)fresh, kind, b->source, (long long)b->count - (long long)fresh);
    }
    return EXIT_ALL_PASS;
}

/* How many of it were new: what the station did is looked at. */
static int tell_done(const struct pool_options *o, const struct pool_block *b)
{
    struct failure f = {0};
    int code;
    struct db *db = record_open("pool", &o->common, &code);
    int64_t fresh = db != NULL ? pool_block_amount(db, b->uuid, &f) : 0;

    db_close(db);
    if (db == NULL)
        return code;
    return fresh < 0 ? cmd_fail(EXIT_INPUT, "pool", "%s", f.detail) : tell(o, b, fresh);
}

/* Beside the database, where a running station finds it, whatever folders are private to it. */
static int hand_in(const struct pool_options *o, const struct pool_block *b)
{
    char path[PATH_TEXT], file[PATH_TEXT + 32], whole[PATH_MAX];
    struct work_call call = {
        .action = WORK_POOL_IMPORT, .object = b->pool, .actor = o->operator_id, .reason = o->reason};
    struct failure f = {0};
    int code = database_path("pool", &o->common, path);

    if (code != 0)
        return code;
    own_folders_make(path);
    snprintf(file, sizeof file, "%s.import-%ld", path, (long)getpid());
    if (pool_block_write(b, file, &f) != 0)
        return cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
    call.text = whole;
    code = pool_absolute(file, whole);
    if (code == 0)
        code = work_request("pool", &o->common, &call, NULL);
    unlink(file);
    return code == 0 ? tell_done(o, b) : code;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What the values are: said, or as the pool has it, or as the source says. */
static int choose_shape(const struct pool_options *o, const struct pool_status *known, const char *source,
                        struct pool_shape *shape)
{
    if (o->kind != NULL && !pool_shape_parse(o->kind, shape))
        return cmd_fail(EXIT_USAGE, "pool", "--kind: '%s' is none of text, hex:BYTES, mac, eui64, file",
                        o->kind);
    if (o->kind != NULL)
        return 0;
    if (known->name[0] != '\0')
        *shape = known->shape;
    else if (source != NULL && is_folder(source))
        *shape = (struct pool_shape){POOL_FILE, 1};
    else if (source != NULL && pool_is_macs(source))
        *shape = (struct pool_shape){POOL_EUI64, EUI64_SIZE};
    else
        return cmd_fail(EXIT_USAGE, "pool", "a new pool needs a kind: --kind text, hex:BYTES, mac or eui64");
    return 0;
}

static int read_source(const struct pool_options *o, const char *source, struct pool_block *b,
                       struct failure *f)
{
    const struct pool_columns columns = {o->column, o->mac_column, o->heading};

    if (source == NULL)
        return pool_read_range(o->range, o->step, b, f);
    if (is_folder(source))
        return pool_read_folder(source, b, f);
    return pool_is_macs(source) ? pool_read_macs(source, b, f) : pool_read_csv(source, &columns, b, f);
}

static int import_block(const struct pool_options *o, const char *source, struct pool_block *b)
{
    struct pool_key key;
    struct failure f = {0};

    if (source != NULL && is_folder(source) != (b->shape.kind == POOL_FILE))
        return cmd_fail(EXIT_USAGE, "pool", "%s is %s folder: of kind file are the names in one", source,
                        is_folder(source) ? "a" : "no");
    if (b->secret && b->shape.kind == POOL_FILE)
        return cmd_fail(EXIT_USAGE, "pool",
                        "the pool keeps names alone: what is secret in the files stays in their folder");
    if (read_source(o, source, b, &f) != 0 || pool_block_check(b, &f) != 0)
        return cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
    if (b->secret) {
        int code = pool_station_key(o, &key);
        if (code == 0 && pool_block_seal(b, &key, &f) != 0)
            code = cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
        pool_key_wipe(&key);
        if (code != 0)
            return code;
    }
    return hand_in(o, b);
}

int pool_import(const struct pool_options *o)
{
    const char *name = o->count > 0 ? o->words[0] : NULL, *source = o->count > 1 ? o->words[1] : NULL;
    struct pool_status known;
    struct pool_shape shape;
    struct pool_block b;

    if (name == NULL || pool_name_trouble(name) != NULL)
        return cmd_fail(EXIT_USAGE, "pool", "import needs a pool: '%s' %s", name != NULL ? name : "",
                        pool_name_trouble(name));
    if ((source == NULL) == (o->range == NULL))
        return cmd_fail(EXIT_USAGE, "pool", "say from where: a file, a folder, or --range FIRST..LAST");
    int code = pool_known(o, name, &known);
    if (code > 1)
        return code;
    code = choose_shape(o, &known, source, &shape);
    if (code != 0)
        return code;
    pool_block_begin(&b, name, &shape);
    b.secret = o->secret || known.secret;
    b.low_water = o->low_water;
    code = import_block(o, source, &b);
    pool_block_free(&b);
    return code;
}

int pool_take(const struct pool_options *o)
{
    char whole[PATH_MAX];
    struct pool_block b;
    struct failure f = {0};
    struct work_call call = {
        .action = WORK_POOL_TAKE, .text = whole, .actor = o->operator_id, .reason = o->reason};

    if (o->count != 1)
        return cmd_fail(EXIT_USAGE, "pool", "take needs the file of a block: flashline pool take FILE");
    int code = pool_absolute(o->words[0], whole);
    if (code != 0)
        return code;
    if (pool_block_read(whole, &b, &f) != 0)
        code = cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
    call.object = b.pool;
    if (code == 0)
        code = work_request("pool", &o->common, &call, NULL);
    if (code == 0)
        code = tell_done(o, &b);
    pool_block_free(&b);
    return code;
}
