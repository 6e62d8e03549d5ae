/* SPDX-License-Identifier: Apache-2.0 */
#include "base/record.h"

const char *attempt_kind_name(enum attempt_kind k)
{
    static const char *const names[] = {"PRODUCTION", "REWORK", "TRAINING"};

    return names[k];
}
