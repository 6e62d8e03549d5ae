#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Operator, lot and job of a running station from outside: a line's software has no screen. Without it a badge, a lot or a job would
# take a restart, or come in past the rules.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
unset FLASHLINE_PIN

make_archive good.tar.gz
for job in first second; do
    printf '%s\n' "name: $job" 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >$job.yaml
    "$FLASHLINE" job release ./$job.yaml >out 2>err || fail "release: $? $(cat err)"
done
db=$XDG_STATE_HOME/flashline/flashline.db
records() { sqlite3 -readonly "$db" "$1"; }

expect 4 '*no station runs with*' "$FLASHLINE" duty
expect 4 '*no station runs with*' "$FLASHLINE" duty --lot A-17
expect 2 '*--operator, --badge and --log-out*' "$FLASHLINE" duty --operator op-1 --badge B-1

"$FLASHLINE" operator add op-1 --badge B-1 >out 2>err
"$FLASHLINE" lots open A-17 >out 2>err
"$FLASHLINE" lots open B-2 --job ./second.yaml >out 2>err || fail "a lot for a job: $(cat err)"
FLASHLINE_NEW_PIN=246810 "$FLASHLINE" operator add en1 --role engineer >out 2>err || fail "enrolling: $? $(cat err)"

"$FLASHLINE" run --slots tty:/dev/nosuch --job ./first.yaml --json >lines 2>said </dev/null &
run=$!
jobs_running+=("$run")
wait_for lines '"event":"state"'

"$FLASHLINE" duty --json >out 2>err || fail "duty: $? $(cat err)"
[ "$(jq -r '"\(.event) \(.refused) \(.operator) \(.lot) \(.job) \(.next_job)"' out)" = 'duty false null null first null' ] || fail "at first: $(cat out)"
"$FLASHLINE" duty --operator op-1 --lot A-17 >out 2>err || fail "choosing: $? $(cat err)"
[ "$(cat out)" = $'operator  op-1\nlot       A-17\njob       first' ] || fail "chosen: $(cat out)"
wait_for lines '"event":"duty".*"lot":"A-17","operator":"op-1"'
"$FLASHLINE" duty --log-out >out 2>err || fail "logging out: $? $(cat err)"
"$FLASHLINE" duty --badge B-1 >out 2>err || fail "a badge: $? $(cat err)"
[ "$(records "SELECT group_concat(action || ' ' || object || ' ' || actor, ', ') FROM audit WHERE action IN ('login', 'logout')")" = \
    'login op-1 op-1, logout op-1 op-1, login op-1 op-1' ] || fail "the audit has: $(records "SELECT action, object, actor FROM audit")"

# Refused: one line, 1, and nothing changed; what a JSON line cannot say is refused as well.
expect 1 '*nobody here is called eve: flashline operator add' "$FLASHLINE" duty --operator eve
expect 1 '*there is no lot NEW: flashline lots open' "$FLASHLINE" duty --lot NEW
expect 1 "*the lot's name is not UTF-8" "$FLASHLINE" duty --lot $'A\xff'
expect 1 "*the operator's name is blank" "$FLASHLINE" duty --operator ' '
expect 1 '*There is no such job.' "$FLASHLINE" duty --job nosuch
expect 1 '*lot B-2 is for job second, this is first' "$FLASHLINE" duty --lot B-2
expect 1 '*PIN*' setsid -w "$FLASHLINE" duty --lot B-2 --job ./second.yaml
"$FLASHLINE" duty --lot NEW --json >out 2>err && fail "an unknown lot was taken"
[ "$(jq -r '"\(.refused) \(.code) \(.text)"' out)" = 'true 912 there is no lot NEW: flashline lots open' ] || fail "refused: $(cat out)"
"$FLASHLINE" duty --json >out
[ "$(jq -r '"\(.operator) \(.lot) \(.job)"' out)" = 'op-1 A-17 first' ] || fail "after refusals: $(cat out)"

# The lot brings its job; the run goes on with it in the same programme.
FLASHLINE_PIN=246810 "$FLASHLINE" duty --lot B-2 --job ./second.yaml >out 2>err || fail "another job: $? $(cat err)"
wait_for lines '"event":"start".*"lot":"B-2".*"job":"second"'
"$FLASHLINE" duty --json >out 2>err || fail "with another job: $? $(cat err)"
[ "$(jq -r '"\(.operator) \(.lot) \(.job) \(.next_job)"' out)" = 'op-1 B-2 second null' ] || fail "with another job: $(cat out err)"
! grep -q '"event":"end"' lines || fail "the run said its end in between"
[ "$(records "SELECT count(*) FROM audit WHERE action = 'job.change' AND object = 'second' AND actor = 'en1'")" = 1 ] ||
    fail "the audit lacks the change of job"
kill -TERM "$run"
wait "$run" || true
grep -q '"event":"end"' lines || fail "no end: $(tail -n 2 lines)"
[ "$(grep -c '"event":"start"' lines)" = 2 ] || fail "not two rounds: $(grep '"event":"start"' lines)"

# While a board is at work the next one's lot and operator may change, the job may not: in the words of the screen.
printf 'policy: {serial_required: yes}\n' >station.yaml
"$FLASHLINE" run --sim 1 --job ./first.yaml --config station.yaml --json >lines 2>said </dev/null &
run=$!
jobs_running+=("$run")
wait_for lines '"act":"scan_serial"'
expect 1 '*: Boards are being flashed. Wait until they are done.' "$FLASHLINE" duty --training --job ./second.yaml
"$FLASHLINE" duty --training --lot T-1 --operator anybody >out 2>err || fail "the next board's: $? $(cat err)"
[ "$(cat err)" = 'flashline duty: note: lot T-1 is new and was opened' ] || fail "a new lot: $(cat err)"
"$FLASHLINE" serial --training --slot 1 SN-1 >out 2>err || fail "the serial: $? $(cat err)"
code=0
wait "$run" || code=$?
[ $code = 0 ] || fail "the run ended with $code: $(cat said)"
[ "$(sqlite3 -readonly "$XDG_STATE_HOME"/flashline/training.db "SELECT coalesce(lot_id, 'none') || ' ' || result FROM attempt")" = 'none PASS' ] ||
    fail "the board at work has another lot than it began with"
finish
