/* SPDX-License-Identifier: Apache-2.0 */
/* pool_lend - what leaves a pool as a file: a block for another station, and the pairs of boards and values. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/out_file.h"
#include "base/time_text.h"
#include "station/cli/cmd.h"
#include "station/cli/pool_cli.h"
#include "station/cli/record_options.h"
#include "station/print/json.h"
#include "station/work/own_files.h"
#include "station/work/work_client.h"

static int tell_lent(const struct pool_options *o, const struct pool_block *b)
{
    if (o->common.json) {
        json_t *line = json_line_new("pool_lent");
        json_put_text(line, "pool", b->pool);
        json_put_text(line, "block", b->uuid);
        json_put_text(line, "station", b->to);
        json_put_int(line, "values", (int64_t)b->count);
        json_put_text(line, "file", o->output);
        json_line_write(stdout, line);
    } else {
        printf("pool %s: %zu values are lent to station %s in %s, block %s\n", b->pool, b->count, b->to,
               o->output, b->uuid);
    }
    return EXIT_ALL_PASS;
}

static int write_block(const struct pool_options *o, const char *uuid)
{
    struct pool_block b;
    struct failure f = {0};
    int code;
    struct db *db = record_open("pool", &o->common, &code);

    if (db == NULL)
        return code;
    int rc = pool_lent_block(db, uuid, &b, &f);
    if (rc == -ENOENT)
        code = cmd_fail(EXIT_SOME_FAIL, "pool", "no block %s was lent here", uuid);
    else if (rc != 0 || pool_block_write(&b, o->output, &f) != 0)
        code = cmd_fail(EXIT_INPUT, "pool",
                        "%s; the values are lent: flashline pool lend --again %s -o FILE writes the block",
                        f.detail, uuid);
    else
        code = tell_lent(o, &b);
    pool_block_free(&b);
    db_close(db);
    return code;
}

/* The values are lent before the file is there: what is lost on the way is written again, never lent again. */
int pool_lend(const struct pool_options *o)
{
    char text[POOL_UUID_SIZE + PLAIN_NAME_SIZE + 2];
    struct work_call call = {
        .action = WORK_POOL_LEND, .text = text, .actor = o->operator_id, .reason = o->reason};
    const struct pool_shape any = {POOL_TEXT, 1};
    struct pool_block b;
    long count = 0;

    int code = pool_may_write(o);
    if (code != 0)
        return code;
    if (o->again != NULL)
        return write_block(o, o->again);
    if (o->count != 2 || options_long(o->words[1], &count) != 0 || count < 1)
        return cmd_fail(EXIT_USAGE, "pool",
                        "lend needs a pool and how many: flashline pool lend POOL N --to STATION -o FILE");
    if (o->station == NULL || plain_name_trouble(o->station) != NULL)
        return cmd_fail(EXIT_USAGE, "pool", "to which station? --to STATION, as its station.yaml names it");
    pool_block_begin(&b, o->words[0], &any);
    snprintf(text, sizeof text, "%s %s", b.uuid, o->station);
    call.object = o->words[0];
    call.number = count;
    code = work_request("pool", &o->common, &call, NULL);
    return code == 0 ? write_block(o, b.uuid) : code;
}

/* Quoting does not stop a spreadsheet from computing: what would begin a formula is marked as text. */
static void put_cell(struct out_file *out, const char *text)
{
    bool formula = text[0] != '\0' && strchr("=+-@", text[0]) != NULL;

    if (!formula && text[strcspn(text, ",\"\r\n;")] == '\0') {
        out_file_text(out, text);
        return;
    }
    out_file_text(out, formula ? "\"'" : "\"");
    for (; *text != '\0'; text++) {
        out_file_text(out, *text == '"' ? "\"" : "");
        out_file_write(out, text, 1);
    }
    out_file_text(out, "\"");
}

struct pairs {
    struct out_file *out;
    long long rows;
};

static int put_pair(void *ctx, const struct pool_item *item)
{
    struct pairs *p = ctx;
    char mac[MAC_TEXT_SIZE], at[TIME_TEXT_SIZE];

    mac_text(&item->mac, mac);
    time_text_utc(item->changed_ms, at);
    out_file_format(p->out, "%s,", mac);
    put_cell(p->out, item->value);
    if (item->attempt != 0)
        out_file_format(p->out, ",%lld,%s,%s\r\n", (long long)item->attempt, at,
                        pool_state_name(item->state));
    else
        out_file_format(p->out, ",,%s,%s\r\n", at, pool_state_name(item->state));
    p->rows++;
    return 0;
}

static int tell_exported(const struct pool_options *o, const char *pool, long long rows,
                         const uint8_t sha256[static SHA256_SIZE])
{
    char hash[SHA256_TEXT_SIZE];

    digest_hex(sha256, SHA256_SIZE, hash);
    if (o->common.json) {
        json_t *line = json_line_new("pool_export");
        json_put_text(line, "pool", pool);
        json_put_text(line, "file", o->output);
        json_put_int(line, "rows", rows);
        json_put_text(line, "sha256", hash);
        json_line_write(stdout, line);
    } else {
        printf("%s: %lld boards of pool %s, SHA-256 %s\n", o->output, rows, pool, hash);
    }
    return EXIT_ALL_PASS;
}

static int write_pairs(const struct pool_options *o, const char *pool, const struct pool_key *key)
{
    const struct pool_wanted want = {.state = -1, .paired = true, .key = key};
    struct own_files own;
    struct failure f = {0};
    uint8_t sha256[SHA256_SIZE];
    uint64_t bytes;
    int code;
    struct db *db = record_open("pool", &o->common, &code);

    if (db == NULL)
        return code;
    own_files_find(&o->common, &own);
    struct pairs p = {.out = out_file_new(&own.files, o->output, &f)};
    int rc = p.out == NULL ? -1 : 0;
    if (rc == 0) {
        out_file_text(p.out, "mac,value,attempt,time,state\r\n");
        rc = pool_items(db, pool, &want, put_pair, &p, &f);
    }
    if (rc == 0)
        rc = out_file_commit(p.out, &bytes, sha256, &f);
    else
        out_file_drop(p.out);
    db_close(db);
    return rc == 0 ? tell_exported(o, pool, p.rows, sha256) : cmd_fail(EXIT_INPUT, "pool", "%s", f.detail);
}

int pool_export(const struct pool_options *o)
{
    struct pool_status pool;
    struct pool_key key;

    if (o->count != 1)
        return cmd_fail(EXIT_USAGE, "pool", "say of which pool: flashline pool export POOL -o FILE");
    int code = pool_may_write(o);
    if (code != 0)
        return code;
    code = pool_known(o, o->words[0], &pool);
    if (code == 1)
        return cmd_fail(EXIT_SOME_FAIL, "pool", "there is no pool '%s'", o->words[0]);
    bool opens = o->reveal && pool.secret;
    if (code == 0 && opens)
        code = pool_reveal(o, &pool, o->output, &key);
    if (code == 0)
        code = write_pairs(o, pool.name, opens ? &key : NULL);
    if (opens)
        pool_key_wipe(&key);
    return code;
}
