/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pool_block.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "base/errno_text.h"
#include "base/file.h"
#include "db/open/db_inside.h"

#define HEAD      "flashline pool block 1"
#define LINE_SIZE (2 * POOL_SEALED_MAX + PATH_MAX + 128)

void pool_block_begin(struct pool_block *b, const char *pool, const struct pool_shape *shape)
{
    struct timespec now = {0};

    *b = (struct pool_block){.shape = *shape, .low_water = -1};
    clock_gettime(CLOCK_REALTIME, &now);
    uuid_new((int64_t)now.tv_sec * 1000, b->uuid);
    snprintf(b->pool, sizeof b->pool, "%.31s", pool);
}

void pool_block_free(struct pool_block *b)
{
    for (size_t i = 0; i < b->count; i++) {
        OPENSSL_cleanse(b->entries[i].text, strlen(b->entries[i].text));
        free(b->entries[i].text);
    }
    free(b->entries);
    memset(b, 0, sizeof *b);
}

static int bad(const struct pool_block *b, int line, struct failure *f, const char *form, ...)
    __attribute__((format(printf, 4, 5)));

static int bad(const struct pool_block *b, int line, struct failure *f, const char *form, ...)
{
    char why[POOL_TEXT_SIZE + 160], at[16] = "";
    va_list args;

    va_start(args, form);
    vsnprintf(why, sizeof why, form, args);
    va_end(args);
    if (line > 0)
        snprintf(at, sizeof at, ":%d", line);
    return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%.200s%s: %.300s", b->source, at, why);
}

static int grow(struct pool_block *b, struct failure *f)
{
    if (b->count == POOL_BLOCK_MAX)
        return bad(b, 0, f, "more than %d values at once: bring them in in parts", POOL_BLOCK_MAX);
    if (b->count < b->room)
        return 0;
    size_t room = b->room == 0 ? 64 : 2 * b->room;
    struct pool_entry *grown = realloc(b->entries, room * sizeof *grown);
    if (grown == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "reading values");
    b->entries = grown;
    b->room = room;
    return 0;
}

static int append(struct pool_block *b, const char *text, const struct pool_entry *as, struct failure *f)
{
    if (grow(b, f) != 0)
        return -1;
    char *copy = strdup(text);
    if (copy == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "reading values");
    b->entries[b->count] = *as;
    b->entries[b->count++].text = copy;
    return 0;
}

int pool_block_add(struct pool_block *b, const char *text, enum pool_state state, const struct mac *mac,
                   int line, struct failure *f)
{
    const struct pool_entry e = {
        .state = state, .has_mac = mac != NULL, .mac = mac != NULL ? *mac : (struct mac){{0}}, .line = line};
    char normal[POOL_TEXT_SIZE];
    const char *trouble = pool_value_normal(&b->shape, text, normal);

    if (trouble != NULL)
        return b->secret ? bad(b, line, f, "the value %s", trouble)
                         : bad(b, line, f, "'%.100s' %s", text, trouble);
    if ((b->shape.kind == POOL_TEXT || b->shape.kind == POOL_FILE) && strlen(normal) > b->shape.size)
        b->shape.size = strlen(normal);
    int rc = append(b, normal, &e, f);
    OPENSSL_cleanse(normal, sizeof normal);
    return rc;
}

int pool_block_add_sealed(struct pool_block *b, const char *hex, const uint8_t mark[static SHA256_SIZE],
                          struct failure *f)
{
    struct pool_entry e = {.state = POOL_FREE};

    memcpy(e.mark, mark, sizeof e.mark);
    return append(b, hex, &e, f);
}

static int by_text(const void *a, const void *b)
{
    const struct pool_entry *x = a, *y = b;
    int text = strcmp(x->text, y->text);

    return text != 0 ? text : x->line - y->line;
}

static int by_mac(const void *a, const void *b)
{
    const struct pool_entry *x = a, *y = b;
    int mac = memcmp(x->mac.bytes, y->mac.bytes, sizeof x->mac.bytes);

    return mac != 0 ? mac : x->line - y->line;
}

static int check_sorted(const struct pool_block *b, struct pool_entry *sorted, size_t count,
                        struct failure *f)
{
    char mac[MAC_TEXT_SIZE];
    size_t owned = 0;

    qsort(sorted, count, sizeof *sorted, by_text);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i].text, sorted[i - 1].text) == 0)
            return bad(b, sorted[i].line, f, "%s stands in line %d too",
                       b->secret ? "the value" : sorted[i].text, sorted[i - 1].line);
    }
    /* Of the ones that boards have; a spoiled one beside it is no second value. */
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].has_mac && sorted[i].state != POOL_SPOILED)
            sorted[owned++] = sorted[i];
    }
    qsort(sorted, owned, sizeof *sorted, by_mac);
    for (size_t i = 1; i < owned; i++) {
        mac_text(&sorted[i].mac, mac);
        if (mac_equal(&sorted[i].mac, &sorted[i - 1].mac))
            return bad(b, sorted[i].line, f, "board %s has the value of line %d too", mac,
                       sorted[i - 1].line);
    }
    return 0;
}

