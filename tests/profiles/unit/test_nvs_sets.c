/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partitions made here are, byte for byte, those of Espressif's generator (tests/vectors/nvs-sets.txt), and a reader written from the
 * document finds in 1,000 seeded ones every key with its value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "profiles/firmware/little_endian.h"
#include "profiles/unit/nvs_make.h"
#include "tests/support/nvs_list.h"
#include "tests/support/scratch.h"
#include "tests/support/skipped.h"

#define SETS      1000
#define FLIPS     400
#define PAGES_MAX 160

static const struct place at = {"job.yaml", 1, NULL};

/* ---- what Espressif's generator made ---- */

struct vector {
    char name[40], sha256[SHA256_TEXT_SIZE];
    size_t pages;
    struct nvs_list list;
    char bytes[64][70]; /* "OFFSET HEX" */
    size_t bytes_count;
};

static void fill(struct vector *v, const char *space, const char *key, enum nvs_type type, size_t length,
                 size_t start)
{
    uint8_t *value = nvs_list_add(&v->list, space, key, type, NULL, length);

    for (size_t i = 0; i < length; i++)
        value[i] = (uint8_t)(type == NVS_STRING ? 'a' + (start + i) % 26 : start + 7 * i + i / 251);
}

static void add_many(struct vector *v, size_t count, const char *type, const char *space, const char *prefix)
{
    enum nvs_type t;

    assert_true(nvs_type_named(type, &t));
    for (size_t i = 0; i < count; i++) {
        char key[48], number[32];

        snprintf(key, sizeof key, "%s%zu", prefix, i);
        snprintf(number, sizeof number, "%zu", i * i % 251);
        nvs_list_add_number(&v->list, space, key, t, number);
    }
}

static void read_line(struct vector *v, const char *line)
{
    char type[8], space[20], key[20], value[24];
    size_t count, start;
    enum nvs_type t;

    if (sscanf(line, "many %zu %7s %19s %19s", &count, type, space, key) == 4) {
        add_many(v, count, type, space, key);
    } else if (sscanf(line, "bytes %69[^\n]", v->bytes[v->bytes_count]) == 1) {
        v->bytes_count++;
    } else if (sscanf(line, "%7s %19s %19s fill %zu %zu", type, space, key, &count, &start) == 5) {
        assert_true(nvs_type_named(type, &t));
        fill(v, space, key, t, count, start);
    } else if (sscanf(line, "%7s %19s %19s %23s", type, space, key, value) == 4) {
        assert_true(nvs_type_named(type, &t));
        nvs_list_add_number(&v->list, space, key, t, value);
    } else {
        fail_msg("nvs-sets.txt: %s", line);
    }
}

static void check_bytes(const struct vector *v, const uint8_t *image)
{
    for (size_t i = 0; i < v->bytes_count; i++) {
        unsigned long offset;
        char hex[65], is[65];

        assert_int_equal(sscanf(v->bytes[i], "%lu %64s", &offset, hex), 2);
        digest_hex(image + offset, 32, is);
        assert_string_equal(is, hex);
    }
}

static void check_vector(struct vector *v)
{
    struct complaint c = {0};
    size_t size = v->pages * NVS_PAGE_SIZE;
    uint8_t *image = calloc(v->pages + 1, NVS_PAGE_SIZE), sha256[SHA256_SIZE];
    char is[SHA256_TEXT_SIZE];

    assert_non_null(image);
    if (nvs_make(v->list.entries, v->list.count, image, size, &at, &c) != 0)
        fail_msg("%s: %s", v->name, c.text);
    check_bytes(v, image);
    digest_sha256(image, size, sha256);
    digest_hex(sha256, sizeof sha256, is);
    if (strcmp(is, v->sha256) != 0)
        fail_msg("%s: these are not the bytes that Espressif's generator makes", v->name);
    free(image);
    nvs_list_clear(&v->list);
}

static void test_as_espressif(void **state)
{
    struct vector v = {.pages = 0};
    FILE *f = fopen(SOURCE_DIR "/tests/vectors/nvs-sets.txt", "re");
    char line[160];
    int sets = 0;

    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        struct vector next = {.pages = 0};

        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (sscanf(line, "set %39s %zu %64s", next.name, &next.pages, next.sha256) != 3) {
            read_line(&v, line);
            continue;
        }
        if (sets++ > 0)
            check_vector(&v);
        v = next;
    }
    check_vector(&v);
    fclose(f);
    assert_int_equal(sets, 19);
}

/* ---- seeded sets ---- */

static uint32_t below(uint32_t *seed, uint32_t limit)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed % limit;
}

static void fill_any(uint32_t *seed, uint8_t *out, size_t size, bool text)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(text ? 1 + below(seed, 255) : below(seed, 256));
}

/* Lengths about an entry, about a page, and any. */
static size_t length_of(uint32_t *seed, size_t max)
{
    static const size_t edges[] = {0,    1,    31,   32,   33,   64,   3935, 3936,
                                   3967, 3968, 3969, 4000, 4001, 7936, 8000};
    size_t length = 0;

    switch (below(seed, 8)) {
    case 0:
        length = edges[below(seed, sizeof edges / sizeof edges[0])];
        break;
    case 1:
        length = below(seed, (uint32_t)max + 1);
        break;
    default:
        length = below(seed, 90);
    }
    return length <= max ? length : max;
}

