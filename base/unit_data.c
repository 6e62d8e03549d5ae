/* SPDX-License-Identifier: Apache-2.0 */
#include "base/unit_data.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_SIZE 9 /* of a write in what is hashed */

int unit_data_add(struct unit_data *d, const char *name, enum unit_write_kind kind, uint32_t offset,
                  const uint8_t *data, size_t size)
{
    struct unit_write *w;

    if (size == 0 || size > UINT32_MAX - (size_t)offset || strlen(name) >= UNIT_NAME_SIZE)
        return -EINVAL;
    if (d->count == UNIT_WRITES_MAX || size > UNIT_BYTES_MAX - d->bytes)
        return -ENOSPC;
    w = &d->writes[d->count];
    w->data = malloc(size);
    if (w->data == NULL)
        return -ENOMEM;
    memcpy(w->data, data, size);
    snprintf(w->name, sizeof w->name, "%s", name);
    w->kind = kind;
    w->offset = offset;
    w->size = (uint32_t)size;
    d->count++;
    d->bytes += size;
    return 0;
}

static void put_le32(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> 8 * i);
}

static uint8_t *put_write(uint8_t *out, const struct unit_write *w)
{
    put_le32(out, w->offset);
    put_le32(out + 4, w->size);
    out[8] = w->kind == UNIT_IMAGE;
    memcpy(out + HEAD_SIZE, w->data, w->size);
    return out + HEAD_SIZE + w->size;
}

void unit_data_seal(struct unit_data *d)
{
    size_t size = d->count * HEAD_SIZE + d->bytes;
    uint8_t *all = malloc(size + 1), *end = all;

    if (all == NULL)
        abort(); /* as a digest does: without one nothing may be said to be right */
    for (size_t i = 0; i < d->count; i++)
        end = put_write(end, &d->writes[i]);
    digest_sha256(all, size, d->sha256);
    explicit_bzero(all, size);
    free(all);
}

void unit_data_wipe(struct unit_data *d)
{
    for (size_t i = 0; i < d->count; i++) {
        explicit_bzero(d->writes[i].data, d->writes[i].size);
        free(d->writes[i].data);
    }
    explicit_bzero(d, sizeof *d);
}
