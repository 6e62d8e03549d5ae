/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/pycom/config_block.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "profiles/pycom/lora_region.h"

#define HEX(at, len, n, w)                                                  \
    {                                                                       \
        .name = n, .offset = at, .size = len, .kind = CONFIG_HEX, .what = w \
    }
#define KEY(at, len, n, w)                                                                  \
    {                                                                                       \
        .name = n, .offset = at, .size = len, .kind = CONFIG_HEX, .secret = true, .what = w \
    }
#define TEXT(at, len, n, w)                                                  \
    {                                                                        \
        .name = n, .offset = at, .size = len, .kind = CONFIG_TEXT, .what = w \
    }
#define WORD(at, len, n, w)                                                                  \
    {                                                                                        \
        .name = n, .offset = at, .size = len, .kind = CONFIG_TEXT, .secret = true, .what = w \
    }
#define NUMBER(at, len, n, w)                                                  \
    {                                                                          \
        .name = n, .offset = at, .size = len, .kind = CONFIG_NUMBER, .what = w \
    }
#define SWITCH(at, from, count, n, w)                                                                      \
    {                                                                                                      \
        .name = n, .offset = at, .size = 1, .kind = CONFIG_SWITCH, .shift = from, .bits = count, .what = w \
    }
#define CHOICE(at, from, count, n, list, w)                                                      \
    {                                                                                            \
        .name = n, .offset = at, .size = 1, .kind = CONFIG_CHOICE, .shift = from, .bits = count, \
        .words = list, .what = w                                                                 \
    }

/* clang-format off */
static const struct config_field fields[] = {
    HEX(0, CONFIG_EUI_SIZE, "eui", "LoRa EUI-64"),
    HEX(8, 4, "sigfox_id", "Sigfox device id"),
    HEX(12, 8, "sigfox_pac", "Sigfox PAC"),
    KEY(20, 16, "sigfox_private_key", "Sigfox private key"),
    HEX(36, 16, "sigfox_public_key", "Sigfox public key"),
    {.name = "region", .offset = CONFIG_REGION_AT, .size = 1, .kind = CONFIG_REGION, .what = "LoRa region: name, code or country"},
    SWITCH(53, 0, 1, "wifi_on_boot", "WiFi starts with the board"),
    CHOICE(53, 1, 2, "wifi_mode", "sta ap apsta none", "WiFi mode"),
    SWITCH(53, 3, 1, "wifi_smart_config", "SmartConfig at boot"),
    CHOICE(53, 4, 3, "wifi_auth", "open wep wpa wpa2 wpa-wpa2 enterprise", "WiFi authentication"),
    CHOICE(53, 7, 1, "wifi_antenna", "internal external", "WiFi antenna"),
    TEXT(54, 33, "wifi_ssid", "network to join"),
    WORD(87, 65, "wifi_password", "its password"),
    SWITCH(152, 0, 1, "heartbeat_on_boot", "LED blinks while the board runs"),
    HEX(153, 3, "error_colour", "LED on an error: red, green, blue"),
    HEX(156, 3, "safe_boot_colour", "LED on safe boot"),
    HEX(159, 3, "heartbeat_colour", "LED of the heartbeat"),
    WORD(162, 40, "pybytes_token", "Pybytes device token"),
    TEXT(202, 40, "pybytes_server", "Pybytes MQTT server"),
    TEXT(242, 100, "pybytes_user", "Pybytes user"),
    TEXT(342, 55, "pybytes_networks", "Pybytes networks, in order"),
    TEXT(397, 100, "pybytes_extra", "Pybytes further settings"),
    SWITCH(497, 0, 0, "pybytes_force_update", "Pybytes settings are taken over at boot"),
    SWITCH(498, 0, 0, "pybytes_auto_start", "Pybytes starts with the board"),
    SWITCH(512, 0, 0, "watchdog_on_boot", "watchdog runs from the start"),
    NUMBER(516, 4, "watchdog_ms", "its time in milliseconds"),
    SWITCH(520, 0, 0, "lte_on_boot", "LTE modem starts with the board"),
    TEXT(521, 12, "software_version", "firmware that wrote it last"),
    CHOICE(533, 0, 0, "file_system", "fat littlefs", "kind of its file system"),
    NUMBER(534, 1, "boot_partition", "partition to boot"),
    NUMBER(535, 1, "hardware_type", "kind of hardware"),
    TEXT(536, 33, "ap_ssid", "network that the board opens"),
    WORD(569, 65, "ap_password", "its password"),
    TEXT(634, 129, "lte_carrier", "LTE carrier"),
    TEXT(763, 129, "lte_apn", "LTE access point"),
    TEXT(892, 17, "lte_type", "LTE kind of connection"),
    NUMBER(909, 1, "lte_cid", "LTE connection number"),
    NUMBER(910, 1, "lte_band", "LTE band"),
    SWITCH(911, 0, 0, "lte_reset", "LTE modem is reset at start"),
};
/* clang-format on */

