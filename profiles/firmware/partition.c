/* SPDX-License-Identifier: Apache-2.0 */
#include "profiles/firmware/partition.h"

#include <string.h>

#include "base/digest.h"
#include "profiles/firmware/little_endian.h"

#define ROW 32

bool partition_table_is(const uint8_t *b, size_t size)
{
    return size >= ROW && b[0] == 0xaa && b[1] == 0x50;
}

static bool is_blank(const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (b[i] != 0xff)
            return false;
    return true;
}

static const char *check_overlap(const struct partition_table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct partition *p = &t->rows[i];

        if (p->size == 0)
            return "a partition has no size";
        if (p->size > UINT32_MAX - p->offset)
            return "a partition ends beyond any flash";
        for (size_t j = 0; j < i; j++) {
            const struct partition *q = &t->rows[j];

            if (p->offset < q->offset + q->size && q->offset < p->offset + p->size)
                return "two of its partitions overlap";
        }
    }
    return NULL;
}

static void read_row(const uint8_t *b, struct partition *p)
{
    p->type = b[2];
    p->subtype = b[3];
    p->offset = le32(b + 4);
    p->size = le32(b + 8);
    memcpy(p->name, b + 12, 16);
    p->name[16] = '\0';
    p->flags = le32(b + 28);
}

int partition_table_parse(const uint8_t *bytes, size_t size, struct partition_table *out, const char **why)
{
    bool ends = size < PARTITION_TABLE_SIZE; /* blank flash follows */
    uint8_t md5[MD5_SIZE];

    memset(out, 0, sizeof *out);
    if (size > PARTITION_TABLE_SIZE)
        size = PARTITION_TABLE_SIZE;
    for (size_t at = 0; at + ROW <= size; at += ROW) {
        const uint8_t *b = bytes + at;

        if (b[0] == 0xeb && b[1] == 0xeb && is_blank(b + 2, 14)) {
            if (out->has_md5) {
                *why = "it has two MD5 rows";
                return -1;
            }
            digest_md5(bytes, at, md5);
            if (memcmp(md5, b + 16, MD5_SIZE) != 0) {
                *why = "its MD5 row does not match its rows: the table is damaged";
                return -1;
            }
            out->has_md5 = true;
        } else if (is_blank(b, ROW)) {
            ends = true;
            break;
        } else if (b[0] != 0xaa || b[1] != 0x50) {
            *why = "a row does not begin with AA 50: the table is damaged or is none";
            return -1;
        } else if (out->has_md5) {
            *why = "a row follows the MD5 row";
            return -1;
        } else if (out->count == PARTITION_MAX) {
            *why = "it has more than 95 rows";
            return -1;
        } else {
            read_row(b, &out->rows[out->count++]);
        }
    }
    *why = out->count == 0 ? "it has no rows"
           : !ends         ? "it has no blank row at its end: the bootloader refuses it"
                           : check_overlap(out);
    return *why != NULL ? -1 : 0;
}

const struct partition *partition_find(const struct partition_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->rows[i].name, name) == 0)
            return &t->rows[i];
    return NULL;
}

const struct partition *partition_at(const struct partition_table *t, uint32_t offset)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].offset == offset)
            return &t->rows[i];
    return NULL;
}
