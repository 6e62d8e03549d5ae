#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# kill -9 of the whole station in mid-run, again and again: every PASS that was shown is in the database, nothing stays
# open, the chain is whole. A slice of 8 seeded kills; FLASHLINE_SWEEP=whole (script/soak kill9): 200.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
for tool in jq sqlite3; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
kills=${FLASHLINE_SWEEP:-8}
[ "$kills" != whole ] || kills=200

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
shown=0 struck=0
: >seen
for ((i = 1; i <= kills; i++)); do
    exec 3< <(exec "$FLASHLINE" run --job ./job.yaml --sim 48 --sim-seed "$i" --sim-time virtual --json --db f.db 2>err)
    pid=$!
    # The blow falls after so many lines of output, or so many after the first PASS: at another place each time, without a
    # clock. The station cannot be done by then: it may run ahead of its reader by a pipe's 64 KiB, and 48 boards say
    # over 300 KiB, half of it after the first PASS.
    if ((i % 2)); then after=$((30 + i * 37 % 420)); else after=-$((1 + i * 37 % 60)); fi
    for ((n = 0; after < 0 || n < after; n++)); do
        IFS= read -r -t 60 line <&3 || break
        printf '%s\n' "$line"
        if ((after < 0)) && [[ $line == *'"result":"PASS"'* ]]; then after=$((n - after)); fi
    done >lines
    kill -9 $pid 2>/dev/null || true
    cat <&3 >>lines # what was said before the blow counts as shown
    exec 3<&-
    code=0
    wait $pid 2>/dev/null || code=$?
    [ $code != 137 ] || struck=$((struck + 1))
    # The last line may be cut by the kill itself.
    jq -rR 'fromjson? | select(.event == "result" and .result == "PASS") | .mac' lines >>seen
done
shown=$(wc -l <seen)
"$FLASHLINE" lots open END --db f.db >out 2>err || fail "the database does not open: $(cat err)"
"$FLASHLINE" run --job ./job.yaml --sim 1 --sim-seed 99999 --sim-time virtual --json --db f.db >lines 2>err || fail "the last run: $(cat err)"
"$FLASHLINE" db check --db f.db >out 2>err || fail "db check: $(cat err)"
[ "$(sqlite3 -readonly f.db "SELECT count(*) FROM attempt WHERE result = 'OPEN'")" = 0 ] || fail "an attempt stayed open"
sort -u seen | tr -d : >macs
sqlite3 -readonly f.db "SELECT DISTINCT lower(hex(u.mac)) FROM attempt a JOIN unit u ON u.id = a.unit_id WHERE a.result = 'PASS'" | sort >kept
lost=$(comm -23 macs kept | wc -l)
[ "$lost" = 0 ] || fail "$lost boards were shown as PASS and are not recorded: $(comm -23 macs kept | head -n 3)"
[ "$shown" -gt 0 ] && [ "$struck" = "$kills" ] || fail "too little was seen: $shown PASS, $struck of $kills killed in time"
echo "$kills runs, $struck killed, $shown PASS shown, all of them recorded; $(wc -l <kept) recorded in all"
finish
