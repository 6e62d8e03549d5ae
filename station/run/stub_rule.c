/* SPDX-License-Identifier: Apache-2.0 */
#include "station/run/stub_rule.h"

#include <string.h>

#include "engine/chip/esp_stub.h"
#include "profiles/job/job.h"

bool stub_rule_allows(const struct job *job, const struct stub *stub)
{
    char hash[SHA256_TEXT_SIZE];

    if (!job->released || stub == NULL || job->stub == STUB_NO || stub_is_known(stub))
        return true;
    digest_hex(stub->sha256, SHA256_SIZE, hash);
    return strcmp(hash, job->stub_sha256) == 0;
}
