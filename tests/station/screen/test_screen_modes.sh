#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# The same tray on terminals that can less: 256, 8 and no colours, ASCII, the Linux console, German.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

mac=24:0a:c4:00:10:00

faces() { # every face a tile can have
    cat <<END
slot 1 busy stage=write pct=47 left=12 mac=$mac
slot 2 pass mac=$mac boards=1 passed=1
slot 3 fail code=201 stage=connect boards=1 failed=1
slot 4 pass retries=1 mac=$mac boards=1 passed=1
slot 5 hold code=310 stage=gate mac=$mac boards=1 failed=1
slot 6 error code=901 stage=record mac=$mac boards=1 failed=1
slot 7 act act=jumper
slot 8 idle
slot 9 waiting
slot 10 saving stage=record mac=$mac
slot 11 stopped
slot 12 error code=104 stage=write mac=$mac boards=1 failed=1
slot 13 act act=remove
slot 14 act act=remove
slot 15 act act=unlock
slot 16 aborted code=902
start
END
}

mode() { # mode NAME COLUMNS ROWS NAME=VALUE...
    local name=$1
    shift
    { screen_station 16; faces; } | screen_begin "$@"
    screen_wait wipy-1.18.1
}

mode colour256 120 40 TERM=tmux-256color
screen_golden_colour mode-256-120x40
screen_finish

mode colour8 80 24 TERM=screen
screen_golden_colour mode-8-80x24
screen_finish

mode xterm 80 24 TERM=xterm-256color
screen_golden_colour mode-xterm-80x24
screen_finish

# NO_COLOR leaves bold, reverse and blink: no colour number may stand in the capture.
mode nocolour 120 40 NO_COLOR=1
screen_golden_colour mode-mono-120x40
screen_tmux capture-pane -p -e | grep -qE $'\e\\[[0-9;]*(3[0-8]|4[0-8])[;m]' && screen_fail "NO_COLOR, but there is colour"
screen_finish

mode vt100 80 24 TERM=vt100
screen_golden_colour mode-vt100-80x24
screen_finish

mode ascii 80 24 LC_ALL=C
screen_golden mode-ascii-80x24
screen_capture | LC_ALL=C grep -q '[^ -~]' && screen_fail "LC_ALL=C, but not only ASCII"
screen_finish

{ screen_station 16; echo ascii; faces; } | screen_begin 120 40 NO_COLOR=1
screen_golden mode-ascii-120x40
screen_finish

mode console 80 24 TERM=linux
screen_golden_colour mode-linux-80x24
screen_finish

mode german 120 40 LANGUAGE=de
screen_wait Auftrag
screen_golden mode-german-120x40
screen_keys '?'
screen_wait Kacheln
screen_golden mode-german-help-120x40
screen_finish

# German asked for on a machine that has no German locale.
mode german2 80 24 LC_ALL=de_DE.UTF-8
screen_golden mode-german-80x24
screen_finish


# German without UTF-8: umlauts are written out.
{ screen_station 16; echo ascii; faces; } | screen_begin 120 40 LANGUAGE=de
screen_golden mode-german-ascii-120x40
screen_capture | LC_ALL=C grep -q '[^ -~]' && screen_fail "ASCII, but not only ASCII"
screen_finish
screen_done