int pool_block_check(const struct pool_block *b, struct failure *f)
{
    if (b->count == 0)
        return bad(b, 0, f, "there is no value in it");
    struct pool_entry *sorted = calloc(b->count, sizeof *sorted);
    if (sorted == NULL)
        return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "reading values");
    memcpy(sorted, b->entries, b->count * sizeof *sorted);
    int rc = check_sorted(b, sorted, b->count, f);
    free(sorted);
    return rc;
}

int pool_block_seal(struct pool_block *b, const struct pool_key *key, struct failure *f)
{
    memcpy(b->key_id, key->id, sizeof b->key_id);
    for (size_t i = 0; i < b->count; i++) {
        struct pool_entry *e = &b->entries[i];
        uint8_t sealed[POOL_SEALED_MAX];
        size_t size;
        if (pool_key_seal(key, b->pool, e->text, sealed, &size, e->mark) != 0)
            return failure_set(f, FAIL_POOL, STAGE_NONE, 0, "%.200s: a value could not be sealed", b->source);
        char *hex = malloc(2 * size + 1);
        if (hex == NULL)
            return failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "sealing values");
        digest_hex(sealed, size, hex);
        OPENSSL_cleanse(e->text, strlen(e->text));
        free(e->text);
        e->text = hex;
    }
    return 0;
}

static void put_entry(FILE *out, const struct pool_block *b, const struct pool_entry *e)
{
    char mac[MAC_TEXT_SIZE] = "-", mark[SHA256_TEXT_SIZE] = "-";

    if (e->has_mac)
        mac_text(&e->mac, mac);
    if (b->secret)
        digest_hex(e->mark, sizeof e->mark, mark);
    fprintf(out, "%s\t%s\t%d\t%s\t%s\n", pool_state_name(e->state), mac, e->line, mark, e->text);
}

static void put_all(FILE *out, const struct pool_block *b)
{
    char kind[POOL_KIND_SIZE], key[2 * POOL_KEY_ID_SIZE + 1] = "-";

    pool_shape_text(&b->shape, kind);
    if (b->secret)
        digest_hex(b->key_id, sizeof b->key_id, key);
    fprintf(out, HEAD "\nblock %s\npool %s\nkind %s %zu\nkey %s\nfolder %s\nsource %s\nfrom %s\nto %s\n",
            b->uuid, b->pool, kind, b->shape.size, key, b->folder, b->source, b->from, b->to);
    fprintf(out, "low_water %" PRId64 "\nvalues %zu\n", b->low_water, b->count);
    for (size_t i = 0; i < b->count; i++)
        put_entry(out, b, &b->entries[i]);
}

int pool_block_write(const struct pool_block *b, const char *path, struct failure *f)
{
    char *text = NULL, hex[SHA256_TEXT_SIZE];
    uint8_t hash[SHA256_SIZE];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out != NULL) {
        put_all(out, b);
        fflush(out);
        digest_sha256(text, size, hash);
        digest_hex(hash, sizeof hash, hex);
        fprintf(out, "end %s\n", hex);
    }
    int rc = out == NULL || fclose(out) != 0 ? -ENOMEM : file_save(path, text, size, FILE_TAKE_NAME);
    free(text);
    if (rc != 0)
        return failure_set(f, FAIL_WORK, STAGE_NONE, -rc, "cannot write %.300s: %s", path, errno_text(-rc));
    return 0;
}

