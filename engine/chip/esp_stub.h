/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esp_stub - Espressif's helper program for the chip's RAM, read from its JSON file as data.
 *
 * Never shipped with Flashline: 'flashline stub install' brings the file in (Apache-2.0 OR MIT). Read-only after loading, so
 * all slots share one.
 */
#ifndef ENGINE_CHIP_ESP_STUB_H
#define ENGINE_CHIP_ESP_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct stub {
    uint8_t *text, *data;
    uint32_t text_size, data_size, text_start, data_start, entry;
    /* Of all that is uploaded: text, data, then text_start, text_size, data_start, data_size, entry as 32-bit little endian. */
    uint8_t sha256[SHA256_SIZE];
    char version[24]; /* "v2 1.2.2" by the digest; "unknown" otherwise */
    char chip
        [16]; /* whose it is, as esp_target_stub() calls it: by the digest, or its owner's word; "": not known */
    const struct stub
        *next; /* of a list, its owner's: a chip's revisions may want different ones; NULL: the last */
};

/* Reads `path`: 0, or -EINVAL or -ENOMEM with one line in `why`. Caller owns *out's memory: stub_free(). */
int stub_load(const char *path, struct stub *out, char why[static 160]);
/* The same of a file that is in memory already; `name`: what `why` calls it. */
int stub_read(const char *name, const void *bytes, size_t size, struct stub *out, char why[static 160]);
void stub_free(struct stub *s);
/* Is it, to the byte and the address, one of those that are known here (on chips those of the ESP32 and the C3 were tried)? */
bool stub_is_known(const struct stub *s);
/* Its place among them, of one chip the one to be preferred first; -1: not known. */
int stub_rank(const struct stub *s);

struct esp_loader;
/* Loads it into the chip's RAM through the ROM and starts it. 0 or a negative errno as in esp_loader.h. */
int stub_run(const struct stub *s, struct esp_loader *l);
/* Its own "bad checksum" means the block was not taken, so that one block may be sent again. Version 2 only. */
bool stub_resends_on_checksum(const struct stub *s);

#endif /* ENGINE_CHIP_ESP_STUB_H */
