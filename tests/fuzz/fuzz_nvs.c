/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any list of keys: a partition, or one line that says why not. The bytes are the list: a type, a letter of the namespace, a letter of
 * the key and a length each; all of it lies in buffers that end where they end.
 */
#include "profiles/unit/nvs_make.h"
#include "tests/fuzz/check_plan.h"

#define KEYS_MAX 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One key from four bytes; its value is what follows, repeated where it ends too soon. */
static void read_entry(const uint8_t *data, struct nvs_entry *e, char space[static 24], char key[static 24])
{
    static const enum nvs_type types[] = {NVS_U8,     NVS_I8,   NVS_U16,  NVS_I16,
                                          NVS_U32,    NVS_I32,  NVS_U64,  NVS_I64,
                                          NVS_STRING, NVS_BLOB, NVS_BLOB, (enum nvs_type)0x42};

    snprintf(space, 24, "%.*s%c", data[1] >> 4, "namespace_name__", data[1] % 16 + 'a');
    snprintf(key, 24, "%.*s%c", data[2] >> 4, "a_key_in_space__", data[2]);
    e->space = space;
    e->key = key;
    e->type = types[data[0] % (sizeof types / sizeof types[0])];
    e->size = nvs_number_width(e->type);
    if (e->size == 0)
        e->size = (size_t)data[3] * (data[0] >> 4) * 3;
    e->line = data[3];
}

static void free_values(struct nvs_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)entries[i].value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char spaces[KEYS_MAX][24], keys[KEYS_MAX][24];
    struct nvs_entry entries[KEYS_MAX];
    const struct place at = {"job", 1, NULL};
    struct complaint c = {0};
    size_t pages = size > 0 ? 3 + data[0] % 8 : 3, count = 0;
    uint8_t *out = malloc(pages * NVS_PAGE_SIZE);

    for (size_t i = 1; out != NULL && i + 4 <= size && count < KEYS_MAX; i += 4, count++) {
        uint8_t *value;

        read_entry(data + i, &entries[count], spaces[count], keys[count]);
        value = malloc(entries[count].size > 0 ? entries[count].size : 1);
        must(value != NULL, "no memory");
        memset(value, data[i] | 1, entries[count].size);
        entries[count].value = value;
    }
    if (out == NULL)
        return 0;
    if (nvs_make(entries, count, out, pages * NVS_PAGE_SIZE, &at, &c) != 0)
        check_complaint(&c);
    else
        for (size_t i = (pages - 1) * NVS_PAGE_SIZE; i < pages * NVS_PAGE_SIZE; i++)
            must(out[i] == 0xff, "the last page is not free");
    free_values(entries, count);
    free(out);
    return 0;
}
