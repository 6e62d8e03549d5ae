/* SPDX-License-Identifier: Apache-2.0 */
#include "base/duplicate.h"

#include <stddef.h>

const char *const duplicate_words[] = {
    [DUPLICATE_REFUSE] = "refuse", [DUPLICATE_WARN] = "warn", [DUPLICATE_REWORK] = "rework", NULL};
