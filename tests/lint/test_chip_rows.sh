#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each chip of profiles/firmware/chip_kind.c stands everywhere else where a chip has a row, a job or a line in a page
# (docs/howto-add-chip.md): what was forgotten is named. What the rows say is other tests' matter.
set -euo pipefail
cd "${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}"
kinds=profiles/firmware/chip_kind.c
bad=0
complain() { echo "$1"; bad=1; }

chips=$(sed -n 's/^ *{\.name = "\([a-z0-9]*\)",$/\1/p' $kinds)
[ "$(wc -w <<<"$chips")" = "$(grep -c '\.image_id = [0-9]' $kinds)" ] || complain "$kinds: not every row has its name"
for chip in $chips; do
    id=$(sed -n "/name = \"$chip\",/,/image_id/s/.*image_id = \([0-9]*\),.*/\1/p" $kinds)
    title=$(sed -n "/name = \"$chip\",/,/title/s/.*title = \"\(.*\)\",.*/\1/p" $kinds)
    grep -Pzq "\.image_id =\s+$id," engine/chip/esp_target.c || complain "engine/chip/esp_target.c has no row of chip id $id, $chip"
    [ -r profiles/jobs/$chip.yaml ] || complain "there is no profiles/jobs/$chip.yaml"
    for file in sim/board/sim_chip.c tests/profiles/job/test_job_chips.c tests/engine/chip/test_esp_targets.c \
        tests/sim/board/test_sim_chips.c tests/station/run/test_every_chip.sh; do
        grep -q "\"$chip\"" $file || complain "$file has no row of $chip"
    done
    for page in docs/chips.md docs/simulator.md; do
        grep -q "^| .*\`$chip\` |" $page || complain "$page has no row of $chip in its table"
    done
    [ "$(grep -c "^| .*\<${title#ESP32-}\>" docs/chips.md)" -ge 2 ] || complain "docs/chips.md: '${title#ESP32-}' has no column in what is known"
    [ "$(grep -c "\`$chip\`" docs/profiles.md)" -ge 2 ] || complain "docs/profiles.md names $chip not both as a chip and as a shipped job"
    grep -Fq "\fI$chip\fR" docs/man/flashline-job.5 || complain "docs/man/flashline-job.5 does not name $chip"
done
exit $bad
