#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Whoever practises a shift must meet the rules of a shift: badge, lot, its planned boards, the released job; by the training
# database's own people and lots, and without a trace in production.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"
unset FLASHLINE_PIN

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
mkdir -p config/flashline
printf '%s\n' 'slots: []' 'policy:' '  operator_required: yes' '  lot_required: yes' >config/flashline/station.yaml
training=state/flashline/training.db
practise() { "$FLASHLINE" run --job ./job.yaml --sim 2 --sim-time virtual --json "$@"; }
refused() { # refused PATTERN WORD..: with one line, and no board is begun
    expect 2 "$1" practise "${@:2}"
    [ ! -e "$training" ] || [ -z "$("$FLASHLINE" attempts --training --db "$training" --json --lot "${3:-A}" 2>/dev/null)" ] ||
        fail "a board was begun with ${*:2}"
}
count() { practise "$@" >out 2>err || true; jq -c 'select(.event == "end") | [.boards, .PASS, .not_started]' out; }

refused '*asks for a lot: name it with --lot'
refused '*asks who works here: name yourself with --operator' --lot A
refused '*nobody here is called anna*' --lot A --operator anna
"$FLASHLINE" operator add anna --badge B-1 --db "$training" >out 2>err || fail "enrolling for practice: $(cat err)"
[ "$(count --lot A --operator anna)" = '[2,2,0]' ] || fail "practice with badge and lot: $(tail -n 1 out) $(cat err)"

# An engineer is enrolled there: the lock closes there, and lots are opened by hand.
FLASHLINE_NEW_PIN=246810 "$FLASHLINE" operator add en1 --role engineer --db "$training" >out 2>err || fail "enrolling: $(cat err)"
refused '*there is no lot B*' --lot B --operator anna
"$FLASHLINE" lots open B --planned 3 --training >out 2>err || fail "lots open --training: $(cat err)"
practise --lot B --operator anna >out 2>err </dev/null && fail "an operator practised with a job that nobody released"
grep -q 'the job is not released' err || fail "the job: $(cat err)"
export FLASHLINE_PIN=246810
[ "$(count --lot B --operator anna)" = '[2,2,0]' ] || fail "in a lot of three: $(tail -n 1 out) $(cat err)"
# The same two again: boards of practice are no duplicates, and the lot takes one more.
[ "$(count --lot B --operator anna)" = '[1,1,1]' ] || fail "the lot's last place: $(tail -n 1 out) $(cat err)"
grep -q '"code":318' out || fail "a full lot of practice held nobody: $(tail -n 3 out)"
if grep -q '"code":310' out; then fail "a board of practice is a duplicate: $(grep '"code":310' out)"; fi

"$FLASHLINE" attempts --training --json | jq -es 'length >= 5 and all(.kind == "TRAINING" and .operator == "anna")' >/dev/null ||
    fail "the records of practice: $("$FLASHLINE" attempts --training)"
[ ! -e state/flashline/flashline.db ] || fail "practice left a database of production"
finish
