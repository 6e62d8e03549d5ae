#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# An attached screen draws what the station's own draws: the same golden screens, when all that is drawn went through the lines
# of JSON that the station shows and came back.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

export SCREEN_WIRE=1
mac=24:0a:c4:00:10:00

tray() { # as test_screen_tray has it
    screen_station "$3" | { cat; echo start; } | screen_begin "$1" "$2"
    screen_golden "tray-$1x$2-$3-empty"
    screen_say "slot 1-$3 busy stage=write pct=47 left=12 mac=$mac quiet=1" \
        "slot 1-$(($3 / 2)) busy stage=verify pct=82 left=3 mac=$mac quiet=1" "slot $3 busy stage=erase"
    screen_golden "tray-$1x$2-$3-running"
    screen_say "slot 1 busy stage=write pct=99 left=1 mac=$mac" "slot 2 pass mac=$mac boards=1 passed=1" \
        "slot 3 fail code=201 stage=connect boards=1 failed=1" \
        "slot 4 pass retries=1 mac=$mac boards=1 passed=1" \
        "slot 5 hold code=310 stage=gate mac=$mac boards=1 failed=1" \
        "slot 6 error code=104 stage=write mac=$mac boards=1 failed=1" "slot 7 saving stage=record mac=$mac" \
        "slot 8 fail code=601 stage=verify mac=$mac boards=1 failed=1"
    screen_golden "tray-$1x$2-$3-mixed"
    screen_say "slot 4 act act=unlock" "slot 6 stopped"
    screen_golden "tray-$1x$2-$3-stop"
    screen_finish
}

tray 120 40 8
tray 200 60 64

# Serials, in the language of who looks.
for language in en de; do
    setting=LANGUAGE=
    [ $language = en ] || setting=LANGUAGE=de
    { screen_station 8; cat <<END; } | screen_begin 80 24 "$setting"
work
slot 1 pass mac=$mac boards=1 passed=1 serial=none sn=SN-2026-0001
slot 2 act act=leave stage=gate mac=$mac serial=asks
slot 3 act act=leave stage=gate mac=$mac serial=waits
slot 4 busy stage=backup mac=$mac serial=taken sn=SN-2026-0004
slot 5 busy stage=write pct=47 left=12 mac=$mac serial=none sn=SN-2026-0005
slot 6 fail code=601 stage=verify mac=$mac boards=1 failed=1 serial=none sn=SN-2026-0006
slot 7 act act=leave stage=gate mac=$mac serial=waits
slot 8 idle
start
END
    screen_golden "serial-$language-80x24-8"
    screen_say "slot 2 act act=leave stage=gate mac=$mac serial=again sn=SN-2026-0001"
    screen_golden "serial-$language-80x24-8-again"
    screen_finish
done
screen_done
