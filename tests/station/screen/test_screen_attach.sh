#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# The real programme attached to a real station: it shows the tray that the station's own screen shows, leaves without ending it,
# works when nobody else does, and says when the station has ended.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

keep=$screen_dir/keep
python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$keep/good.tar.gz" sound 24 >/dev/null || exit 1
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' "  archive: $keep/good.tar.gz" >"$keep/job.yaml"
printf '%s\n' 'station: line-9' 'policy:' '  serial_required: yes' >"$keep/station.yaml"
export FLASHLINE_CONFIG=$keep/station.yaml
unset FLASHLINE_PIN

pane() { # pane NAME COMMAND...: a terminal of its own, which outlives what runs in it
    screen_tmux new-session -d -s "$1" -x 120 -y 40 "env -u TMUX TERM=tmux-256color LC_ALL=C.UTF-8 TZ=UTC ${*:2} 2>'$keep/$1.err'
        echo \$? >'$keep/$1.exit'; exec cat"
}
in_pane() { screen_tmux capture-pane -p -t "$1" 2>/dev/null; }
has() { [[ $(in_pane "$1") == *"$2"* ]]; }
shows() { screen_until has "$1" "$2" || { screen_fail "$1 never shows: $2"; in_pane "$1"; cat "$keep/$1.err"; }; }
has_ended() { [ -e "$keep/$1.exit" ]; }
ended() { # ended NAME CODE
    screen_until has_ended "$1" || { screen_fail "$1 did not end"; in_pane "$1"; return; }
    [ "$(cat "$keep/$1.exit")" = "$2" ] || screen_fail "$1 ended with $(cat "$keep/$1.exit"): $(cat "$keep/$1.err")"
}
keys() { # keys NAME KEY...: at a person's pace
    local key
    for key in "${@:2}"; do
        screen_tmux send-keys -t "$1" "$key"
        sleep 0.08
    done
}
menu() { # menu NAME ENTRY: w, and the entry
    keys "$1" w
    shows "$1" "$2"
    local steps
    # The first entry is chosen; each step goes one down.
    steps=$(in_pane "$1" | sed -n 's/^[^[:alnum:]]*\(Badge: log in\|Lot: choose\|Job: choose\|Serial number of\|Selected slot\|Unlock a\|Lot: extend\|Change an\|Log out\|Finish: start\|Abort the\|Work here\|Only look\).*/\1/p' |
        awk -v e="$2" 'index(e, $0) == 1 || index($0, e) == 1 { print NR - 1; exit }')
    while [ "${steps:-0}" -gt 0 ]; do
        keys "$1" Down
        steps=$((steps - 1))
    done
    keys "$1" Enter
}
# Without clock, log and keys: those are the screen's own.
tray_of() { in_pane "$1" | head -n -2 | sed -E 's/[0-9]{2}:[0-9]{2}:[0-9]{2} *$/clock/'; }
are_alike() { [ "$(tray_of own)" = "$(tray_of far)" ]; }

# Beside the station's own screen: the same tray, and nothing to do.
pane own "'$FLASHLINE'" run --job "'$keep/job.yaml'" --stub no --sim 3 --sim-time virtual
shows own "SCAN SERIAL"
pane far "'$FLASHLINE'" attach --training
shows far "SCAN SERIAL"
shows far "q Leave"
screen_until are_alike || { screen_fail "not the same tray"; diff <(tray_of own) <(tray_of far); }
# What it says of keys is what they do here, and what went by before it came is there.
keys far '?'
shows far "leave, the station goes on"
shows far "take the work of this station"
for word in "go on" "badge: log in" "asks to abort" "take a serial" "asks first"; do
    has far "$word" && screen_fail "the help of a screen that only looks tells: $word"
done
keys far q 2
keys own 2
stages_of() { in_pane "$1" | grep -oE '(open|connect|identify) +[0-9.]+ s'; }
stages_alike() { [ -n "$(stages_of own)" ] && [ "$(stages_of own)" = "$(stages_of far)" ]; }
screen_until stages_alike || { screen_fail "not the same stages"; in_pane own; in_pane far; }
keys own 1
keys far 1
screen_until are_alike || screen_fail "not the same tray again"
menu far "Work here"
shows far "the station has a screen of its own"
keys far Enter
shows far "q Leave"
"$FLASHLINE" serial --training --slot 1 SN-1 || screen_fail "serial"
shows own "SN-1"
shows far "SN-1"
screen_until are_alike || { screen_fail "not the same tray with SN-1"; diff <(tray_of own) <(tray_of far); }
keys far q
ended far 0
has own "STOPPING" && screen_fail "leaving stopped the station"
for slot in 2 3; do "$FLASHLINE" serial --training --slot $slot SN-$slot || screen_fail "serial $slot"; done
ended own 0
screen_tmux kill-session -t far
screen_tmux kill-session -t own
rm -f "$keep"/*.exit

# A station without a screen: one works, the other looks; whose is free, is taken; the station's end is said.
"$FLASHLINE" run --job "$keep/job.yaml" --stub no --sim 2 --sim-time virtual --headless >"$keep/lines" 2>&1 </dev/null &
station=$!
screen_until grep -q "scan the serial" "$keep/lines"
pane one "'$FLASHLINE'" attach --training --work
shows one "SCAN SERIAL"
pane two "'$FLASHLINE'" attach --training --work
ended two 1
grep -q "another screen has the work" "$keep/two.err" || screen_fail "two: $(cat "$keep/two.err")"
screen_tmux kill-session -t two
rm -f "$keep/two.exit"
pane two "'$FLASHLINE'" attach --training
shows two "SCAN SERIAL"
menu two "Work here"
shows two "another screen has the work"
keys two Enter
keys two 4
shows two "Log: everything"
menu one "Serial number of"
shows one "Scan the serial number of the board on slot"
screen_tmux send-keys -t one -l SN-7
keys one Enter
shows two "SN-7: the serial number of this board"
keys two 1
keys one q
ended one 0
menu two "Work here"
shows two "w Work"
menu two "Finish: start"
shows two "no others are started"
keys two y
ended two 0
grep -q "the station has ended: " "$keep/two.err" || screen_fail "two: $(cat "$keep/two.err")"
wait "$station"
[ $? = 5 ] || screen_fail "the station was not drained: $(cat "$keep/lines")"
screen_done
