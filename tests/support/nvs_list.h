/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nvs_list - keys of a NVS partition with what they are made of, owned, and the lines in which tests/support/nvs_read.py tells what it
 * found. All of these end the test when they cannot.
 */
#ifndef TESTS_SUPPORT_NVS_LIST_H
#define TESTS_SUPPORT_NVS_LIST_H

#include <stdio.h>

#include "profiles/unit/nvs_make.h"

struct nvs_list {
    struct nvs_entry *entries;
    size_t count, room;
};

/* Copies what it is given; `value` NULL: `size` bytes to be filled, returned. */
uint8_t *nvs_list_add(struct nvs_list *l, const char *space, const char *key, enum nvs_type type,
                      const void *value, size_t size);
/* The same of a number in decimal. */
void nvs_list_add_number(struct nvs_list *l, const char *space, const char *key, enum nvs_type type,
                         const char *text);
void nvs_list_clear(struct nvs_list *l);

/* One line a key, as the reader writes them. Numbers are told by their bytes, not by the code that made them. */
void nvs_list_tell(const struct nvs_list *l, FILE *out);

#endif /* TESTS_SUPPORT_NVS_LIST_H */
