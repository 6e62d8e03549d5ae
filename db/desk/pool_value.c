/* SPDX-License-Identifier: Apache-2.0 */
#include "db/desk/pool_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/digest.h"
#include "base/plain.h"

static const struct {
    const char *name, *word;
} kinds[POOL_KIND_COUNT] = {[POOL_TEXT] = {"TEXT", "text"},
                            [POOL_HEX] = {"HEX", "hex"},
                            [POOL_MAC] = {"MAC", "mac"},
                            [POOL_EUI64] = {"EUI64", "eui64"},
                            [POOL_FILE] = {"FILE", "file"}};

static const char *const states[POOL_STATE_COUNT] = {
    [POOL_FREE] = "FREE",         [POOL_RESERVED] = "RESERVED", [POOL_WRITTEN] = "WRITTEN",
    [POOL_VERIFIED] = "VERIFIED", [POOL_SPOILED] = "SPOILED",   [POOL_LENT] = "LENT"};

const char *pool_kind_name(enum pool_kind kind)
{
    return kinds[kind].name;
}

enum pool_kind pool_kind_named(const char *name)
{
    int i = 0;

    while (i < POOL_KIND_COUNT && strcmp(kinds[i].name, name) != 0)
        i++;
    return (enum pool_kind)i;
}

const char *pool_state_name(enum pool_state state)
{
    return states[state];
}

enum pool_state pool_state_named(const char *name)
{
    int i = 0;

    while (i < POOL_STATE_COUNT && strcmp(states[i], name) != 0)
        i++;
    return (enum pool_state)i;
}

bool pool_shape_parse(const char *text, struct pool_shape *out)
{
    static const char hex[] = "hex:";

    *out = (struct pool_shape){.kind = POOL_KIND_COUNT, .size = 1};
    if (strncmp(text, hex, sizeof hex - 1) == 0) {
        const char *digits = text + sizeof hex - 1;
        size_t length = strspn(digits, "0123456789");
        unsigned long size = strtoul(digits, NULL, 10);
        *out = (struct pool_shape){POOL_HEX, size};
        return length > 0 && length < 4 && digits[length] == '\0' && size > 0 && size <= POOL_BYTES_MAX;
    }
    for (int i = 0; i < POOL_KIND_COUNT; i++) {
        if (i != POOL_HEX && strcmp(text, kinds[i].word) == 0)
            out->kind = (enum pool_kind)i;
    }
    if (out->kind == POOL_MAC)
        out->size = sizeof(struct mac);
    if (out->kind == POOL_EUI64)
        out->size = EUI64_SIZE;
    return out->kind != POOL_KIND_COUNT;
}

void pool_shape_text(const struct pool_shape *s, char out[static POOL_KIND_SIZE])
{
    if (s->kind == POOL_HEX)
        snprintf(out, POOL_KIND_SIZE, "hex:%zu", s->size);
    else
        snprintf(out, POOL_KIND_SIZE, "%s", kinds[s->kind].word);
}

bool pool_bytes(const char *hex, uint8_t *out, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    if (strlen(hex) != 2 * size || strspn(hex, digits) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++)
        out[i] =
            (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 | (strchr(digits, hex[2 * i + 1]) - digits));
    return true;
}

static const char *normal_hex(const char *text, size_t size, char out[static POOL_TEXT_SIZE])
{
    uint8_t bytes[POOL_BYTES_MAX];
    size_t n = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if ((*c == ':' || *c == '-') && n > 0 && n % 2 == 0)
            continue;
        if (n >= POOL_TEXT_SIZE - 1)
            return "is longer than 256 bytes";
        out[n] = *c;
        if (*c >= 'A' && *c <= 'F')
            out[n] = (char)(*c | 0x20);
        n++;
    }
    out[n] = '\0';
    return pool_bytes(out, bytes, size) ? NULL : "is not as many bytes in hex as the pool's values have";
}

/* An address that no board may be given. The first six bytes tell, but for a blank one. */
static const char *address_trouble(const uint8_t *address, size_t size)
{
    struct mac head;
    size_t zeros = 0;

    while (zeros < size && address[zeros] == 0)
        zeros++;
    memcpy(head.bytes, address, sizeof head.bytes);
    if (zeros == size)
        return "is a blank address";
    if (mac_is_multicast(&head)) /* all ff among them */
        return "is a group address, no board has one";
    return mac_is_training(&head) ? "is reserved for training" : NULL;
}

static const char *normal_mac(const char *text, char out[static POOL_TEXT_SIZE])
{
    struct mac m;

    if (mac_parse(text, &m) != 0)
        return "is no MAC address";
    mac_text(&m, out);
    return address_trouble(m.bytes, sizeof m.bytes);
}

static const char *normal_eui64(const char *text, char out[static POOL_TEXT_SIZE])
{
    uint8_t eui[EUI64_SIZE];

    if (eui64_parse(text, eui) != 0)
        return "is no EUI-64";
    eui64_text(eui, out);
    return address_trouble(eui, sizeof eui);
}

