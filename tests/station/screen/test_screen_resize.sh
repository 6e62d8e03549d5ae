#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# Any size at any moment: in mid-run, a storm of a thousand, one cell, and back to exactly the screen there was.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

mac=24:0a:c4:00:10:00

resize() { screen_tmux resize-window -x "$1" -y "$2"; }
begin() {
    { screen_station 16; printf 'slot 1-16 busy stage=write pct=47 left=12 mac=%s\nslot 3 fail code=201 stage=connect\nstart\n' \
        $mac; } | screen_begin "$1" "$2"
    screen_wait wipy-1.18.1
}
alive() { [ ! -e "$screen_dir/exit" ]; }

# Resized in mid-run, a screen is what it would have been from the start.
begin 80 24
screen_golden resize-80x24
screen_finish
begin 120 40
screen_golden resize-120x40
resize 80 24
screen_golden resize-80x24
resize 200 60
screen_golden resize-200x60
screen_say "slot 2 pass mac=$mac boards=1 passed=1"
screen_golden resize-200x60-after
resize 120 40
screen_say "slot 2 busy stage=write pct=47 left=12 mac=$mac boards=0 passed=0"
screen_wait "busy 15"

# From one cell to more than any screen has.
for size in "1 1" "2 1" "1 2" "3 3" "10 2" "20 5" "39 24" "40 9" "40 10" "41 11" "79 23" "500 150" "500 3" "3 150"; do
    # shellcheck disable=SC2086
    resize $size
    alive || screen_fail "ended at $size"
done
resize 40 9
screen_golden resize-too-small
resize 40 10
screen_golden resize-least
resize 1 1
screen_say "slot 5 pass mac=$mac boards=1 passed=1"
resize 120 40
screen_golden resize-120x40-after

# A storm, and in it boards that end.
awk 'BEGIN { srand(7); for (i = 0; i < 1000; i++)
        printf "resize-window -x %d -y %d\n", 1 + int(rand() * 220), 1 + int(rand() * 70); }' |
    screen_tmux -C attach >/dev/null &
storm=$!
for slot in 6 7 8 9; do screen_say "slot $slot pass mac=$mac boards=1 passed=1"; done
wait $storm
alive || screen_fail "the storm ended it"
resize 80 24
screen_golden resize-80x24-after
screen_keys q
screen_wait "Quit?"
screen_keys y
screen_called drain
screen_finish

# What has no room is told: how many, and that one of them wants somebody; a question is asked on the smallest window too.
{ screen_station 64; printf '%s\n' "slot 1-60 busy stage=write pct=47 left=12 mac=$mac" "slot 61 fail code=201 stage=connect" start; } |
    screen_begin 40 10
screen_wait "hidden"
screen_keys Home
screen_wait "1 need you"
screen_golden resize-hidden
resize 40 9
screen_wait "64 of 64 slots hidden"
screen_keys q
screen_wait "Quit?"
screen_golden resize-hidden-question
screen_keys n
resize 80 24
screen_wait_gone "hidden"
screen_finish

# A terminal of one cell from the start.
{ screen_station 4; echo start; } | screen_begin 1 1
resize 80 24
screen_wait wipy-1.18.1
screen_finish
screen_done
