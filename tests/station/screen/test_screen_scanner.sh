#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# Forty scans at 2 ms a key while tiles have the focus: every scan lands, no hotkey fires.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

typist=$(dirname "$FLASHLINE")/screen_typist
mac=24:0a:c4:00:10:00

# Made of hotkeys: quit, yes, no, work, badge, views, help, search, acknowledge.
codes() { for i in $(seq 1 40); do printf '%sqyQ?wb/2 345nG%02d\n' "${1:-}" "$i"; done; }

scan() { # scan KEY_US CODE_US [PREFIX]
    codes "${3:-}" | "$typist" "$1" "$2" | screen_tmux -C attach >/dev/null
}

begin() {
    { screen_station 8; printf 'work\n%s\nslot 1 busy stage=write pct=10 mac=%s\nslot 2 act act=remove\nstart\n' \
        "${1:-# no prefix}" $mac; } | screen_begin 80 24
    screen_wait "Take the board off this slot."
    screen_keys Home
    screen_wait "Esc Follow" # the picture before is one with the key's effect
    screen_capture >"$screen_dir/before"
}

check() { # nothing but forty scans, in order, and the same screen as before
    screen_called "scan 1 qyQ?wb/2 345nG40"
    codes | sed 's/^/scan 1 /' >"$screen_dir/expected"
    cmp -s "$screen_dir/expected" "$screen_dir/calls" || {
        screen_fail "$1: the calls differ"
        diff "$screen_dir/expected" "$screen_dir/calls" | head -20
    }
    screen_capture | diff "$screen_dir/before" - >"$screen_dir/changed" || {
        screen_fail "$1: the screen changed"
        cat "$screen_dir/changed"
    }
}

begin
scan 2000 60000
check "2 ms a key"
screen_finish

# No rest between the codes: Enter of one, first letter of the next.
begin
scan 2000 0
check "2 ms a key without rests"
screen_finish

# A slow scanner, 30 ms a key, is known by its prefix.
begin "prefix ~"
codes "~" | head -5 | "$typist" 30000 60000 | screen_tmux -C attach >/dev/null
screen_called "scan 1 qyQ?wb/2 345nG05"
[ "$(grep -c '^scan' "$screen_dir/calls")" = 5 ] || screen_fail "with a prefix: not five scans"
[ "$(grep -vc '^scan' "$screen_dir/calls")" = 0 ] || { screen_fail "with a prefix: a hotkey fired"; cat "$screen_dir/calls"; }
screen_finish

# A question is open: a scan neither answers it nor gets lost without a word.
begin
screen_keys q
screen_wait "Quit?"
printf 'yyyy\n' | "$typist" 2000 0 | screen_tmux -C attach >/dev/null
screen_wait "scan 'yyyy' ignored: a question is open"
screen_shows "Quit?" || screen_fail "a scan answered the question"
screen_not_called drain
screen_keys n
screen_finish

# A field waits: the scan goes there.
begin
screen_keys b
screen_wait "Scan your badge"
printf 'BADGE-q17\n' | "$typist" 2000 0 | screen_tmux -C attach >/dev/null
screen_called "badge 0 BADGE-q17"
screen_finish

# The units view takes a label's scan as its search.
{ screen_station 8; printf 'review\nstart\n'; } | screen_begin 80 24
screen_keys 5
screen_wait SN-000108
printf 'SN-000108\n' | "$typist" 2000 0 | screen_tmux -C attach >/dev/null
screen_wait "Units with 'SN-000108': 1"
screen_finish
screen_done
