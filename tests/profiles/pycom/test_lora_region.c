/* SPDX-License-Identifier: Apache-2.0 */
/* A LoRa region by name, code and country; and what a board's firmware would refuse is refused by name, before it is written. */
#include <errno.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/pycom/lora_country.h"
#include "profiles/pycom/lora_region.h"
#include "profiles/pycom/pycom_model.h"

/* LoRaMac.h of Pycom's sources: the order of an enum; windows from modlora.c. */
static void codes_and_windows_are_those_of_the_firmware(void **state)
{
    static const struct {
        const char *name;
        unsigned code, low, high;
    } told[] = {{"AS923", 0, 915, 928},       {"AU915", 1, 915, 928}, {"CN470", 2, 470, 510},
                {"CN779", 3, 779, 787},       {"EU433", 4, 433, 435}, {"EU868", 5, 863, 870},
                {"KR920", 6, 920, 923},       {"IN865", 7, 865, 867}, {"US915", 8, 902, 928},
                {"US915_HYBRID", 9, 902, 928}};

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        const struct lora_region *r = lora_region_of_code(told[i].code);
        assert_non_null(r);
        assert_string_equal(r->name, told[i].name);
        assert_int_equal(r->code, told[i].code);
        assert_int_equal(r->low_mhz, told[i].low);
        assert_int_equal(r->high_mhz, told[i].high);
    }
    assert_null(lora_region_of_code(10));
    assert_null(lora_region_of_code(LORA_REGION_UNSET));
    assert_null(lora_region_at(10));
}

struct asked {
    const char *text, *board, *firmware;
    int rc;   /* 0: `code` is the answer */
    int code; /* else: why it is not matches `why` */
    const char *why;
};

static void ask(const struct asked *a)
{
    const struct lora_wish wish = {a->text, a->board, a->firmware};
    struct lora_choice choice = {0};
    char why[LORA_REGION_WHY] = "";
    int rc = lora_region_choose(&wish, &choice, why);

    if (rc != a->rc || (rc == 0 && choice.region->code != a->code))
        fail_msg("%s on %s, %s: %d, code %d: %s", a->text, a->board ? a->board : "any",
                 a->firmware ? a->firmware : "any", rc, rc == 0 ? choice.region->code : -1, why);
    if (a->why != NULL && fnmatch(a->why, why, 0) != 0)
        fail_msg("%s: it says: %s", a->text, why);
}

