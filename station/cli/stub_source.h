/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stub_source - helper programs as they come: one JSON file; or an archive (an npm tarball, a wheel) or a folder of a flashing tool
 * with many files in it. Of many, those alone are offered whose digest is known here (engine/chip/esp_stub.h), of each chip the one
 * to be preferred. Nothing is unpacked to disk and no network is asked. One thread; caller owns: stub_source_free().
 */
#ifndef STATION_CLI_STUB_SOURCE_H
#define STATION_CLI_STUB_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/chip/esp_stub.h"

#define STUB_OFFERS_MAX 32

struct arena;
struct complaint;

struct stub_offer {
    struct stub stub;
    const uint8_t *bytes; /* the file as it is, of the arena */
    size_t size;
};

struct stub_source {
    struct arena *arena;
    struct stub_offer offers[STUB_OFFERS_MAX];
    int count;
    int looked;  /* JSON files that were looked at */
    int unknown; /* of them, helper programs that are not known here */
};

/* 0 with at least one offer. -1: *c says what FILE is, or that none in it is known. To be freed in either case. */
int stub_source_read(const char *path, struct stub_source *out, struct complaint *c);
void stub_source_free(struct stub_source *s);

#endif /* STATION_CLI_STUB_SOURCE_H */