#define COUNT (sizeof fields / sizeof fields[0])

const struct config_field *config_field_at(size_t index)
{
    return index < COUNT ? &fields[index] : NULL;
}

const struct config_field *config_field_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

bool config_block_is_blank(const uint8_t *block, size_t size)
{
    return size > 0 && (size == 1 || memcmp(block, block + 1, size - 1) == 0);
}

bool config_field_is_set(const struct config_field *field, const uint8_t block[static CONFIG_BLOCK_SIZE])
{
    const uint8_t *b = block + field->offset;

    if (field->kind == CONFIG_TEXT)
        return b[0] != 0 && b[0] != 0xFF;
    return b[0] != 0xFF || !config_block_is_blank(b, field->size);
}

static unsigned mask_of(const struct config_field *field)
{
    return field->bits == 0 ? 0xFF : (1u << field->bits) - 1;
}

static uint32_t number_of(const struct config_field *field, const uint8_t *b)
{
    uint32_t value = 0;

    if (field->size == 1)
        return (uint32_t)(b[0] >> field->shift) & mask_of(field);
    for (size_t i = field->size; i > 0; i--)
        value = value << 8 | b[i - 1];
    return value;
}

/* The nth of words that stand apart by one blank; how long it is. NULL: there are fewer. */
static const char *nth_word(const char *words, unsigned n, int *len)
{
    for (; words != NULL && *words != '\0'; n--) {
        *len = (int)strcspn(words, " ");
        if (n == 0)
            return words;
        words += *len;
        words += *words == ' ';
    }
    return NULL;
}

static void choice_text(const struct config_field *field, uint32_t value, char *out)
{
    int len;
    const char *word = nth_word(field->words, value, &len);

    if (word != NULL)
        snprintf(out, CONFIG_VALUE_SIZE, "%.*s", len, word);
    else
        snprintf(out, CONFIG_VALUE_SIZE, "%u", (unsigned)value);
}

static void region_text(uint8_t code, char *out)
{
    const struct lora_region *r = lora_region_of_code(code);

    if (r != NULL)
        snprintf(out, CONFIG_VALUE_SIZE, "%s", r->name);
    else
        snprintf(out, CONFIG_VALUE_SIZE, "%u", code);
}

static void hex_text(const uint8_t *b, size_t size, char *out)
{
    for (size_t i = 0; i < size; i++)
        snprintf(out + 2 * i, 3, "%02X", b[i]);
}

/* What no terminal should get is written \xNN, and so is the backslash. */
static void plain_text(const uint8_t *b, size_t size, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size && b[i] != 0; i++) {
        if (b[i] < 0x20 || b[i] == 0x7F || b[i] == '\\' || b[i] == 0xFF)
            used += (size_t)snprintf(out + used, CONFIG_VALUE_SIZE - used, "\\x%02x", b[i]);
        else
            out[used++] = (char)b[i];
    }
    out[used] = '\0';
}