static void it_is_found_by_whatever_people_call_it(void **state)
{
    static const struct asked asked[] = {
        {"India", NULL, NULL, 0, 7, NULL},
        {"india", "LoPy", NULL, 0, 7, NULL},
        {"IN", "lopy4", NULL, 0, 7, NULL},
        {"IN865", "FiPy", NULL, 0, 7, NULL},
        {"in865-867", NULL, NULL, 0, 7, NULL},
        {"7", NULL, NULL, 0, 7, NULL},
        {"0x7", NULL, NULL, 0, 7, NULL},
        {"Bharat", NULL, NULL, 0, 7, NULL},
        {"Germany", NULL, NULL, 0, 5, NULL},
        {"Deutschland", NULL, NULL, 0, 5, NULL},
        {"us", NULL, NULL, 0, 8, NULL},
        {"USA", NULL, NULL, 0, 8, NULL},
        {"Australia", NULL, NULL, 0, 1, NULL},
        {"Japan", NULL, NULL, 0, 0, NULL},
        {"china", "LoPy4", "1.20.2.r4", 0, 2, NULL},
        {"0", NULL, NULL, 0, 0, NULL},
        {"EU433", "L04", "1.20.2.r0", 0, 4, NULL},
        {"IN865", "L01", "1.20.0", 0, 7, NULL},
        {"EU868", "LoPy", "1.18.1.r1", 0, 5, NULL},
        {"IN865", "LoPy", "unversioned", 0, 7, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        ask(&asked[i]);
}

static void what_the_firmware_would_refuse_is_refused_by_name(void **state)
{
    static const struct asked asked[] = {
        {"KR920", NULL, NULL, -ENOTSUP, 0, "KR920 is refused by every firmware of Pycom*"},
        {"6", "LoPy", NULL, -ENOTSUP, 0, "KR920 is refused by*LoPy takes AS923, AU915, EU868, IN865, US915"},
        {"South Korea", "LoPy4", NULL, -ENOTSUP, 0,
         "KR920 (South Korea)*LoPy4 takes AS923, AU915, CN470, EU433, EU868, IN865, US915"},
        {"CN779", "LoPy4", NULL, -ENOTSUP, 0, "CN779 is refused by every*"},
        {"US915_HYBRID", "LoPy4", NULL, -ENOTSUP, 0, "US915_HYBRID is refused*"},
        {"CN470", "LoPy", NULL, -ENOTSUP, 0, "CN470 is taken by the LoPy4 alone; LoPy takes *"},
        {"CN470", "FiPy", NULL, -ENOTSUP, 0, "CN470 is taken by the LoPy4 alone*"},
        {"EU433", NULL, NULL, -ENOTSUP, 0, "EU433 is taken by the LoPy4 alone; a board of which nothing*"},
        {"IN865", "LoPy", "1.18.1.r1", -ENOTSUP, 0,
         "IN865 is taken by firmware 1.20.0.rc12 and later, not by 1.18.1.r1: *takes AS923, AU915, EU868, US915"},
        {"IN865", "LoPy", "1.20.0.rc11", -ENOTSUP, 0, "IN865 is taken by firmware 1.20.0.rc12*"},
        {"EU433", "LoPy4", "1.20.1.r1", -ENOTSUP, 0, "EU433 is taken by firmware 1.20.2.rc10*"},
        {"EU868", "LoPy", "1.15.0.b1", -ENOTSUP, 0, "*takes none by its config block"},
        {"India", "WiPy", NULL, -ENOTSUP, 0, "WiPy has no LoRa radio: a region is for LoPy, LoPy4 and FiPy"},
        {"India", "W01", NULL, -ENOTSUP, 0, "W01 has no LoRa radio*"},
        {"India", "ESP32 board", NULL, -EINVAL, 0, "'ESP32 board' is none of Pycom's boards*"},
        {"Vietnam", NULL, NULL, -ENOTSUP, 0,
         "Vietnam has AS923-2, which no Pycom firmware knows: its AS923 is AS923-1*"},
        {"Russia", NULL, NULL, -ENOTSUP, 0, "Russia has RU864, which no Pycom firmware knows; *"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        ask(&asked[i]);
}

static void what_is_not_known_is_told_with_what_is_near(void **state)
{
    static const struct asked asked[] = {
        {"Atlantis", NULL, NULL, -EINVAL, 0,
         "no LoRa region and no country is called 'Atlantis'; near to it: *, *, *; 'flashline pycom regions' lists all"},
        {"Inda", NULL, NULL, -EINVAL, 0, "*near to it: India, *"},
        {"IN866", NULL, NULL, -EINVAL, 0, "*near to it: IN865, *"},
        {"germnay", NULL, NULL, -EINVAL, 0, "*near to it: Germany, *"},
        {"", NULL, NULL, -EINVAL, 0, "no LoRa region*"},
        {"10", NULL, NULL, -EINVAL, 0, "10 is no code of a LoRa region: they are 0 to 9*"},
        {"255", NULL, NULL, -EINVAL, 0, "255 is no code*"},
        {"99999999999999999999999", NULL, NULL, -EINVAL, 0, "no LoRa region*"},
        {"7x", NULL, NULL, -EINVAL, 0, "no LoRa region*"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        ask(&asked[i]);
}

/* Every row leads to a region, or to a plan that is none of the firmware's and is refused; no two rows share a name. */
static void every_country_is_found_by_each_of_its_names(void **state)
{
    const struct lora_country *c;
    const char *last = "";
    size_t i;

    (void)state;
    for (i = 0; (c = lora_country_at(i)) != NULL; i++) {
        assert_int_equal(strlen(c->iso), 2);
        assert_ptr_equal(lora_country_find(c->iso), c);
        assert_true(strcmp(last, c->names[0]) < 0);
        last = c->names[0];
        for (size_t k = 0; k < LORA_COUNTRY_NAMES && c->names[k] != NULL; k++) {
            struct lora_choice choice;
            char why[LORA_REGION_WHY];
            const struct lora_wish wish = {c->names[k], "LoPy4", NULL};

            assert_ptr_equal(lora_country_find(c->names[k]), c);
            int rc = lora_region_choose(&wish, &choice, why);
            assert_true(rc == 0 || rc == -ENOTSUP);
            if (rc == 0)
                assert_string_equal(choice.region->name, c->plan);
        }
    }
    assert_true(i > 150);
}

/* Generations and their sizes as Pycom's size check and archives have them; radios as the boards are sold. */
static void boards_are_known_by_all_their_names(void **state)
{
    static const struct {
        const char *name, *board;
        unsigned radios;
        int mb4, mb8;
    } told[] = {
        {"WiPy", "WiPy", 0, 1, 1},     {"wipy2", "WiPy", 0, 1, 0},  {"WiPy 2.0", "WiPy", 0, 1, 0},
        {"WiPy 3.0", "WiPy", 0, 0, 1}, {"wipy 3", "WiPy", 0, 0, 1}, {"W01", "WiPy", 0, 0, 1},
        {"LOPY", "LoPy", 1, 1, 1},     {"l01", "LoPy", 1, 1, 1},    {"LoPy4", "LoPy4", 3, 0, 1},
        {"L04", "LoPy4", 3, 0, 1},     {"SiPy", "SiPy", 2, 1, 0},   {"GPy", "GPy", 4, 0, 1},
        {"G01", "GPy", 4, 0, 1},       {"FiPy", "FiPy", 7, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const struct pycom_model *m = pycom_model_find(told[i].name);
        assert_non_null(m);
        assert_string_equal(m->board, told[i].board);
        assert_int_equal(m->radios, told[i].radios);
        assert_int_equal(m->has_4mb, told[i].mb4);
        assert_int_equal(m->has_8mb, told[i].mb8);
    }
    assert_null(pycom_model_find("LoPy5"));
    assert_null(pycom_model_find(""));
    assert_null(pycom_model_find("esp32"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_and_windows_are_those_of_the_firmware),
        cmocka_unit_test(it_is_found_by_whatever_people_call_it),
        cmocka_unit_test(what_the_firmware_would_refuse_is_refused_by_name),
        cmocka_unit_test(what_is_not_known_is_told_with_what_is_near),
        cmocka_unit_test(every_country_is_found_by_each_of_its_names),
        cmocka_unit_test(boards_are_known_by_all_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
