#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Failures of a seeded run, out of its database: the same code at the same stage, and what cannot be replayed says why.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
"$FLASHLINE" run --job ./job.yaml --sim 5 --sim-seed 3 --sim-time virtual --json --db ./line.db \
    --sim-personality 2=bad-flash,3=unplugs,4=wrong-chip,5=dies-at-47 >run 2>err || true
attempt_of() { jq -r "select(.event == \"result\" and .slot == $1) | .attempt" run; }
replay() { "$FLASHLINE" sim replay --db ./line.db --job ./job.yaml "$@"; }

for pair in 2:601 3:104 4:301 5:504; do
    slot=${pair%:*} code=${pair#*:}
    replay --attempt "$(attempt_of "$slot")" --json >replayed || fail "slot $slot did not come again: $(cat replayed)"
    jq -e "select(.event == \"replay\" and .same and .code == $code and .recorded_code == $code and .stage == .recorded_stage
        and .acts == .recorded_acts and .parting == \"\")" replayed >/dev/null || fail "slot $slot: $(cat replayed)"
done
replay --attempt "$(attempt_of 2)" >text || fail "for people it is another: $(cat text)"
grep -q '^the same: \([0-9]*\) of \1 acts' text || fail "people are told: $(cat text)"

# As a file, and damaged.
"$FLASHLINE" sim replay --attempt "$(attempt_of 2)" --db ./line.db --save fault.wire >out || fail "--save: $(cat out)"
[ "$(stat -c %a fault.wire)" = 600 ] || fail "others may read the record: $(stat -c %a fault.wire)"
"$FLASHLINE" sim replay --record fault.wire --job ./job.yaml >out || fail "from a file it is another: $(cat out)"
printf 'X' | dd of=fault.wire bs=1 seek=500 conv=notrunc status=none
expect 4 '*the record of the wire is damaged*' "$FLASHLINE" sim replay --record fault.wire --job ./job.yaml
expect 4 '*has no record of its wire*' replay --attempt "$(attempt_of 1)"
expect 4 '*there is no attempt 99 *' replay --attempt 99
expect 2 '*one of: --attempt N, --record FILE*' "$FLASHLINE" sim replay
expect 2 '*name it with --job or --firmware*' "$FLASHLINE" sim replay --record <("$FLASHLINE" sim replay --attempt "$(attempt_of 2)" --db ./line.db --save w >/dev/null && cat w)
finish