static void add_any(struct nvs_list *l, uint32_t *seed, size_t number, size_t blob_max)
{
    static const enum nvs_type types[] = {NVS_U8,  NVS_I8,  NVS_U16,    NVS_I16,  NVS_U32,    NVS_I32,
                                          NVS_U64, NVS_I64, NVS_STRING, NVS_BLOB, NVS_STRING, NVS_BLOB};
    enum nvs_type type = types[below(seed, sizeof types / sizeof types[0])];
    size_t size = nvs_number_width(type);
    char space[48], key[48];

    snprintf(space, sizeof space, "%.*s%u", (int)below(seed, 12), "namespace.__", below(seed, 7));
    snprintf(key, sizeof key, "%zu%.*s", number, (int)below(seed, 12), "-the_key.0xK");
    if (size == 0)
        size = length_of(seed, type == NVS_STRING ? NVS_STRING_MAX : blob_max);
    fill_any(seed, nvs_list_add(l, space, key, type, NULL, size), size, type == NVS_STRING);
}

/* Most fill one page or a few; one in 40 has blobs over many. What does not fit yet is given a page more. */
static void pack_set(uint32_t number, FILE *packed, FILE *told, uint8_t *image)
{
    uint32_t seed = number * 2654435761u + 1;
    struct nvs_list l = {.count = 0};
    size_t keys = 1 + below(&seed, number % 10 == 0 ? 160 : 24), pages = 3;
    size_t blob_max = number % 40 == 0 ? 100000 : 9000;
    struct complaint c = {0};
    uint8_t size[4];

    for (size_t i = 0; i < keys; i++)
        add_any(&l, &seed, i, number % 40 == 0 && i % 8 != 0 ? 90 : blob_max);
    while (nvs_make(l.entries, l.count, image, pages * NVS_PAGE_SIZE, &at, &c) != 0) {
        if (strstr(c.text, "enlarge") == NULL || pages == PAGES_MAX)
            fail_msg("set %u: %s", number, c.text);
        complaint_clear(&c);
        pages++;
    }
    put_le32(size, (uint32_t)(pages * NVS_PAGE_SIZE));
    fwrite(size, 1, sizeof size, packed);
    fwrite(image, 1, pages * NVS_PAGE_SIZE, packed);
    fprintf(told, "partition %zu: %zu pages used\n", pages * NVS_PAGE_SIZE,
            pages == 3 && image[NVS_PAGE_SIZE] == 0xff ? 1 : pages - 1);
    nvs_list_tell(&l, told);
    nvs_list_clear(&l);
}

static void need_python(void)
{
    if (system("python3 -c pass 2>/dev/null") == 0) /* NOLINT(cert-env33-c): is it there? */
        return;
    skipped_row("python3 is not installed (script/bootstrap test brings it)");
    skip();
}

static FILE *read_packed(void)
{
    FILE *found = popen("python3 " SOURCE_DIR "/tests/support/nvs_read.py packed",
                        "r"); /* NOLINT(cert-env33-c): a witness */

    assert_non_null(found);
    return found;
}

static void compare(FILE *found, FILE *told)
{
    static char a[400], b[400];
    size_t line = 0;

    while (fgets(a, sizeof a, told) != NULL) {
        line++;
        if (fgets(b, sizeof b, found) == NULL)
            fail_msg("line %zu: the reader found no %s", line, a);
        if (strcmp(a, b) != 0)
            fail_msg("line %zu: the reader found %s instead of %s", line, b, a);
    }
    assert_null(fgets(b, sizeof b, found));
    assert_true(line > 15 * SETS);
}

static void test_every_key_is_found(void **state)
{
    uint8_t *image;
    char dir[SCRATCH_SIZE];
    FILE *packed, *told, *found;

    (void)state;
    need_python();
    scratch_enter(dir, "nvs");
    image = malloc(PAGES_MAX * NVS_PAGE_SIZE);
    packed = fopen("packed", "we");
    told = fopen("told", "w+e");
    assert_true(image != NULL && packed != NULL && told != NULL);
    for (uint32_t i = 0; i < SETS; i++)
        pack_set(i, packed, told, image);
    free(image);
    assert_int_equal(fclose(packed), 0);
    rewind(told);
    found = read_packed();
    compare(found, told);
    assert_int_equal(pclose(found), 0);
    fclose(told);
    scratch_leave(dir);
}

/* The witness is no yes-man: a bit turned over anywhere in a partition, and it says wrong. */
static void test_every_flipped_bit_is_found(void **state)
{
    static uint8_t image[NVS_SIZE_MIN];
    struct nvs_list l = {.count = 0};
    struct complaint c = {0};
    char dir[SCRATCH_SIZE], line[400];
    uint8_t size[4];
    uint32_t seed = 7;
    int wrong = 0;
    FILE *packed, *found;

    (void)state;
    need_python();
    scratch_enter(dir, "nvs");
    packed = fopen("packed", "we");
    assert_non_null(packed);
    for (size_t i = 0; i < 25; i++)
        add_any(&l, &seed, i, 4100);
    assert_int_equal(nvs_make(l.entries, l.count, image, sizeof image, &at, &c), 0);
    put_le32(size, sizeof image);
    for (int i = 0; i < FLIPS; i++) {
        size_t bit = below(&seed, 8 * sizeof image);

        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
        fwrite(size, 1, sizeof size, packed);
        fwrite(image, 1, sizeof image, packed);
        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(fclose(packed), 0);
    found = read_packed();
    while (fgets(line, sizeof line, found) != NULL)
        wrong += strncmp(line, "wrong: ", 7) == 0;
    assert_true(pclose(found) != 0);
    assert_int_equal(wrong, FLIPS);
    nvs_list_clear(&l);
    scratch_leave(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_espressif),
        cmocka_unit_test(test_every_key_is_found),
        cmocka_unit_test(test_every_flipped_bit_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
