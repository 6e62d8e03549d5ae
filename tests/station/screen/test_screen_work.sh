#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# Work from the screen: badge, lot, job, slots, unlocking; PIN and reason where the rules want them.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

begin() {
    { screen_station 8; printf 'work\nreview\n%s\nstart\n' "${1:-slot 8 stopped}"; } | screen_begin 80 24
    screen_wait wipy-1.18.1
}

menu() { # menu ENTRY: opens the work menu and goes down to it
    screen_keys w
    screen_wait "$1"
    local down=$2
    while [ "$down" -gt 0 ]; do
        screen_keys Down
        down=$((down - 1))
    done
    screen_keys Enter
}

begin
screen_keys w
screen_wait "Badge: log in"
screen_golden work-menu
screen_keys Escape
screen_wait_gone "Badge: log in"

# The badge, typed and refused.
screen_keys b
screen_wait "Scan your badge"
screen_text B-1234
screen_golden work-badge
screen_keys Enter
screen_called "badge 0 B-1234"
screen_wait "Welcome, B-1234."
screen_keys b
screen_wait "Scan your badge"
screen_text RETIRED
screen_keys Enter
screen_wait Refused
screen_golden work-refused
screen_keys Enter
screen_wait_gone Refused

# A lot from the list, and one that is typed.
menu "Lot: choose" 1
screen_wait L-2026-48
screen_golden work-lots
screen_keys Down Enter
screen_called "lot 0 L-2026-48"
menu "Lot: choose" 1
screen_wait L-2026-48
screen_keys End Enter
screen_wait "Type or scan"
screen_text L-NEW-1
screen_keys Enter
screen_called "lot 0 L-NEW-1"

# The serial number of the selected slot's board.
screen_keys Escape Home Right Right
menu "Serial number" 3
screen_wait "board on slot 3"
screen_text SN-7
screen_keys Enter
screen_called "serial 3 SN-7"

# Extending a lot is the engineer's: a wrong PIN is refused and forgotten, the right one is not asked twice.
menu "Lot: extend" 6
screen_wait "By how many"
screen_text 25
screen_keys Enter
screen_wait "Engineer's PIN"
screen_text 1111
screen_golden work-pin
screen_keys Enter
screen_wait "The PIN is wrong."
screen_keys Enter
screen_not_called "extend 0 25"
menu "Lot: extend" 6
screen_wait "By how many"
screen_text 25
screen_keys Enter
screen_wait "Engineer's PIN"
screen_text 2468
screen_keys Enter
screen_called "extend 0 25"
menu "Lot: extend" 6
screen_wait "By how many"
screen_text -5
screen_keys Enter
screen_wait "A whole number"
screen_keys Enter

# No PIN may be read off the screen, nor from the log.
screen_keys 4
screen_wait "Log:"
screen_hides 2468 || screen_fail "the PIN is on the screen"
screen_keys q
screen_finish

# A lock: PIN, then a reason.
begin "slot 2 act act=unlock"
screen_wait LOCKED
screen_keys Space
screen_wait "Engineer's PIN"
screen_text 2468
screen_keys Enter
screen_wait "Why may this slot go on?"
screen_text "cable changed"
screen_golden work-reason
screen_keys Enter
screen_called "unlock 2 cable changed"
screen_finish

# Kept from starting, for want of a badge: said as it is; Space asks the records again, a badge does so by itself.
begin "slot 3 act act=unlock code=911 stage=open detail=an_operator_is_required"
screen_wait "nobody is logged in"
screen_golden work-blocked
screen_keys Space
screen_called "acknowledge 3"
: >"$screen_dir/calls"
screen_keys b
screen_wait "Scan your badge, or"
screen_text B-1
screen_keys Enter
screen_called "badge 0 B-1"
screen_called "acknowledge 3"
screen_finish

# For want of a serial number: typed in the menu it lets the slot go on, as a scanned one does.
begin "slot 3 act act=unlock code=912 stage=open detail=scan_the_serial_number"
screen_keys Home Right Right
menu "Serial number" 3
screen_wait "board on slot 3"
screen_not_called "acknowledge 3"
screen_text SN-8
screen_keys Enter
screen_called "serial 3 SN-8"
screen_called "acknowledge 3"
screen_finish

# Another job ends this run, but never while a board is being flashed.
begin "slot 1 busy stage=write pct=10"
menu "Job: choose" 2
screen_wait lopy4-1.20
screen_golden work-jobs
screen_keys Down Enter
screen_wait "Wait until they are done."
screen_keys Enter
screen_say "slot 1 idle"
menu "Job: choose" 2
screen_wait wipy-dev
screen_keys End Enter
screen_wait "Engineer's PIN"
screen_text 2468
screen_keys Enter
screen_called "job 0 wipy-dev"
screen_until screen_has_ended || screen_fail "the run did not end for another job"
[ "$(cat "$screen_dir/exit")" = 3 ] || screen_fail "did not ask for a restart"
screen_done