void config_field_text(const struct config_field *field, const uint8_t block[static CONFIG_BLOCK_SIZE],
                       char out[static CONFIG_VALUE_SIZE])
{
    const uint8_t *b = block + field->offset;

    out[0] = '\0';
    if (!config_field_is_set(field, block))
        return;
    switch (field->kind) {
    case CONFIG_HEX:
        hex_text(b, field->size, out);
        break;
    case CONFIG_TEXT:
        plain_text(b, field->size, out);
        break;
    case CONFIG_REGION:
        region_text(b[0], out);
        break;
    case CONFIG_CHOICE:
        choice_text(field, number_of(field, b), out);
        break;
    default:
        snprintf(out, CONFIG_VALUE_SIZE, "%u", (unsigned)number_of(field, b));
        break;
    }
}

static int refuse(const struct config_field *field, const char *what, char why[static CONFIG_WHY])
{
    snprintf(why, CONFIG_WHY, "%s: %s", field->name, what);
    return -EINVAL;
}

/* The value is not told: it may be a secret. Two digits a byte; between bytes '-' or ':' may stand. */
static int put_hex(const struct config_field *field, const char *value, uint8_t *b, char *why)
{
    uint8_t got[32];
    char what[80];
    size_t n = 0;

    snprintf(what, sizeof what, "wants %u bytes in hex, %u digits", field->size, 2u * field->size);
    for (const char *p = value; *p != '\0'; n++) {
        const char two[3] = {p[0], p[1], '\0'};
        if (n == field->size || !isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]))
            return refuse(field, what, why);
        got[n] = (uint8_t)strtoul(two, NULL, 16);
        p += 2;
        p += (*p == '-' || *p == ':') && p[1] != '\0';
    }
    if (n != field->size)
        return refuse(field, what, why);
    if ((got[0] == 0xFF || got[0] == 0) && config_block_is_blank(got, n))
        return refuse(
            field, "nothing but zeros or FF is no value: what follows '=' is left out to take it back", why);
    memcpy(b, got, n);
    return 0;
}

/* What follows its end in the field becomes 0, whatever stood there. */
static int put_text(const struct config_field *field, const char *value, uint8_t *b, char *why)
{
    char what[80];
    size_t len = strlen(value);

    snprintf(what, sizeof what, "is %zu bytes long and at most %u fit", len, field->size - 1u);
    if (len >= field->size)
        return refuse(field, what, why);
    for (const char *p = value; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F || (unsigned char)*p == 0xFF)
            return refuse(field, "has a byte in it that is no letter", why);
    memset(b, 0, field->size);
    memcpy(b, value, len + 1);
    return 0;
}

static void put_bits(const struct config_field *field, uint32_t value, uint8_t *b)
{
    unsigned mask = mask_of(field) << field->shift;

    if (field->bits != 0 && b[0] == 0xFF)
        b[0] = 0;
    b[0] = (uint8_t)((b[0] & ~mask) | (value << field->shift));
}

static int put_number(const struct config_field *field, const char *value, uint8_t *b, char *why)
{
    unsigned long long max = field->size == 1 ? 0xFE : 0xFFFFFFFEu, n;
    char what[80], *end;

    snprintf(what, sizeof what, "wants a whole number, 0 to %llu", max);
    errno = 0;
    n = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)value[0]) || *end != '\0' || errno != 0 || n > max)
        return refuse(field, what, why);
    for (size_t i = 0; i < field->size; i++)
        b[i] = (uint8_t)(n >> (8 * i));
    return 0;
}

