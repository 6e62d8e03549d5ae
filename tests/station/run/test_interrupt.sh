#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Ctrl-C once drains, once more, meant, aborts; what the database says of it is true. A lost terminal drains.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive big.tar.gz sound 600
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: big.tar.gz' >job.yaml
# A minute a board: for runs that end by what is done to them, however late that is on a busy machine.
(cat job.yaml; echo 'baud: 115200') >slow.yaml

# start NAME [JOB]: a tray of 4 in real time, all of them writing; its JSON in NAME.json, database NAME.db; $pid
start() {
    local slot
    "$FLASHLINE" run --job "./${2:-job.yaml}" --sim 4 --json --db "$1.db" >"$1.json" 2>"$1.err" &
    pid=$!
    jobs_running+=("$pid")
    for slot in 1 2 3 4; do wait_for "$1.json" "\"slot\":$slot,.*\"stage\":\"write\",\"done\":[1-9]"; done
}
# end CODE: waits for $pid
end() {
    local got=0
    wait "$pid" || got=$?
    [ "$got" = "$1" ] || fail "ended with $got, not $1"
}
results() { sqlite3 -readonly "$1.db" "SELECT result || ' ' || count(*) FROM attempt GROUP BY result"; }

start drain
kill -INT "$pid"
end 5
[ "$(results drain)" = "PASS 4" ] || fail "drained: $(results drain)"
grep -q '"event":"drain"' drain.json || fail "no drain event"
tail -n 1 drain.json | jq -e '.event == "end" and .PASS == 4 and .exit == 5' >/dev/null || fail "end: $(tail -n 1 drain.json)"

start abort slow.yaml
# A second station on the same database is refused by name; reading beside it is not.
expect 4 '*another station*' "$FLASHLINE" run --job ./job.yaml --sim 1 --headless --db abort.db
"$FLASHLINE" units --training --db abort.db >out || fail "reading beside a running station: exit $?"
# Two strokes within a second are one; TERM, which no sleeve sends, aborts the second time.
kill -INT "$pid"
wait_for abort.json '"event":"drain"'
kill -INT "$pid"
limit=$((SECONDS + 180))
until [ "$(grep -c '"event":"drain"' abort.json)" -ge 2 ] || [ $SECONDS -ge $limit ]; do sleep 0.05; done
grep -q '"event":"abort"' abort.json && fail "two strokes within a second aborted"
# Who meets its lock is told what it still does.
expect 4 "*in use by station '*', finishing 4 boards, pid $pid*" "$FLASHLINE" run --job ./job.yaml --sim 1 --headless --db abort.db
[ "$(results abort)" = "OPEN 4" ] || fail "after two strokes within a second: $(results abort)"
kill -TERM "$pid"
end 5
[ "$(results abort)" = "ABORTED 4" ] || fail "aborted: $(results abort)"
tail -n 1 abort.json | jq -e '.ABORTED == 4' >/dev/null || fail "end: $(tail -n 1 abort.json)"
[ "$(sqlite3 -readonly abort.db 'SELECT DISTINCT code FROM attempt')" = 902 ] || fail "aborted attempts lack their code"

start hangup
kill -HUP "$pid"
kill -HUP "$pid"
end 5
[ "$(results hangup)" = "PASS 4" ] || fail "hung up: $(results hangup)"

# Killed in mid-write: nothing is known of the end, and the next start says so.
start killed slow.yaml
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
[ "$(results killed)" = "OPEN 4" ] || fail "killed: $(results killed)"
"$FLASHLINE" run --job ./job.yaml --sim 4 --sim-time virtual --headless --db killed.db >out 2>err || fail "after kill: $?"
grep -q '4 boards were found interrupted' err || fail "nothing said of the interrupted: $(cat err)"
[ "$(results killed | sort | tr '\n' ' ')" = "INTERRUPTED 4 PASS 4 " ] || fail "after kill: $(results killed)"
[ "$(sqlite3 -readonly killed.db "SELECT DISTINCT code FROM attempt WHERE result = 'INTERRUPTED'")" = 903 ] ||
    fail "interrupted attempts lack their code"

# Every line of all of it is JSON with the promised keys.
cat ./*.json | jq -e -s 'all(.v == 1 and has("event") and has("slot") and has("t_ms"))' >/dev/null || fail "a line without v, event, slot, t_ms"
finish
