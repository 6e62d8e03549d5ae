#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each key that the schema of jobs knows stands in both pages about jobs.
set -euo pipefail
cd "${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}"
keys=$(sed -n 's/.*\.key = "\([a-z0-9_]*\)".*/\1/p' profiles/job/job_file.c | sort -u)
[ "$(wc -w <<<"$keys")" -ge 20 ] || { echo "found few keys in job_file.c: $keys"; exit 1; }
bad=0
for key in $keys; do
    for page in docs/profiles.md docs/man/flashline-job.5; do
        grep -q "$key" $page || { echo "$page does not mention $key"; bad=1; }
    done
done
exit $bad
