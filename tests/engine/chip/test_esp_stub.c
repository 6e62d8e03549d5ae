/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "engine/chip/esp_stub.h"
#include "tests/support/scratch.h"
#include "tests/support/skipped.h"

/* "flash me" at 0x40090000, "data" at 0x3ffeb000: bytes and numbers packed and hashed by sha256sum, not by us. */
#define SMALL(text, data, start, entry)                                                           \
    "{\"text\": \"" text "\", \"text_start\": " start ", \"entry\": " entry ", \"data\": \"" data \
    "\", \"data_start\": 1073655808}"
#define SMALL_SHA256 "953b0242b24a20cae1837a4e2113a1ac649dc94740d673611055060607e46f23"

static int try_load(const char *json, struct stub *out, char why[static 160])
{
    char dir[SCRATCH_SIZE], path[128];

    scratch_make(dir, "stub");
    snprintf(path, sizeof path, "%s/esp32.json", dir);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(json, file);
    fclose(file);
    int rc = stub_load(path, out, why);
    scratch_remove(dir);
    return rc;
}

static void load(const char *json, struct stub *out)
{
    char why[160] = "";

    if (try_load(json, out, why) != 0)
        fail_msg("%s", why);
}

static void what_is_no_stub_is_refused_with_its_errno(void **state)
{
    static const char *const bad[] = {
        "{}",
        "[1",
        SMALL("Zmxhc2ggbWU", "ZGF0YQ==", "1074331648", "1074331652"),
        SMALL("Zmxhc2ggbWU=", "ZGF0YQ==", "-1", "1074331652"),
        SMALL("Zmxhc2ggbWU=", "=", "1074331648", "1074331652"),
    };
    struct stub s;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char why[160] = "";
        assert_int_equal(try_load(bad[i], &s, why), -EINVAL);
        assert_non_null(strstr(why, "stub file esp32.json: "));
        assert_null(s.text);
    }
}

static void the_digest_covers_bytes_and_addresses(void **state)
{
    (void)state;
    static const char *const others[] = {
        SMALL("Zmxhc2ggbWU=", "ZGF0YQ==", "1074331648", "1074331656"), /* another entry */
        SMALL("Zmxhc2ggbWU=", "ZGF0YQ==", "1074331652", "1074331652"), /* another place */
        SMALL("Zmxhc2ggbWU=", "ZGF0YS4=", "1074331648", "1074331652"), /* other data */
        SMALL("Zmxhc2ggTWU=", "ZGF0YQ==", "1074331648", "1074331652"), /* another text */
        SMALL("Zmxhc2ggbWVk", "YXRh", "1074331648", "1074331652"),     /* the same bytes, divided elsewhere */
    };
    struct stub s;
    char hex[SHA256_TEXT_SIZE];

    load(SMALL("Zmxhc2ggbWU=", "ZGF0YQ==", "1074331648", "1074331652"), &s);
    digest_hex(s.sha256, SHA256_SIZE, hex);
    assert_string_equal(hex, SMALL_SHA256);
    assert_string_equal(s.version, "unknown");
    assert_false(stub_is_known(&s));
    stub_free(&s);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        load(others[i], &s);
        digest_hex(s.sha256, SHA256_SIZE, hex);
        assert_string_not_equal(hex, SMALL_SHA256);
        stub_free(&s);
    }
}

static bool have_stub(const char *name, struct stub *s)
{
    char path[512], why[160];
    const char *dir = getenv("FLASHLINE_STUB_DIR"), *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

    if (dir != NULL)
        snprintf(path, sizeof path, "%s/%s", dir, name);
    else
        snprintf(path, sizeof path, "%s%s/flashline/stubs/%s", cache != NULL ? cache : home,
                 cache != NULL ? "" : "/.cache", name);
    if (access(path, R_OK) != 0) {
        skipped_row("no %s", path);
        return false;
    }
    if (stub_load(path, s, why) != 0)
        fail_msg("%s", why);
    return true;
}

/* Those that are installed here are of the list; with one byte more they are not (the digest's test). */
static void the_list_knows_a_stub_to_the_byte(void **state)
{
    (void)state;
    static const char *const files[] = {"esp32.json", "esp32-v1.json"};
    int seen = 0;

    for (size_t i = 0; i < 2; i++) {
        struct stub s;
        if (!have_stub(files[i], &s))
            continue;
        seen++;
        assert_true(stub_is_known(&s));
        assert_true(stub_resends_on_checksum(&s) || strcmp(s.version, "v1") == 0);
        assert_true(i == 0 || strcmp(s.version, "v1") == 0);
        stub_free(&s);
    }
    if (seen == 0)
        skip();
}

/* Only the second stub says of a damaged block that it did not take it. */
static void only_the_second_stub_is_sent_a_refused_block_again(void **state)
{
    (void)state;
    assert_true(stub_resends_on_checksum(&(struct stub){.version = "v2 1.2.2"}));
    assert_true(stub_resends_on_checksum(&(struct stub){.version = "v2 1.0.0"}));
    assert_false(stub_resends_on_checksum(&(struct stub){.version = "v1"}));
    assert_false(stub_resends_on_checksum(&(struct stub){.version = "unknown"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_stub_is_refused_with_its_errno),
        cmocka_unit_test(the_digest_covers_bytes_and_addresses),
        cmocka_unit_test(the_list_knows_a_stub_to_the_byte),
        cmocka_unit_test(only_the_second_stub_is_sent_a_refused_block_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
