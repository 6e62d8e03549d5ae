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

# Every view in German, at both sizes: nothing is cut, and no English is left but codes and names.
uncut() { ! screen_capture | grep -q '…' || { screen_fail "$1: cut"; screen_capture; }; }
german() { # german NAME [OPTION..]: as it stands now
    screen_golden "german-$1-$size"
    uncut "german-$1-$size"
}
german_views() { # german_views COLUMNS ROWS NAME=VALUE..
    size=$1x$2
    { screen_station 16; printf 'review\nwork\n'; faces; } | screen_begin "$@"
    screen_wait Auftrag
    screen_golden "mode-german-$size"
    uncut "mode-german-$size"
    screen_say "slot 1 pass retries=1 mac=$mac boards=1 passed=1" "slot 3 fail code=601 stage=verify mac=$mac boards=1 failed=1" \
        "slot 7 busy stage=finalise pct=100 left=1 mac=$mac" "slot 8 hold code=310 stage=gate mac=$mac boards=1 failed=1"
    screen_wait "letzte"
    german after
    screen_keys '?'
    screen_wait Tasten
    german help
    screen_keys Down
    screen_wait Kacheln
    german help-tiles
    screen_keys q
    screen_keys Home 2
    screen_wait "Letzte Versuche"
    german detail
    screen_keys 3
    screen_wait "Was fehl"
    german lot
    screen_keys 4
    screen_wait "Protokoll:"
    german log
    screen_keys 5
    screen_wait SN-000107
    german units
    screen_keys Enter
    screen_wait Los
    german story
    screen_keys q q w
    screen_wait "Ausweis: anmelden"
    german work
    screen_keys Escape q
    screen_wait "Beenden?"
    german quit
    screen_keys j
    screen_wait ENDET
    german draining
    screen_keys q
    screen_wait "Abbrechen?"
    german abort
    screen_keys n
    screen_finish
}
german_views 120 40 LANGUAGE=de
# What the engine and the records say in English, with its names and figures: on the tile, below the tray, in the detail, the log.
german_said() { # german_said COLUMNS ROWS NAME=VALUE..
    size=$1x$2
    {
        screen_station 16
        cat <<END
slot 1 error code=104 stage=write mac=$mac boards=1 failed=1 detail=DEFL~DATA:_No_such_device,_while_writing_wipy.bin_at_0x10000
slot 2 hold code=310 stage=gate mac=$mac boards=1 failed=1 detail=MAC_24:0a:c4:00:10:02_passed_before:_attempt_17,_lot_L-2026-46
slot 3 act act=leave stage=gate mac=$mac serial=asks
start
END
    } | screen_begin "$@"
    screen_wait Auftrag
    screen_say "slot 4 busy stage=write pct=10 mac=$mac event=note note=again_at_460800_baud:_no_answer_to_DEFL~DATA,_while_writing_wipy.bin_at_0x10000" \
        "slot 5 busy stage=backup mac=$mac event=note note=an_earlier_attempt_left_the_board_without_its_identity:_it_goes_back_from_its_record" \
        "slot 6 fail code=601 stage=verify mac=$mac boards=1 failed=1 detail=wipy.bin_at_0x10000:_chip_says_0123456789abcdef0123456789abcdef,_want_fedcba9876543210fedcba9876543210;_identity_restored"
    screen_wait " 601"
    screen_keys Home
    german said-tray
    screen_keys 2
    screen_wait "DEFL_DATA: Gerät nicht" # at 80x24 the line ends there
    german said-detail
    screen_keys Right Right Right Right Right
    screen_wait wiederhergestellt
    german said-digests
    screen_keys 4 Down
    screen_wait Aufzeichnung
    screen_golden "german-said-log-$size" # a row may be cut: the chosen one is whole below
    screen_keys Down
    screen_wait "noch einmal mit 460800 Baud"
    screen_finish
}
german_said 80 24 LANGUAGE=de
german_said 120 40 LANGUAGE=de
# German asked for on a machine that has no German locale.
german_views 80 24 LC_ALL= LANG=de_DE.UTF-8

# German without UTF-8: umlauts are written out.
{ screen_station 16; echo ascii; faces; } | screen_begin 120 40 LANGUAGE=de
screen_golden mode-german-ascii-120x40
screen_capture | LC_ALL=C grep -q '[^ -~]' && screen_fail "ASCII, but not only ASCII"
screen_finish
screen_done
