#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Three failures in a row stop a slot, over restarts too; released with a reason, also while the station waits.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'reset: none' 'retries: 0' >job.yaml
slot() { printf 'slots:\n  - number: 1\n    port: %s\n    reset: %s\n' "$1" "$2" >station.yaml; }
run() { "$FLASHLINE" run --job ./job.yaml --config station.yaml --json "$@"; }
codes() { jq -r 'select(.event == "result") | .code' <out; }

slot "tty:$scratch/board1" none # not there yet: a stop is of a place, its slot on another port is another one
for n in 1 2 3; do
    run --once >out 2>err || true
    [ "$(codes)" = 101 ] || fail "try $n: code $(codes)"
done
code=0
run --once >out 2>err || code=$?
[ $code = 3 ] || fail "a stopped slot: exit $code"
[ "$(codes)" = 908 ] || fail "a stopped slot: code $(codes)"

# The station waits for the engineer; the release comes from another process.
"$FLASHLINE-sim" --pty --boards 1 --link "$scratch/board" >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || { cat serve.out; finish; } # its links are made before it says so
"$FLASHLINE" run --job ./job.yaml --config station.yaml --json >held.json 2>err &
pid=$!
jobs_running+=("$pid")
wait_for held.json '"act":"unlock"' || { cat held.json err; finish; }
expect 2 '*reason*' "$FLASHLINE" unlock --slot 1 --config station.yaml
"$FLASHLINE" unlock --slot 1 --reason 'cable changed' --config station.yaml >out 2>err2 || fail "unlock: $? $(cat err2)"
# It goes on by itself; a virtual board in a production slot is then refused with its own code.
wait_for held.json '"code":313' || tail -n 5 held.json
kill -INT "$pid"
wait "$pid" || true
db=state/flashline/flashline.db
[ "$(sqlite3 -readonly $db "SELECT reason FROM audit WHERE action = 'stop.unlock'")" = 'cable changed' ] || fail "the release is not audited"

# Rework is the engineer's word, with a reason.
expect 2 '*--reason*' "$FLASHLINE" run --job ./job.yaml --config station.yaml --once --headless --rework
finish
