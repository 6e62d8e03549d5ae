#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# A board's other addresses stand with its chip where the slot is looked at, and nowhere for a board that has none.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

mac=24:0a:c4:00:10:00

look() { # look LABEL LANGUAGE
    { screen_station 8; cat <<END
slot 1 busy stage=write pct=47 left=12 mac=$mac custom=70:b3:d5:00:00:09 eui64=24:0a:c4:ff:fe:00:10:01
slot 2 busy stage=write pct=47 left=12 mac=$mac
start
END
    } | screen_begin 80 24 "LANGUAGE=$2"
    screen_keys Home Enter
    screen_wait "EUI-64       24:0a:c4:ff:fe:00:10:01"
    screen_wait "$1   70:b3:d5:00:00:09"
    screen_wait "ESP32-D0WDQ6"
    screen_keys Right
    screen_wait "24:0a:c4:00:10:02"
    screen_wait_gone "EUI-64"
    screen_wait_gone "$1"
    screen_finish
}

look "custom MAC" ""
look "eigene MAC" de
screen_done
