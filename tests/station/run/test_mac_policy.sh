#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A board without an address in a production slot: held by default, flashed and noted where station.yaml says warn; and
# whoever changes the rules in station.yaml does not do so unseen.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'reset: none' 'retries: 0' >job.yaml
"$FLASHLINE-sim" --pty --boards 1 --personality 1=blank-mac --link "$scratch/board" >serve.out 2>&1 &
jobs_running+=("$!")
timeout 20 sh -c "until [ -e board1 ]; do sleep 0.05; done" || { fail "no board1: $(cat serve.out)"; finish; }
db=state/flashline/flashline.db
ask() { sqlite3 -readonly "$db" "$1"; }
configure() { printf '%s\n' 'slots:' '  - number: 1' "    port: tty:$scratch/board1" '    reset: none' 'policy:' "$@" >station.yaml; }
flash() { "$FLASHLINE" run --job ./job.yaml --config station.yaml --json --once "$@" >out 2>err || true; }
result() { jq -r 'select(.event == "result") | "\(.result) \(.code // 0)"' <out; }

configure '  stop_slot_failures: 3'
flash
[ "$(result)" = 'HOLD 311' ] || fail "by default: $(result) $(cat err)"
[ "$(ask 'SELECT count(*) FROM unit')" = 0 ] || fail "a board that is nobody became a unit"
[ "$(ask "SELECT count(*) FROM audit WHERE action = 'rules.change'")" = 0 ] || fail "the usual rules are audited as a change"

configure '  blank_mac: warn'
"$FLASHLINE" lots open PLAN --planned 5 --config station.yaml >out 2>err || fail "lots open: $(cat err)"
flash --lot PLAN
[ "$(result)" = 'HOLD 311' ] || fail "in a lot with a plan: $(result) $(cat err)"
for n in 1 2; do
    flash
    [ "$(result)" = 'PASS 0' ] || fail "board $n with blank_mac: warn: $(result) $(cat err)"
done
"$FLASHLINE" db events --config station.yaml >out || fail "db events: $?"
[ "$(grep -c 'ADDRESS.*00:00:00:00:00:00' out)" = 2 ] || fail "what was let through is not noted: $(cat out)"
[ "$(ask "SELECT role || ' ' || (new LIKE '%blank_mac warn%') || ' ' || (old LIKE '%blank_mac refuse%') || ' ' || (object LIKE '%station.yaml') FROM audit WHERE action = 'rules.change'")" = 'station 1 1 1' ] ||
    fail "the change of rules is not audited once: $(ask 'SELECT * FROM audit')"

configure '  blank_mac: refuse'
flash
[ "$(result)" = 'HOLD 311' ] || fail "refused again: $(result) $(cat err)"
[ "$(ask "SELECT count(*) FROM audit WHERE action = 'rules.change'")" = 2 ] || fail "the way back is not audited"
"$FLASHLINE" db verify --config station.yaml >out || fail "db verify: $?"

configure '  blank_mac: rework'
expect 4 '*station.yaml:6: *blank_mac*' "$FLASHLINE" run --job ./job.yaml --config station.yaml --once --headless
finish
