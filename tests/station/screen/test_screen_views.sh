#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# Every view, reached and left by keys as a person types them; the questions before quitting; each slot's request.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

mac=24:0a:c4:00:10:00

station() { # station SIZE... : 8 slots at work, with records
    { screen_station 8; printf 'review\nwork\n'; cat <<END
slot 1 busy stage=open mac=$mac
slot 3 fail code=201 stage=connect detail=no_answer_to_8_x_SYNC boards=1 failed=1
start
END
    } | screen_begin "$@"
    # A board's way through its stages, as the engine tells it.
    screen_say "slot 1 busy stage=open t=0" "slot 1 busy stage=connect t=120" "slot 1 busy stage=identify mac=$mac t=640" \
        "slot 1 busy stage=gate mac=$mac t=900" "slot 1 busy stage=backup mac=$mac t=910" \
        "slot 1 busy stage=stub mac=$mac t=1400" "slot 1 busy stage=erase mac=$mac t=1900" \
        "slot 1 busy stage=write pct=47 left=12 mac=$mac t=6900" \
        "slot 2 pass mac=$mac boards=1 passed=1 t=21400" "slot 3 fail code=201 stage=connect boards=1 failed=1 t=3000" \
        "slot 4 pass retries=1 mac=$mac boards=1 passed=1 t=39800" "slot 5 act act=remove" \
        "slot 6 error code=104 stage=write mac=$mac boards=1 failed=1 t=9000"
    screen_wait "104 USB adapter"
}

views() { # views SIZE COLUMNS ROWS
    local size=$1
    shift
    station "$@"
    screen_keys Home
    screen_keys Enter
    screen_wait Stages
    screen_golden "view-detail-$size"
    screen_keys Right Right
    screen_wait "Slot 3"
    screen_golden "view-detail-failed-$size"
    screen_keys 3
    screen_wait "first-pass yield"
    screen_golden "view-lot-$size"
    screen_keys 4
    screen_wait "Log: everything"
    screen_golden "view-log-$size"
    screen_keys f f
    screen_wait "Log: not passed"
    screen_golden "view-log-failed-$size"
    screen_keys f f f /
    screen_wait "Search the log"
    screen_text "slot 4"
    screen_golden "view-log-search-$size"
    screen_keys Enter
    screen_wait "search: slot 4"
    screen_golden "view-log-found-$size"
    screen_keys Escape
    screen_wait_gone "search: slot 4"
    screen_keys 5
    screen_wait SN-000107
    screen_golden "view-units-$size"
    screen_keys / ; screen_wait "Find a unit"
    screen_text 000108
    screen_keys Enter
    screen_wait_gone SN-000107
    screen_keys Enter
    screen_wait REWORK
    screen_golden "view-story-$size"
    screen_keys q
    screen_wait "Units with '000108'"
    screen_keys '?'
    screen_wait Keys
    screen_golden "view-help-$size"
    screen_keys Down
    screen_wait Tiles
    screen_golden "view-help-tiles-$size"
    screen_keys q
    screen_wait "Units with"
    screen_keys q
    screen_wait "not passed 2"
    screen_finish
}

views 80x24 80 24
views 120x40 120 40
views 200x60 200 60

# Without records each view says so, and shows what this run has seen.
{ screen_station 8; echo start; } | screen_begin 80 24
screen_say "slot 2 pass mac=$mac boards=1 passed=1 t=21400" "slot 3 fail code=601 stage=verify mac=$mac boards=1 failed=1"
screen_wait "601"
screen_keys 3
screen_wait "This run"
screen_golden view-lot-run
screen_keys 5
screen_wait "No records are open."
screen_keys q
screen_keys 2
screen_wait "Attempts of this run"
screen_golden view-detail-run
screen_finish

# Quitting asks while a board runs; no means no; yes drains; then quitting asks to abort.
station 80 24
screen_keys q
screen_wait "Quit?"
screen_golden view-quit
screen_keys n
screen_wait_gone "Quit?"
screen_not_called drain
screen_keys q
screen_wait "Quit?"
screen_keys y
screen_called drain
screen_wait STOPPING
screen_golden view-draining
screen_keys q
screen_wait "Abort?"
screen_keys y
screen_called abort
screen_wait ABORTING
screen_finish

# Ctrl-C drains; again, however often and however fast, it asks, and only the answer aborts.
station 80 24
screen_keys C-c # two at once may be one to the kernel
screen_called drain
screen_keys C-c
screen_wait "Abort?"
screen_tmux send-keys C-c \; send-keys C-c \; send-keys C-c
screen_golden view-interrupted
screen_not_called abort
screen_keys n
screen_wait_gone "Abort?"
screen_not_called abort
screen_keys C-c
screen_wait "Abort?"
screen_keys y
screen_called abort
screen_finish

# A question that was open when Ctrl-C answered it is gone: its yes does not become the next one's.
station 80 24
screen_keys q
screen_wait "Quit?"
screen_keys C-c
screen_called drain
screen_wait_gone "Quit?"
screen_keys y
screen_wait STOPPING
screen_not_called abort
screen_finish

# Nothing runs: it asks all the same, once, for q lies beside w.
{ screen_station 4; echo start; } | screen_begin 80 24
screen_keys q
screen_wait "No board is being flashed."
screen_keys n
screen_wait_gone "Quit?"
screen_not_called drain
screen_keys q
screen_wait "Quit?"
screen_keys y
screen_called drain
screen_finish

# What the operator must do: each by its own word, and "done" reaches the slot it is for.
for act in jumper remove; do
    { screen_station 4; printf 'slot 2 act act=%s\nstart\n' $act; } | screen_begin 80 24
    screen_wait "Slot 2"
    screen_golden_colour "act-$act"
    screen_keys Space
    screen_called "acknowledge 2"
    screen_finish
done

# A lock is not the operator's to open, with or without rules behind the screen.
{ screen_station 4; printf 'slot 2 act act=unlock\nstart\n'; } | screen_begin 80 24
screen_wait LOCKED
screen_golden_colour act-unlock
screen_keys Space
screen_wait "Call the engineer"
screen_not_called "acknowledge 2"
screen_keys Enter
screen_finish

# A message of 1 MB/s into the terminal would be a toy: a name full of control characters stays text.
{ screen_station 2; printf 'lot L\033[2J\a 1 2\nstart\n'; } | screen_begin 80 24
screen_wait "L?[2J?"
screen_finish
screen_done