static int put_switch(const struct config_field *field, const char *value, uint8_t *b, char *why)
{
    static const char *const words[][2] = {{"0", "1"}, {"no", "yes"}, {"off", "on"}, {"false", "true"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (unsigned k = 0; k < 2; k++) {
            if (strcasecmp(value, words[i][k]) == 0) {
                put_bits(field, k, b);
                return 0;
            }
        }
    }
    return refuse(field, "wants 0 or 1, no or yes", why);
}

static int put_choice(const struct config_field *field, const char *value, uint8_t *b, char *why)
{
    const char *word;
    char what[120];
    int len;

    for (unsigned n = 0; (word = nth_word(field->words, n, &len)) != NULL; n++) {
        if (strlen(value) == (size_t)len && strncasecmp(value, word, (size_t)len) == 0) {
            put_bits(field, n, b);
            return 0;
        }
    }
    snprintf(what, sizeof what, "wants one of: %s", field->words);
    return refuse(field, what, why);
}

static int put_region(const struct config_field *field, const char *value, const char *board, uint8_t *b,
                      char *why)
{
    const struct lora_wish wish = {.text = value, .board = board};
    struct lora_choice choice;
    char sentence[LORA_REGION_WHY];

    if (lora_region_choose(&wish, &choice, sentence) != 0)
        return refuse(field, sentence, why);
    b[0] = choice.region->code;
    return 0;
}

/* Bits have no way to say that they were never set. */
static int take_back(const struct config_field *field, uint8_t *b, char *why)
{
    if (field->bits != 0)
        return refuse(field, "shares its byte with others and cannot be taken back: say a value", why);
    memset(b, field->kind == CONFIG_TEXT ? 0 : 0xFF, field->size);
    return 0;
}

int config_field_put(const struct config_field *field, const char *value, const char *board,
                     uint8_t block[static CONFIG_BLOCK_SIZE], char why[static CONFIG_WHY])
{
    uint8_t *b = block + field->offset;

    if (value[0] == '\0')
        return take_back(field, b, why);
    switch (field->kind) {
    case CONFIG_HEX:
        return put_hex(field, value, b, why);
    case CONFIG_TEXT:
        return put_text(field, value, b, why);
    case CONFIG_NUMBER:
        return put_number(field, value, b, why);
    case CONFIG_SWITCH:
        return put_switch(field, value, b, why);
    case CONFIG_CHOICE:
        return put_choice(field, value, b, why);
    default:
        return put_region(field, value, board, b, why);
    }
}

/* Of the fields that share a byte, the one whose bits differ. */
static const struct config_field *field_of(uint32_t at, uint8_t differs)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct config_field *f = &fields[i];
        if (at < f->offset || at >= (uint32_t)f->offset + f->size)
            continue;
        if (f->bits == 0 || (differs & (mask_of(f) << f->shift)) != 0)
            return f;
    }
    return NULL;
}

bool config_block_next_change(const uint8_t before[static CONFIG_BLOCK_SECTOR],
                              const uint8_t after[static CONFIG_BLOCK_SECTOR], uint32_t *at,
                              struct config_change *out)
{
    const struct config_field *field;
    uint32_t i = *at;

    while (i < CONFIG_BLOCK_SECTOR && before[i] == after[i])
        i++;
    *at = i;
    if (i == CONFIG_BLOCK_SECTOR)
        return false;
    field = field_of(i, before[i] ^ after[i]);
    *out = (struct config_change){field != NULL ? field->name : "reserved", i, 0,
                                  field != NULL && field->secret};
    while (i < CONFIG_BLOCK_SECTOR && before[i] != after[i] && field_of(i, before[i] ^ after[i]) == field)
        i++;
    out->size = i - out->offset;
    *at = i;
    return true;
}

/* A text that was written ends within its field. */
static bool is_text(const struct config_field *f, const uint8_t *b)
{
    return b[0] == 0xFF || memchr(b, 0, f->size) != NULL;
}

const char *config_block_trouble(const uint8_t block[static CONFIG_BLOCK_SIZE])
{
    uint8_t region = block[CONFIG_REGION_AT];

    if (region != LORA_REGION_UNSET && lora_region_of_code(region) == NULL)
        return "its LoRa region has a code that there is not";
    for (size_t i = 0; i < COUNT; i++)
        if (fields[i].kind == CONFIG_TEXT && !is_text(&fields[i], block + fields[i].offset))
            return "one of its texts has no end";
    return NULL;
}
