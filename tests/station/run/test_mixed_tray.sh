#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A tray on which four kinds of chip are mixed, with a job for one of them: boards of that chip pass, every other is told as the
# wrong chip (301) before a byte of its flash is touched; and the records, lists and yields name each board's chip.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'retries: 0' >job.yaml
code=0
"$FLASHLINE" run --job ./job.yaml --stub no --sim 16 --sim-chip esp32,esp32c3,esp32s3,esp32c6 --sim-time virtual --json >run 2>err ||
    code=$?
[ $code = 1 ] || fail "the run ended with $code: $(cat err)"
results() { jq -r 'select(.event == "result") | "\(.slot) \(.result) \(.code // 0) \(.failed_stage // "-") \(.chip | split("[- ]"; null)[1])"' <run | sort -n; }
for slot in $(seq 16); do
    case $((slot % 4)) in
    1) echo "$slot PASS 0 - D0WDQ6" ;;
    2) echo "$slot FAIL 301 gate C3" ;;
    3) echo "$slot FAIL 301 gate S3" ;;
    0) echo "$slot FAIL 301 gate C6" ;;
    esac
done >expected
results >told
diff expected told >difference || fail "slots: $(cat difference)"
touched=$(jq -r 'select(.event == "stage" and (.stage == "erase" or .stage == "write")) | .slot' <run | sort -nu | tr '\n' ' ')
[ "$touched" = '1 5 9 13 ' ] || fail "erased or written: $touched"

# Nothing was saved or written of the others either, and each stands under its own chip.
db=$(find state -name '*.db' | head -n 1)
[ "$("$FLASHLINE" attempts --training --json | jq -r 'select(.result == "FAIL") | .bytes_written' | sort -u)" = 0 ] || fail "bytes were written"
"$FLASHLINE" attempts --training >list || fail "attempts: $?"
for chip in D0WDQ6 C3 S3 C6; do
    [ "$(grep -c "ESP32-$chip" list)" = 4 ] || fail "the list names $chip in $(grep -c "ESP32-$chip" list) lines: $(cat list)"
done
"$FLASHLINE" yield --training --by chip --json >parts || fail "yield --by chip: $?"
[ "$(jq -r '"\(.attempts) \(.passes)"' <parts | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = ' 3 4 0; 1 4 4;' ] || fail "yield --by chip: $(cat parts)"
finish
