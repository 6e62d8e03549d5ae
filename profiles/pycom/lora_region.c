/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/pycom/lora_region.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "profiles/pycom/lora_country.h"
#include "profiles/pycom/pycom_model.h"

#define NEAR_COUNT 3
#define NAME_SIZE  40

/* The four of 1.16 are those of the first firmware that has its region in the config block. */
static const struct lora_region regions[] = {
    {"AS923", 0, 915, 928, LORA_EVERY_BOARD, "1.16.0", "Japan, Malaysia, Singapore, Thailand, Taiwan"},
    {"AU915", 1, 915, 928, LORA_EVERY_BOARD, "1.16.0", "Australia, New Zealand, most of South America"},
    {"CN470", 2, 470, 510, LORA_LOPY4_ALONE, "1.20.0.rc12", "China"},
    {"CN779", 3, 779, 787, LORA_NO_BOARD, "", "China"},
    {"EU433", 4, 433, 435, LORA_LOPY4_ALONE, "1.20.2.rc10", "beside EU868 in most of Europe; Kazakhstan"},
    {"EU868", 5, 863, 870, LORA_EVERY_BOARD, "1.16.0", "Europe, most of Africa and the Near East"},
    {"KR920", 6, 920, 923, LORA_NO_BOARD, "", "South Korea"},
    {"IN865", 7, 865, 867, LORA_EVERY_BOARD, "1.20.0.rc12", "India, Pakistan, Jordan"},
    {"US915", 8, 902, 928, LORA_EVERY_BOARD, "1.16.0", "United States, Canada, Mexico"},
    {"US915_HYBRID", 9, 902, 928, LORA_NO_BOARD, "", "networks with eight of the channels of US915"},
};

/* What the same is called elsewhere. */
static const struct {
    const char *name;
    uint8_t code;
} also[] = {{"AS923-1", 0},   {"AS920-923", 0}, {"AU915-928", 1}, {"CN470-510", 2}, {"CN779-787", 3},
            {"EU433-434", 4}, {"EU863-870", 5}, {"KR920-923", 6}, {"IN865-867", 7}, {"US902-928", 8}};

const struct lora_region *lora_region_at(size_t index)
{
    return index < sizeof regions / sizeof regions[0] ? &regions[index] : NULL;
}

const struct lora_region *lora_region_of_code(unsigned code)
{
    return lora_region_at(code);
}

/* A whole number in decimal, or in hex with 0x. */
static bool read_code(const char *text, unsigned long *out)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *out = strtoul(text, &end, text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
    return errno == 0 && *end == '\0';
}

static const struct lora_region *by_name(const char *text)
{
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
        if (strcasecmp(regions[i].name, text) == 0)
            return &regions[i];
    for (size_t i = 0; i < sizeof also / sizeof also[0]; i++)
        if (strcasecmp(also[i].name, text) == 0)
            return &regions[also[i].code];
    return NULL;
}

/* "1.20.0.rc12" as numbers; a release, or one that only says "r4" or "b1", comes behind every candidate. False: no version. */
static bool read_version(const char *text, unsigned out[static 4])
{
    const char *rc;

    if (text == NULL || sscanf(text, "%3u.%3u.%3u", &out[0], &out[1], &out[2]) != 3)
        return false;
    rc = strstr(text, ".rc");
    if (rc == NULL || sscanf(rc, ".rc%3u", &out[3]) != 1)
        out[3] = 1000;
    return true;
}

static bool is_older(const char *firmware, const char *since)
{
    unsigned has[4], needs[4];

    if (!read_version(firmware, has) || !read_version(since, needs))
        return false;
    if (strstr(since, ".rc") == NULL)
        needs[3] = 0;
    for (int i = 0; i < 4; i++)
        if (has[i] != needs[i])
            return has[i] < needs[i];
    return false;
}

static bool takes(const struct lora_region *r, const char *board, const char *firmware)
{
    bool by_board =
        r->takers == LORA_EVERY_BOARD || (r->takers == LORA_LOPY4_ALONE && strcmp(board, "LoPy4") == 0);

    return by_board && !is_older(firmware, r->since);
}

/* "AS923, AU915, .."; "no region by its config block" where the firmware is older than that. */
static void list_taken(const char *board, const char *firmware, char *out, size_t size)
{
    size_t used = 0;

    snprintf(out, size, "none by its config block");
    for (size_t i = 0; i < sizeof regions / sizeof regions[0] && used < size; i++) {
        if (!takes(&regions[i], board, firmware))
            continue;
        int n = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", regions[i].name);
        used += n > 0 ? (size_t)n : 0;
    }
}

static void lower(const char *text, char out[static NAME_SIZE])
{
    size_t i = 0;

    for (; text[i] != '\0' && i < NAME_SIZE - 1; i++)
        out[i] = (char)tolower((unsigned char)text[i]);
    out[i] = '\0';
}

struct near {
    const char *name;
    size_t edits;
};

