/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/stub_rule.h"

#include <string.h>

#include "engine/chip/esp_stub.h"
#include "profiles/job/job.h"

static bool is_allowed(const struct job *job, const struct stub *stub)
{
    char hash[SHA256_TEXT_SIZE];

    if (!job->released || job->stub == STUB_NO || stub_is_known(stub))
        return true;
    digest_hex(stub->sha256, SHA256_SIZE, hash);
    return strcmp(hash, job->stub_sha256) == 0;
}

const struct stub *stub_rule_refused(const struct job *job, const struct stub *list)
{
    for (const struct stub *s = list; s != NULL; s = s->next)
        if (!is_allowed(job, s))
            return s;
    return NULL;
}
