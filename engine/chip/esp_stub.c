/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/chip/esp_stub.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "engine/chip/esp_loader.h"

#define PART_MAX 0x20000 /* the chip's RAM for it is smaller still */

/* `rc` again, with a line in `why`. */
static int refuse(char why[static 160], const char *path, const char *what, int rc)
{
    const char *name = strrchr(path, '/');

    snprintf(why, 160, "stub file %.60s: %.80s", name != NULL ? name + 1 : path, what);
    return rc;
}

static int decode_base64(const char *text, uint8_t **out, uint32_t *size)
{
    size_t len = strlen(text);

    if (len == 0 || len % 4 != 0 || len > PART_MAX)
        return -EINVAL;
    uint8_t *bytes = malloc(len / 4 * 3);
    if (bytes == NULL)
        return -ENOMEM;
    int n = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);
    if (n < 0) {
        free(bytes);
        return -EINVAL;
    }
    /* It counts the padding as zero bytes. */
    n -= (text[len - 1] == '=') + (text[len - 2] == '=');
    *out = bytes;
    *size = (uint32_t)n;
    return 0;
}

static int read_number(json_t *root, const char *key, uint32_t *out)
{
    json_t *v = json_object_get(root, key);

    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UINT32_MAX)
        return -EINVAL;
    *out = (uint32_t)json_integer_value(v);
    return 0;
}

/* Text and data in the order they are uploaded, then where they go, how long they are, and where the chip is sent. */
static int hash_code(const struct stub *s, uint8_t out[static SHA256_SIZE])
{
    const uint32_t numbers[] = {s->text_start, s->text_size, s->data_start, s->data_size, s->entry};
    size_t size = (size_t)s->text_size + s->data_size;
    uint8_t *bytes = malloc(size + 4 * (sizeof numbers / sizeof numbers[0]));

    if (bytes == NULL)
        return -ENOMEM;
    memcpy(bytes, s->text, s->text_size);
    if (s->data_size > 0)
        memcpy(bytes + s->text_size, s->data, s->data_size);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        for (int b = 0; b < 4; b++)
            bytes[size++] = (uint8_t)(numbers[i] >> (8 * b));
    }
    digest_sha256(bytes, size, out);
    free(bytes);
    return 0;
}

/* The stubs that this programme was tried with, as esptool and esptool-js carry them. */
static const struct {
    const char *sha256, *version;
} known[] = {
    {"e2b9d2632168bb9df933390a3ed3ef01178693e908c31b6d0bb130f623043bee", "v2 1.2.2"}, /* esptool-js 0.7.0 */
    {"74336baa897016aac07cc38ae2d26504bebfd532d0712efa331ba7317417a781", "v2 1.0.0"}, /* esptool 5.3.1 */
    {"c1a519ca760bb6e7f4f45d21bf945612873494206558a1eb8da7a4e87c90e265", "v1"},       /* esptool 5.3.1 */
};

static void name_version(struct stub *s)
{
    char hex[SHA256_TEXT_SIZE];

    digest_hex(s->sha256, SHA256_SIZE, hex);
    snprintf(s->version, sizeof s->version, "unknown");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(hex, known[i].sha256) == 0)
            snprintf(s->version, sizeof s->version, "%s", known[i].version);
    }
}

bool stub_is_known(const struct stub *s)
{
    return strcmp(s->version, "unknown") != 0;
}

/* 0, -EINVAL: something is missing or not understood, or -ENOMEM. */
static int read_parts(json_t *root, struct stub *out)
{
    const char *text = json_string_value(json_object_get(root, "text"));
    const char *data = json_string_value(json_object_get(root, "data"));
    bool has_data = data != NULL && *data != '\0';
    int rc = text != NULL ? decode_base64(text, &out->text, &out->text_size) : -EINVAL;

    if (rc == 0)
        rc = read_number(root, "text_start", &out->text_start);
    if (rc == 0)
        rc = read_number(root, "entry", &out->entry);
    if (rc == 0 && has_data)
        rc = decode_base64(data, &out->data, &out->data_size);
    if (rc == 0 && has_data)
        rc = read_number(root, "data_start", &out->data_start);
    return rc;
}

static const char *why_not(int rc)
{
    return rc == -ENOMEM ? "out of memory"
                         : "text, data, text_start, data_start or entry is missing or not understood";
}

int stub_load(const char *path, struct stub *out, char why[static 160])
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);

    memset(out, 0, sizeof *out);
    if (root == NULL)
        return refuse(why, path, error.text,
                      json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EINVAL);
    int rc = read_parts(root, out);
    json_decref(root);
    if (rc == 0)
        rc = hash_code(out, out->sha256);
    if (rc < 0) {
        stub_free(out);
        return refuse(why, path, why_not(rc), rc);
    }
    name_version(out);
    return 0;
}

void stub_free(struct stub *s)
{
    free(s->text);
    free(s->data);
    memset(s, 0, sizeof *s);
}

static int load_part(struct esp_loader *l, const uint8_t *bytes, uint32_t size, uint32_t addr)
{
    int rc = size > 0 ? esp_loader_mem_begin(l, size, addr) : 0;

    for (uint32_t at = 0, seq = 0; at < size && rc == 0; at += ESP_RAM_BLOCK, seq++) {
        uint32_t n = size - at < ESP_RAM_BLOCK ? size - at : ESP_RAM_BLOCK;
        rc = esp_loader_mem_block(l, seq, bytes + at, n);
    }
    return rc;
}

int stub_run(const struct stub *s, struct esp_loader *l)
{
    int rc = load_part(l, s->text, s->text_size, s->text_start);

    if (rc == 0)
        rc = load_part(l, s->data, s->data_size, s->data_start);
    return rc < 0 ? rc : esp_loader_mem_run_stub(l, s->entry);
}

bool stub_resends_on_checksum(const struct stub *s)
{
    return strncmp(s->version, "v2", 2) == 0;
}