/* Keeps the few nearest, the nearest first; of one country its nearest name alone. */
static void offer(struct near best[static NEAR_COUNT], const char *name, size_t edits)
{
    for (size_t i = 0; i < NEAR_COUNT; i++) {
        if (best[i].name != NULL && best[i].edits <= edits)
            continue;
        memmove(&best[i + 1], &best[i], (NEAR_COUNT - 1 - i) * sizeof best[0]);
        best[i] = (struct near){name, edits};
        return;
    }
}

static int refuse_unknown(const char *text, char why[static LORA_REGION_WHY])
{
    struct near best[NEAR_COUNT] = {{0}};
    const struct lora_country *country;
    char wanted[NAME_SIZE], name[NAME_SIZE];

    lower(text, wanted);
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        lower(regions[i].name, name);
        offer(best, regions[i].name, suggest_edits(wanted, name));
    }
    for (size_t i = 0; (country = lora_country_at(i)) != NULL; i++) {
        size_t edits = NAME_SIZE;
        for (size_t k = 0; k < LORA_COUNTRY_NAMES && country->names[k] != NULL; k++) {
            lower(country->names[k], name);
            size_t n = suggest_edits(wanted, name);
            edits = n < edits ? n : edits;
        }
        offer(best, country->names[0], edits);
    }
    snprintf(why, LORA_REGION_WHY,
             "no LoRa region and no country is called '%.60s'; near to it: %s, %s, %s; "
             "'flashline pycom regions' lists all",
             text, best[0].name, best[1].name, best[2].name);
    return -EINVAL;
}

static int refuse_plan(const struct lora_country *country, char why[static LORA_REGION_WHY])
{
    bool of_as923 = strncmp(country->plan, "AS923-", 6) == 0;

    snprintf(why, LORA_REGION_WHY, "%s has %s, which no Pycom firmware knows%s", country->names[0],
             country->plan,
             of_as923 ? ": its AS923 is AS923-1, on other channels, and is taken when it is named itself"
                      : "; 'flashline pycom regions' lists those that one does");
    return -ENOTSUP;
}

/* 0: *out is a region of the table, whoever takes it. */
static int find(const char *text, struct lora_choice *out, char why[static LORA_REGION_WHY])
{
    const struct lora_country *country = lora_country_find(text);
    unsigned long code;

    out->country = NULL;
    out->region = by_name(text);
    if (read_code(text, &code)) {
        out->region = code < sizeof regions / sizeof regions[0] ? &regions[code] : NULL;
        if (out->region == NULL) {
            snprintf(
                why, LORA_REGION_WHY,
                "%.20s is no code of a LoRa region: they are 0 to 9, and 'flashline pycom regions' lists "
                "them",
                text);
            return -EINVAL;
        }
    }
    if (out->region != NULL)
        return 0;
    if (country == NULL)
        return refuse_unknown(text, why);
    out->country = country->names[0];
    out->region = by_name(country->plan);
    return out->region != NULL ? 0 : refuse_plan(country, why);
}

static int check_board(const char *name, const char **board, char why[static LORA_REGION_WHY])
{
    const struct pycom_model *m = pycom_model_find(name);

    if (m == NULL) {
        snprintf(why, LORA_REGION_WHY,
                 "'%.40s' is none of Pycom's boards: a LoRa region is for LoPy, LoPy4 and FiPy", name);
        return -EINVAL;
    }
    *board = m->board;
    if ((m->radios & PYCOM_RADIO_LORA) != 0)
        return 0;
    snprintf(why, LORA_REGION_WHY, "%s has no LoRa radio: a region is for LoPy, LoPy4 and FiPy", m->name);
    return -ENOTSUP;
}

int lora_region_choose(const struct lora_wish *wish, struct lora_choice *out,
                       char why[static LORA_REGION_WHY])
{
    bool has_board = wish->board != NULL && wish->board[0] != '\0';
    const char *board = "LoPy", *called; /* what all of them take */
    char taken[160], of[NAME_SIZE * 2], name[NAME_SIZE * 2];
    int rc = find(wish->text, out, why);

    if (rc == 0 && has_board)
        rc = check_board(wish->board, &board, why);
    if (rc != 0 || takes(out->region, board, wish->firmware))
        return rc;
    called = out->region->name;
    list_taken(board, wish->firmware, taken, sizeof taken);
    snprintf(name, sizeof name, "%s%s%s%s", called, out->country != NULL ? " (" : "",
             out->country != NULL ? out->country : "", out->country != NULL ? ")" : "");
    snprintf(of, sizeof of, "%s", has_board ? board : "a board of which nothing else is known");
    if (out->region->takers == LORA_NO_BOARD)
        snprintf(why, LORA_REGION_WHY,
                 "%s is refused by every firmware of Pycom: LoRa would not start; %s takes %s", name, of,
                 taken);
    else if (out->region->takers == LORA_LOPY4_ALONE && strcmp(board, "LoPy4") != 0)
        snprintf(why, LORA_REGION_WHY, "%s is taken by the LoPy4 alone; %s takes %s", name, of, taken);
    else
        snprintf(why, LORA_REGION_WHY,
                 "%s is taken by firmware %s and later, not by %.40s: LoRa would not start; that takes %s",
                 name, out->region->since, wish->firmware, taken);
    return -ENOTSUP;
}
