#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# One unit's whole story, from the database that practice goes to: attempts, saved sectors, the wire's last bytes.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
code=0
"$FLASHLINE" run --job ./job.yaml --sim 2 --sim-time virtual --sim-personality 2=bad-flash --json >run 2>err || code=$?
[ $code = 1 ] || fail "the run ended with $code: $(cat err)"
passed=$(jq -r 'select(.event == "result" and .result == "PASS") | .mac' run)
failed=$(jq -r 'select(.event == "result" and .result == "FAIL") | .mac' run)

# Nothing of it is production, and without --training nobody looks where practice is kept.
expect 4 '*no such database*' "$FLASHLINE" units
[ "$("$FLASHLINE" units --training --json | wc -l)" = 2 ] || fail "units --training does not see both boards"

events() { "$FLASHLINE" unit "$1" --training --json | jq -r .event | sort | uniq -c | awk '{ printf "%s%s=%s", s, $2, $1; s = " " }'; }
[ "$(events "$passed")" = "attempt=1 backup=1 identified=1" ] || fail "of a board that passed: $(events "$passed")"
[ "$(events "$failed")" = "attempt=1 backup=1 evidence=1 identified=1" ] || fail "of a board that failed: $(events "$failed")"
[ "$(events "$(tr -d : <<<"$failed" | tr a-f A-F)")" = "attempt=1 backup=1 evidence=1 identified=1" ] || fail "the MAC in capitals, without colons"

# The last thing said was a question for a digest (command 13), and the chip's answer to it.
"$FLASHLINE" unit "$failed" --training --json | jq -e 'select(.event == "evidence")
    | (.tx | test("c00013[0-9a-f]*c0$")) and (.rx | test("c00113[0-9a-f]*c0$"))' >/dev/null || fail "the wire's last bytes are others"
"$FLASHLINE" unit "$failed" --training >story
head -2 story | tr '\n' ' ' | grep -q "^MAC $failed ESP32-[-A-Z0-9]* v[0-9.]*, [0-9]* MB flash, first seen 20" || fail "who it is: $(head -2 story)"
grep -q '^attempt [12]: last bytes to the board [0-9a-f]*c0, from it [0-9a-f]*c0$' story || fail "people are not told them: $(cat story)"
expect 1 "*nothing is known of '24:0a:c4:00:00:01'*" "$FLASHLINE" unit 24:0a:c4:00:00:01 --training
finish
