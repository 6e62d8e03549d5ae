#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# Serials on the screen: one tile asks, the others wait their turn; what was taken stands on the tile, until u takes it back.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

mac=24:0a:c4:00:10:00

tray() { # a board in each state that a serial has
    cat <<END
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
}

again() {
    screen_say "slot 2 act act=leave stage=gate mac=$mac serial=again sn=SN-2026-0001"
    screen_wait SN-2026-0001
}

for language in en de; do
    for size in "80 24" "120 40"; do
        for slots in 8 16; do
            name=serial-$language-${size/ /x}-$slots
            setting=LANGUAGE=
            [ $language = en ] || setting=LANGUAGE=de
            # shellcheck disable=SC2086
            { screen_station $slots; tray; } | screen_begin $size "$setting"
            screen_golden "$name"
            again
            screen_golden "$name-again"
            screen_finish
        done
    done
done

# Keys: the selection chooses who is scanned next; u takes back the selected board's serial, else the last that was taken.
{ screen_station 8; tray; } | screen_begin 80 24
screen_wait "Slot 2"
screen_keys Right
screen_called "choose 3 "
screen_keys u
screen_called "take-back 0 "
screen_keys Right u
screen_called "take-back 4 "
screen_keys Enter
screen_wait "SN-2026-0004"
screen_golden serial-detail-80x24
screen_finish
screen_done
