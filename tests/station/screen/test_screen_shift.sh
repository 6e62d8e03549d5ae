#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# A shift as an operator works it, in training, which goes by all rules: the station opens empty, then badge, lot and boards on
# sixteen slots, each scanned when its tile asks. Two boards fail and others lie in their slots afterwards; one is swapped while
# its serial waits; two bear one label, and so do two slots; at every stage something is scanned that belongs nowhere. What was
# put where is written down here, and the boards' own flash says which MAC lay there: the records must say the same.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"
. "$SOURCE_DIR/tests/station/screen/station.inc.sh"

slots=16
SCREEN_PATIENCE=900
station_db=$station_dir/t.db
station_settings=FLASHLINE_PIN=246810 # practice on real ports is the engineer's to start
put_list=$station_dir/put
declare -A server board_in serial_of
tidy_up() {
    [ ${#server[@]} = 0 ] || kill "${server[@]}" 2>/dev/null
    screen_tmux kill-server 2>/dev/null
    wait
    rm -rf "$screen_dir"
}
trap tidy_up EXIT

# One programme a board: it can be taken off alone. Its number is its seed, and a label with a serial sticks on it.
put() { # put SLOT BOARD SERIAL [PERSONALITY]
    mkdir -p "$station_dir/dumps/$2"
    "$FLASHLINE-sim" --pty --seed "$2" --link "$station_dir/slot$1-" --dump "$station_dir/dumps/$2" ${4:+--personality 1=$4} \
        >"$station_dir/serve$1" 2>&1 &
    server[$1]=$! board_in[$1]=$2 serial_of[$2]=$3
    screen_until test -e "$station_dir/slot$1-1" || screen_fail "no board $2: $(cat "$station_dir/serve$1")"
}
take_off() { # take_off SLOT: what names the board in its own flash stays here
    local dump=$station_dir/dumps/${board_in[$1]}
    kill "${server[$1]}"
    wait "${server[$1]}"
    unset "server[$1]"
    tail -c +$((0x3ff000 + 1)) "$dump/slot-1.bin" | head -c 8 >"$dump.eui64"
    rm -r "$dump"
}
write_down() { printf '%s %s %s %s\n' "$@" >>"$put_list"; } # write_down SLOT BOARD SERIAL|- RESULT

count() { station_sql "SELECT count(*) FROM attempt WHERE $1"; }
is_count() { [ "$(count "$2")" = "$1" ]; }
await_count() { screen_until is_count "$@" || { screen_fail "not $1 of $2, but $(count "$2")"; screen_capture; }; }

asking() { screen_capture | sed -n 's/^ Slot \([0-9]*\) .*SCAN SERIAL.*/\1/p'; }
is_asking() { [ -n "$(asking)" ]; }
wait_here() { is_asking && [ "$(screen_capture | grep -ow gate | wc -l)" = $(($1 - 1)) ]; } # one asks, the others WAIT
asks() { [ "$(asking)" = "$1" ]; }
asks_not() { ! asks "$1"; }

stray() { # stray CODE WHY: refused on the screen; that no row has it is the judge's to say
    station_scan "$1"
    screen_wait "$2"
}

scan_for_asking() { # the operator looks which tile asks, takes the board in that slot, scans what sticks on it
    local slot serial
    screen_until is_asking || { screen_fail "no tile asks"; screen_capture; return 1; }
    slot=$(asking)
    serial=${serial_of[${board_in[$slot]}]}
    station_scan "$serial"
    screen_until asks_not "$slot" || { screen_fail "slot $slot still asks after $serial"; screen_capture; return 1; }
}

choose() { # choose LABEL SLOT: whoever asks by itself, the board in this slot is scanned now
    station_scan "$1"
    screen_until asks "$2" || { screen_fail "its label does not choose slot $2"; screen_capture; }
    scan_for_asking
}

station_make 0
"$FLASHLINE" operator --db "$station_db" add 1001 --badge B-OP >/dev/null 2>"$screen_dir/stderr" </dev/null ||
    screen_fail "operator: $(cat "$screen_dir/stderr")"
{
    printf '%s\n' 'station: line-9' 'scan:' "  serial: {pattern: 'SN-[0-9A-Z]+'}" "  lot: {pattern: 'L-[0-9]+'}" \
        "  badge: {pattern: 'B-[A-Z]+'}" slots:
    for slot in $(seq $slots); do printf '  - number: %s\n    port: tty:%s/slot%s-1\n' "$slot" "$station_dir" "$slot"; done
    printf '%s\n' policy: '  stop_slot_failures: 0' '  stop_station_failures: 0' '  operator_required: yes' \
        '  lot_required: yes' '  serial_required: yes' '  open_lots: yes'
} | sed -e "/slot2-1/a\    label: left" -e "/slot5-1/a\    label: right" -e "/slot1[56]-1/a\    label: twin" >"$XDG_CONFIG_HOME/flashline/station.yaml"

screen_end
screen_tmux new-session -d -x 120 -y 40 "env -u TMUX TERM=tmux-256color $station_settings '$FLASHLINE' run --job second \
    --training --db '$station_db' 2>'$screen_dir/stderr'; echo \$? >'$screen_dir/exit'; exec cat"
screen_wait line-9
stray SN-EARLY0 "SN-EARLY0: refused"
station_log_in B-OP 1001
stray SN-EARLY1 "SN-EARLY1: refused"
station_menu "Lot: choose"
screen_wait "another: type its number"
screen_keys End Enter
screen_wait "Type or scan"
station_scan L-9
screen_wait "is new. Open it?"
stray SN-EARLY2 "scan 'SN-EARLY2' ignored: a question is open"
screen_keys y
screen_wait "lot L-9"
stray SN-EARLY3 "SN-EARLY3: refused"

# Sixteen boards. Nobody scans before all of them wait.
for slot in $(seq $slots); do
    bad=
    [[ $slot != [49] ]] || bad="bad-flash"
    serial=SN-$(printf %04d "$slot")
    [ "$slot" != 6 ] || serial=SN-0005
    put "$slot" $((100 + slot)) "$serial" $bad
done
await_count $slots "result = 'OPEN'"
screen_until wait_here $slots || { screen_fail "not all of them wait"; screen_capture; }

stray twin "twin: refused: the label of more than one slot"
stray https://example.org/SN-1 "scan 'https://example.org/SN-1' fits nothing"
stray PALLET-7 "scan 'PALLET-7' fits nothing"
stray "SN-$(printf '0%.0s' $(seq 80))" "longer than"
choose left 2
choose right 5

# Board 3 is swapped while it waits: what sticks on the new one is scanned when the slot asks for it.
asked=$(asking) # the first of sixteen that was known, whichever came first
take_off 3
write_down 3 103 - ABORTED
await_count 1 "result = 'ABORTED'"
[ "$asked" != 3 ] || stray SN-0003 "the board asked for is gone; see who asks" # its label is still in the hand
put 3 203 SN-0203

# Board 6 bears the label of board 5, a printer's mistake: refused, for 5 has it, and another label is stuck on.
given=2
while [ $given -lt $slots ]; do
    screen_until is_asking || { screen_fail "no tile asks, $given are given"; screen_capture; break; }
    if asks 6 && [ "${serial_of[106]}" = SN-0005 ]; then
        station_scan SN-0005
        screen_wait "Another board has SN-0005"
        serial_of[106]=SN-0206
        continue
    fi
    scan_for_asking || break
    given=$((given + 1))
done
station_scan SN-BUSY # nobody waits any more
screen_keys 4
screen_wait "SN-BUSY: refused"
screen_keys q

await_count 2 "result = 'FAIL'"
await_count 14 "result = 'PASS'"
for slot in 4 9; do
    write_down $slot $((100 + slot)) "SN-000$slot" FAIL
    take_off $slot
done
# What follows a board that failed waits for its own serial: another board, and the one that was swapped out.
put 4 204 SN-0204
put 9 103 SN-0003
screen_until wait_here 2 || { screen_fail "the next boards do not ask"; screen_capture; }
stray PALLET-8 "scan 'PALLET-8' fits nothing"
scan_for_asking
scan_for_asking
await_count 16 "result = 'PASS'"
stray SN-LATE "SN-LATE: refused"
for slot in $(seq $slots); do write_down "$slot" "${board_in[$slot]}" "${serial_of[${board_in[$slot]}]}" PASS; done

screen_quit
station_ended 5 # told to end
for slot in $(seq $slots); do take_off "$slot"; done
"$FLASHLINE" attempts --training --db "$station_db" --json >"$station_dir/attempts" </dev/null || screen_fail "no attempts"
"$FLASHLINE" units --training --db "$station_db" --json >"$station_dir/units" </dev/null || screen_fail "no units"
python3 "$SOURCE_DIR/tests/station/screen/shift_judge.py" "$put_list" "$station_dir/dumps" "$station_dir/attempts" \
    "$station_dir/units" L-9 1001 || screen_fail "the records are not what was put where"
screen_done
