/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/nvs_list.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"

#define SHOWN_MAX 40 /* longer values are told by length and digest */

uint8_t *nvs_list_add(struct nvs_list *l, const char *space, const char *key, enum nvs_type type,
                      const void *value, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    if (l->count == l->room) {
        l->room = l->room * 2 + 16;
        l->entries = realloc(l->entries, l->room * sizeof *l->entries);
    }
    assert_non_null(copy);
    assert_non_null(l->entries);
    if (value != NULL && size > 0)
        memcpy(copy, value, size);
    l->entries[l->count++] = (struct nvs_entry){strdup(space), strdup(key), type, copy, size, 0};
    return copy;
}

void nvs_list_add_number(struct nvs_list *l, const char *space, const char *key, enum nvs_type type,
                         const char *text)
{
    uint8_t bytes[NVS_NUMBER_MAX];
    int width = nvs_number(type, text, bytes);

    if (width < 0)
        fail_msg("%s is no %s", text, nvs_type_name(type));
    nvs_list_add(l, space, key, type, bytes, (size_t)width);
}

void nvs_list_clear(struct nvs_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free((void *)(uintptr_t)l->entries[i].space);
        free((void *)(uintptr_t)l->entries[i].key);
        free((void *)(uintptr_t)l->entries[i].value);
    }
    free(l->entries);
    memset(l, 0, sizeof *l);
}

static void tell_bytes(const uint8_t *bytes, size_t size, FILE *out)
{
    uint8_t sha256[SHA256_SIZE];
    char hex[2 * SHOWN_MAX + 1];

    if (size <= SHOWN_MAX) {
        digest_hex(bytes, size, hex);
        fputs(size == 0 ? "-" : hex, out);
        return;
    }
    digest_sha256(bytes, size, sha256);
    digest_hex(sha256, sizeof sha256, hex);
    fprintf(out, "%zu:%s", size, hex);
}

static void tell_number(const struct nvs_entry *e, FILE *out)
{
    const uint8_t *bytes = e->value;
    uint64_t n = 0;

    for (size_t i = e->size; i-- > 0;)
        n = n << 8 | bytes[i];
    if (nvs_type_name(e->type)[0] == 'i' && e->size > 0 && bytes[e->size - 1] >= 0x80)
        n |= e->size < 8 ? UINT64_MAX << 8 * e->size : 0;
    if (nvs_type_name(e->type)[0] == 'i')
        fprintf(out, "%" PRId64, (int64_t)n);
    else
        fprintf(out, "%" PRIu64, n);
}

void nvs_list_tell(const struct nvs_list *l, FILE *out)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct nvs_entry *e = &l->entries[i];

        fprintf(out, "%s %s %s ", e->space, e->key, nvs_type_name(e->type));
        if (nvs_number_width(e->type) != 0)
            tell_number(e, out);
        else
            tell_bytes(e->value, e->size, out);
        fputc('\n', out);
    }
}
