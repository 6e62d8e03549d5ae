/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stub_list - the helper programs that boards of one chip may be written with: one, or one for each range of its revisions.
 * Plain data of whoever loads it; read-only from then on.
 */
#ifndef STATION_RUN_STUB_LIST_H
#define STATION_RUN_STUB_LIST_H

#include "engine/chip/esp_stub.h"
#include "engine/chip/esp_target.h"

#define STUB_LIST_WHY 400

struct stub_list {
    struct stub stubs[TARGET_STUBS];
    int count;
};

/*
 * For boards of `chip` (a job's). `option`: a file, a folder, "no", or NULL: see stub_find(). 0, also where there is none
 * and none was named: `out` is then empty. A negative errno, and `why` in one line. Caller owns: stub_list_free().
 */
int stub_list_load(const char *option, const char *chip, struct stub_list *out,
                   char why[static STUB_LIST_WHY]);
void stub_list_free(struct stub_list *list);
/* For the engine; NULL: empty. */
const struct stub *stub_list_first(const struct stub_list *list);

#endif /* STATION_RUN_STUB_LIST_H */
