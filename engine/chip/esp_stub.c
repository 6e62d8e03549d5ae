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

/* Those that are known, as esptool and esptool-js carry them. */
static const struct {
    const char *chip, *sha256, *version;
} known[] = {
    /* esptool-js 0.7.0 */
    {"esp32", "e2b9d2632168bb9df933390a3ed3ef01178693e908c31b6d0bb130f623043bee", "v2 1.2.2"},
    {"esp32s2", "7719cdd9b2353a98e5b976ec35636d54c98e9416770434b2b7fc1cf48795c572", "v2 1.2.2"},
    {"esp32s3", "a8a981f1cf8239d795b6b110d4cbb345bb5b8156f36caca2eb31ba0d8d44291d", "v2 1.2.2"},
    {"esp32c2", "3e8397b5971766b496b3bd8b1573a99bc3d84ece1ad69f55e72d0706dee969e6", "v2 1.2.2"},
    {"esp32c3", "feed734acdc68c133ced019b5d8319adfd4de168b86c1ad57fda07c84ae10528", "v2 1.2.2"},
    {"esp32c5", "dbd2b15141ffa2c3545c59136992ff9ebcac275987cecf3f57b6813a0952a049", "v2 1.2.2"},
    {"esp32c6", "b6ae048531ccefdc0458be4bccad8e5cadccb45bc7b3c9610a0676dea0cdd0d2", "v2 1.2.2"},
    {"esp32c61", "02edf4388baadf6ea32ff7e66c9ad7994f1e9390d4c8e2cfbfe8998d10adaf97", "v2 1.2.2"},
    {"esp32h2", "73ba91a19405193d5619cc574e44e52679c77e6db0dc3fb6c744defd525d4f7e", "v2 1.2.2"},
    {"esp32p4-rev1", "860ba5c341f772566465a0ebf6a8a4d022efede276debc08130f2daf6f7191b2", "v2 1.2.2"},
    {"esp32p4", "6f679b900e1df9ccc5496ca3a34c27d5b31269f4aae755453a33aa5b5a847c8f", "v2 1.2.2"},
    /* esptool 5.3.1 */
    {"esp32", "74336baa897016aac07cc38ae2d26504bebfd532d0712efa331ba7317417a781", "v2 1.0.0"},
    {"esp32", "c1a519ca760bb6e7f4f45d21bf945612873494206558a1eb8da7a4e87c90e265", "v1"},
};

int stub_rank(const struct stub *s)
{
    char hex[SHA256_TEXT_SIZE];

    digest_hex(s->sha256, SHA256_SIZE, hex);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(hex, known[i].sha256) == 0)
            return (int)i;
    return -1;
}

static void name_version(struct stub *s)
{
    int i = stub_rank(s);

    snprintf(s->version, sizeof s->version, "%s", i >= 0 ? known[i].version : "unknown");
    if (i >= 0)
        snprintf(s->chip, sizeof s->chip, "%s", known[i].chip);
}

bool stub_is_known(const struct stub *s)
{
    return stub_rank(s) >= 0;
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

/* `root` is ours, NULL where it is no JSON at all. */
static int take(json_t *root, const json_error_t *error, const char *name, struct stub *out,
                char why[static 160])
{
    memset(out, 0, sizeof *out);
    if (root == NULL)
        return refuse(why, name, error->text,
                      json_error_code(error) == json_error_out_of_memory ? -ENOMEM : -EINVAL);
    int rc = read_parts(root, out);
    json_decref(root);
    if (rc == 0)
        rc = hash_code(out, out->sha256);
    if (rc < 0) {
        stub_free(out);
        return refuse(why, name, why_not(rc), rc);
    }
    name_version(out);
    return 0;
}

int stub_load(const char *path, struct stub *out, char why[static 160])
{
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);

    return take(root, &error, path, out, why);
}

int stub_read(const char *name, const void *bytes, size_t size, struct stub *out, char why[static 160])
{
    json_error_t error;
    json_t *root = json_loadb(bytes, size, 0, &error);

    return take(root, &error, name, out, why);
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