/* The rest of the line after `name` and a blank; NULL: it is another line. */
static const char *field(FILE *in, char *line, const char *name)
{
    size_t length = strlen(name);

    if (fgets(line, LINE_SIZE, in) == NULL)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    return strncmp(line, name, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

static bool text_field(FILE *in, char *line, const char *name, char *out, size_t size)
{
    const char *text = field(in, line, name);

    return text != NULL && (size_t)snprintf(out, size, "%s", text) < size;
}

static bool kind_field(FILE *in, char *line, struct pool_shape *shape)
{
    const char *text = field(in, line, "kind");
    char kind[POOL_KIND_SIZE];
    size_t size = 0;

    if (text == NULL || sscanf(text, "%15s %zu", kind, &size) != 2 || !pool_shape_parse(kind, shape))
        return false;
    bool fixed = shape->kind != POOL_TEXT && shape->kind != POOL_FILE;
    if (!fixed)
        shape->size = size;
    return size > 0 && size <= POOL_BYTES_MAX && shape->size == size;
}

static bool key_field(FILE *in, char *line, struct pool_block *b)
{
    const char *text = field(in, line, "key");

    b->secret = text != NULL && strcmp(text, "-") != 0;
    return text != NULL && (!b->secret || pool_bytes(text, b->key_id, sizeof b->key_id));
}

static bool number_field(FILE *in, char *line, const char *name, int64_t *out)
{
    const char *text = field(in, line, name);
    char *end = NULL;

    *out = text != NULL ? strtoll(text, &end, 10) : 0;
    return text != NULL && end != text && *end == '\0';
}

static bool read_head(FILE *in, char *line, struct pool_block *b, int64_t *count)
{
    return fgets(line, LINE_SIZE, in) != NULL && strcmp(line, HEAD "\n") == 0 &&
           text_field(in, line, "block", b->uuid, sizeof b->uuid) &&
           text_field(in, line, "pool", b->pool, sizeof b->pool) && pool_name_trouble(b->pool) == NULL &&
           kind_field(in, line, &b->shape) && key_field(in, line, b) &&
           text_field(in, line, "folder", b->folder, sizeof b->folder) &&
           text_field(in, line, "source", b->source, sizeof b->source) &&
           text_field(in, line, "from", b->from, sizeof b->from) &&
           text_field(in, line, "to", b->to, sizeof b->to) &&
           number_field(in, line, "low_water", &b->low_water) && number_field(in, line, "values", count) &&
           *count >= 0 && *count <= POOL_BLOCK_MAX;
}

static bool parse_entry(struct pool_block *b, char *line, struct pool_entry *e, char **text)
{
    char *part[5], *next = line, normal[POOL_TEXT_SIZE];
    uint8_t sealed[POOL_SEALED_MAX];

    for (int i = 0; i < 5; i++)
        if ((part[i] = strsep(&next, "\t")) == NULL)
            return false;
    *text = part[4];
    *e = (struct pool_entry){.state = pool_state_named(part[0]), .has_mac = strcmp(part[1], "-") != 0};
    e->line = (int)strtol(part[2], NULL, 10);
    if ((e->state != POOL_FREE && e->state != POOL_VERIFIED && e->state != POOL_SPOILED) ||
        (e->has_mac && (e->state == POOL_FREE || mac_parse(part[1], &e->mac) != 0)) || next != NULL)
        return false;
    if (b->secret)
        return pool_bytes(part[3], e->mark, sizeof e->mark) && strlen(*text) <= 2 * POOL_SEALED_MAX &&
               pool_bytes(*text, sealed, strlen(*text) / 2);
    return pool_value_normal(&b->shape, *text, normal) == NULL && strcmp(normal, *text) == 0;
}

static int read_all(FILE *in, const char *path, struct pool_block *b, struct failure *f)
{
    char *line = malloc(LINE_SIZE), *text = NULL;
    int64_t count = 0;
    bool good = line != NULL && read_head(in, line, b, &count);

    for (int64_t i = 0; i < count && good; i++) {
        struct pool_entry e;
        good = fgets(line, LINE_SIZE, in) != NULL;
        line[strcspn(line, "\n")] = '\0';
        if (good && (good = parse_entry(b, line, &e, &text)) && append(b, text, &e, f) != 0) {
            free(line);
            return -1;
        }
    }
    free(line);
    return good ? 0 : failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%.300s is no block of values", path);
}

/* The last line is the SHA-256 of those before it. */
static bool is_whole(const char *text, size_t size)
{
    const size_t last = sizeof "end \n" - 1 + SHA256_TEXT_SIZE - 1;
    uint8_t hash[SHA256_SIZE];
    char want[sizeof "end \n" + SHA256_TEXT_SIZE], hex[SHA256_TEXT_SIZE];

    if (size < last)
        return false;
    digest_sha256(text, size - last, hash);
    digest_hex(hash, sizeof hash, hex);
    snprintf(want, sizeof want, "end %s\n", hex);
    return memcmp(text + size - last, want, last) == 0;
}

static int slurp(const char *path, char **text, size_t *size)
{
    FILE *in = fopen(path, "re");
    FILE *out = in != NULL ? open_memstream(text, size) : NULL;
    char part[65536];
    size_t got;

    if (out == NULL) {
        int error = errno;
        if (in != NULL)
            fclose(in);
        return error;
    }
    while ((got = fread(part, 1, sizeof part, in)) > 0 && fwrite(part, 1, got, out) == got)
        continue;
    int error = ferror(in) ? EIO : 0;
    fclose(in);
    return fclose(out) != 0 ? ENOMEM : error;
}

int pool_block_read(const char *path, struct pool_block *b, struct failure *f)
{
    char *text = NULL;
    size_t size = 0;
    const struct pool_shape none = {POOL_TEXT, 1};

    pool_block_begin(b, "", &none);
    int error = slurp(path, &text, &size);
    if (error != 0) {
        free(text);
        return failure_set(f, FAIL_WORK, STAGE_NONE, error, "cannot read %.300s: %s", path,
                           errno_text(error));
    }
    if (size == 0 || !is_whole(text, size)) {
        free(text);
        return failure_set(f, FAIL_WORK, STAGE_NONE, 0, "%.300s is no block of values, or not all of one",
                           path);
    }
    FILE *in = fmemopen(text, size, "r");
    int rc = in == NULL ? failure_set(f, FAIL_NO_MEMORY, STAGE_NONE, ENOMEM, "reading %.300s", path)
                        : read_all(in, path, b, f);
    if (in != NULL)
        fclose(in);
    free(text);
    return rc;
}
