/* SPDX-License-Identifier: Apache-2.0 */
/* If this failed, a board would be given bytes that are not those of its values, or a failure would tell a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/unit/nvs_make.h"
#include "profiles/unit/unit_compose.h"
#include "tests/support/scratch.h"

static const struct mac mac = {{0x24, 0x0A, 0xC4, 0x00, 0x00, 0x03}};
static const char *secret = "00112233445566778899aabbccddeeff";
static char folder[SCRATCH_SIZE];
static struct unit_spec spec;
static struct unit_place places[8];
static struct plan plan = {.unit = places};

static int value(void *ctx, enum unit_source source, const char *pool, char *out, size_t size,
                 struct failure *f)
{
    (void)ctx;
    if (source == UNIT_POOL && strcmp(pool, "none") == 0)
        return failure_set(f, FAIL_RECORD, STAGE_GATE, 0, "as the pool says");
    snprintf(out, size, "%s",
             source == UNIT_SERIAL         ? "SN-0007"
             : source == UNIT_LOT          ? "L1"
             : strcmp(pool, "key") == 0    ? secret
             : strcmp(pool, "eui") == 0    ? "70:b3:d5:49:9a:0b:0c:0d"
             : strcmp(pool, "number") == 0 ? "65536"
                                           : pool);
    return 0;
}

static const struct unit_filler filler = {NULL, &mac, value};

static void reset(void)
{
    memset(&spec, 0, sizeof spec);
    plan.unit_count = 0;
}

static struct unit_item *item(const char *name, uint32_t offset, uint32_t size, enum unit_form form,
                              const char *text)
{
    struct unit_item *i = unit_spec_add(&spec, 1);

    i->form = form;
    snprintf(i->value, sizeof i->value, "%s", text);
    places[plan.unit_count] = (struct unit_place){
        .offset = offset, .size = size, .image = form == UNIT_FORM_NVS || form == UNIT_FORM_FILE};
    snprintf(places[plan.unit_count++].name, UNIT_NAME_SIZE, "%s", name);
    return i;
}

static void key(const char *space, const char *name, const char *type, const char *text, bool is_file)
{
    struct unit_key *k = unit_spec_add_key(&spec, 1);

    snprintf(k->space, sizeof k->space, "%s", space);
    snprintf(k->key, sizeof k->key, "%s", name);
    snprintf(k->type, sizeof k->type, "%s", type);
    snprintf(k->value, sizeof k->value, "%s", text);
    k->is_file = is_file;
}

static void fields_and_files(void **state)
{
    struct unit_data d;
    struct failure f = {0};

    (void)state;
    reset();
    item("sn", 0x3F0000, 16, UNIT_FORM_TEXT, "{serial}");
    item("eui", 0x3FF000, 8, UNIT_FORM_HEX, "{pool:eui}");
    item("n", 0x3F0010, 4, UNIT_FORM_INTEGER, "{pool:number}")->big_endian = true;
    item("cert", 0x1C0000, 0x10000, UNIT_FORM_FILE, "{pool:cert.pem}");
    scratch_save("cert.pem", "abc", 3);
    assert_int_equal(unit_compose(&spec, &plan, &filler, &d, &f), 0);
    assert_int_equal(d.count, 4);
    assert_string_equal(d.writes[0].name, "sn");
    assert_int_equal(d.writes[0].kind, UNIT_PATCH);
    assert_int_equal(d.writes[0].offset, 0x3F0000);
    assert_int_equal(d.writes[0].size, 16);
    assert_memory_equal(d.writes[0].data, "SN-0007\0\0\0\0\0\0\0\0\0", 16);
    assert_memory_equal(d.writes[1].data, "\x70\xB3\xD5\x49\x9A\x0B\x0C\x0D", 8);
    assert_memory_equal(d.writes[2].data, "\0\x01\0\0", 4);
    assert_int_equal(d.writes[3].kind, UNIT_IMAGE);
    assert_int_equal(d.writes[3].size, 3);
    assert_memory_equal(d.writes[3].data, "abc", 3);
    unit_data_wipe(&d);
}

/* The partition is nvs_make's; test_nvs_make holds that to independent readers. */
static void keys_of_a_partition(void **state)
{
    static const uint8_t bytes[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                      0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    static const struct nvs_entry want[] = {
        {"factory", "sn", NVS_STRING, "SN-0007", 7, 0},
        {"factory", "key", NVS_BLOB, bytes, 16, 0},
        {"app", "n", NVS_I16, "\xFE\xFF", 2, 0},
        {"app", "ca", NVS_STRING, "abc", 3, 0},
    };
    static uint8_t part[0x6000];
    static const struct place nowhere = {"", 0, NULL};
    struct unit_data d;
    struct failure f = {0};
    struct complaint c = {0};

    (void)state;
    reset();
    item("nvs", 0x9000, sizeof part, UNIT_FORM_NVS, "");
    key("factory", "sn", "string", "{serial}", false);
    key("factory", "key", "blob", "{pool:key}", false);
    key("app", "n", "i16", "-2", false);
    key("app", "ca", "string", "{pool:cert.pem}", true);
    scratch_save("cert.pem", "abc", 3);
    assert_int_equal(unit_compose(&spec, &plan, &filler, &d, &f), 0);
    assert_int_equal(nvs_make(want, 4, part, sizeof part, &nowhere, &c), 0);
    assert_int_equal(d.writes[0].kind, UNIT_IMAGE);
    assert_int_equal(d.writes[0].size, sizeof part);
    assert_memory_equal(d.writes[0].data, part, sizeof part);
    unit_data_wipe(&d);
}

static void refused(const char *want)
{
    struct unit_data d;
    struct failure f = {0};

    assert_int_equal(unit_compose(&spec, &plan, &filler, &d, &f), -1);
    assert_int_equal(d.count, 0);
    if (strncmp(f.detail, want, strlen(want)) != 0)
        fail_msg("want: %s\n got: %s", want, f.detail);
    assert_null(strstr(f.detail, "0011"));
    assert_null(strstr(f.detail, "SN-0007"));
}

static void what_does_not_fit_is_told_without_its_value(void **state)
{
    (void)state;
    reset();
    item("a", 0, 16, UNIT_FORM_TEXT, "{serial}");
    item("b", 16, 4, UNIT_FORM_TEXT, "{serial}");
    refused("unit data 'b': its 7 bytes do not fit the 4 of the field");
    reset();
    item("b", 16, 4, UNIT_FORM_HEX, "{pool:key}");
    refused("unit data 'b': it has 16 bytes, and the field 4");
    reset();
    item("b", 16, 2, UNIT_FORM_INTEGER, "{pool:number}");
    refused("unit data 'b': it is beyond what 2 bytes hold");
    reset();
    item("b", 16, 2, UNIT_FORM_TEXT, "{pool:none}");
    refused("as the pool says, while making unit data 'b'");
    reset();
    item("f", 0, 0x1000, UNIT_FORM_FILE, "{pool:nosuch.pem}");
    refused("unit data 'f': its file could not be opened: No such file or directory");
    reset();
    scratch_save("empty", "", 0);
    item("f", 0, 0x1000, UNIT_FORM_FILE, "{pool:empty}");
    refused("unit data 'f': its file has 0 bytes, and 1 to 4096 are taken");
    reset();
    item("f", 0, 0x1000, UNIT_FORM_FILE, "{pool:.}");
    refused("unit data 'f': what it names is no file");
    reset();
    item("nvs", 0x9000, 0x3000, UNIT_FORM_NVS, "");
    key("factory", "key", "u16", "{pool:key}", false);
    refused("unit data 'nvs': key 'key' of 'factory': it is");
}

/* 128 keys of 128 bytes are more than three pages hold: seen at a board, for its values are its own. */
static void a_partition_that_is_too_small_is_told(void **state)
{
    char name[16];

    (void)state;
    reset();
    item("nvs", 0x9000, 0x3000, UNIT_FORM_NVS, "");
    for (int i = 0; i < 128; i++) {
        snprintf(name, sizeof name, "k%d", i);
        key("factory", name, "string", "{pool:key}{pool:key}{pool:key}", false);
    }
    refused("unit data 'nvs': ");
}

static int set_up(void **state)
{
    (void)state;
    scratch_enter(folder, "compose");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_leave(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_files),
        cmocka_unit_test(keys_of_a_partition),
        cmocka_unit_test(what_does_not_fit_is_told_without_its_value),
        cmocka_unit_test(a_partition_that_is_too_small_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