static const char *normal_text(const char *text, char out[static POOL_TEXT_SIZE])
{
    const char *trouble = plain_trouble(text);

    if (trouble != NULL || plain_is_blank(text))
        return trouble != NULL ? trouble : "is blank";
    if (plain_hides(text))
        return "has a character that cannot be seen";
    if (strlen(text) > POOL_BYTES_MAX)
        return "is longer than 256 bytes";
    snprintf(out, POOL_TEXT_SIZE, "%s", text);
    return NULL;
}

const char *pool_value_normal(const struct pool_shape *s, const char *text, char out[static POOL_TEXT_SIZE])
{
    out[0] = '\0';
    switch (s->kind) {
    case POOL_HEX:
        return normal_hex(text, s->size, out);
    case POOL_MAC:
        return normal_mac(text, out);
    case POOL_EUI64:
        return normal_eui64(text, out);
    case POOL_FILE:
        if (strchr(text, '/') != NULL || text[0] == '.')
            return "is no name of a file or folder beside the others";
        return normal_text(text, out);
    default:
        return normal_text(text, out);
    }
}

void pool_value_fill(struct pool_value *v, enum pool_kind kind, const char *text)
{
    struct mac m;

    *v = (struct pool_value){.kind = kind, .size = strlen(text)};
    snprintf(v->text, sizeof v->text, "%s", text);
    if (kind == POOL_HEX && pool_bytes(text, v->bytes, strlen(text) / 2)) {
        v->size = strlen(text) / 2;
    } else if (kind == POOL_MAC && mac_parse(text, &m) == 0) {
        memcpy(v->bytes, m.bytes, sizeof m.bytes);
        v->size = sizeof m.bytes;
    } else if (kind == POOL_EUI64 && eui64_parse(text, v->bytes) == 0) {
        v->size = EUI64_SIZE;
    } else {
        v->size = v->size < POOL_BYTES_MAX ? v->size : POOL_BYTES_MAX;
        memcpy(v->bytes, text, v->size);
    }
}

/* As many bytes as are asked for, out of what this board and pool are called. */
static void made_up(const char *pool, const struct mac *mac, uint8_t *out, size_t size)
{
    char mac_is[MAC_TEXT_SIZE], name[POOL_NAME_SIZE + MAC_TEXT_SIZE + 32];
    uint8_t hash[SHA256_SIZE];

    mac_text(mac, mac_is);
    for (size_t at = 0; at < size; at += SHA256_SIZE) {
        int length = snprintf(name, sizeof name, "practice %.31s %s %zu", pool, mac_is, at / SHA256_SIZE);
        digest_sha256(name, (size_t)length, hash);
        memcpy(out + at, hash, size - at < SHA256_SIZE ? size - at : SHA256_SIZE);
    }
}

static void practice_digits(const uint8_t *bytes, size_t size, char out[static POOL_TEXT_SIZE])
{
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(i == 0 && size > 1 ? '0' : '0' + bytes[i] % 10);
    out[size] = '\0';
}

void pool_value_practice(struct pool_value *v, const struct pool_shape *s, bool digits, const char *pool,
                         const struct mac *mac)
{
    static const uint8_t prefix[] = MAC_TRAINING_PREFIX;
    uint8_t bytes[POOL_BYTES_MAX];
    char text[POOL_TEXT_SIZE];
    size_t size = s->size <= POOL_BYTES_MAX ? s->size : POOL_BYTES_MAX;
    struct mac m;

    made_up(pool, mac, bytes, size);
    if (s->kind == POOL_MAC || s->kind == POOL_EUI64)
        memcpy(bytes, prefix, sizeof prefix);
    if (s->kind == POOL_MAC) {
        memcpy(m.bytes, bytes, sizeof m.bytes);
        mac_text(&m, text);
    } else if (s->kind == POOL_EUI64) {
        eui64_text(bytes, text);
    } else {
        digest_hex(bytes, size, text);
    }
    if (s->kind == POOL_TEXT && digits) {
        practice_digits(bytes, size, text);
    } else if (s->kind == POOL_TEXT) {
        char hex[POOL_TEXT_SIZE];
        snprintf(hex, sizeof hex, "%s", text);
        snprintf(text, sizeof text, "PRACTICE-%.480s", hex);
        text[size] = '\0';
    }
    pool_value_fill(v, s->kind, text);
    v->practice = true;
}

void pool_value_wipe(struct pool_value *v)
{
    OPENSSL_cleanse(v, sizeof *v);
}

const char *pool_name_trouble(const char *name)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

    if (name == NULL || name[0] == '\0' || name[strspn(name, good)] != '\0')
        return "is no name of a pool: letters, digits, - and _";
    return strlen(name) < POOL_NAME_SIZE ? NULL : "is longer than 31 bytes";
}
