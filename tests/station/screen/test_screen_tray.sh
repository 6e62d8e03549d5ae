#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# The tray at three sizes with 8, 16 and 64 slots: empty, all running, mixed, stop rule, everything to do.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

mac=24:0a:c4:00:10:00

running() { # half of the tray writes, half verifies
    screen_say "slot 1-$1 busy stage=write pct=47 left=12 mac=$mac quiet=1" \
        "slot 1-$(($1 / 2)) busy stage=verify pct=82 left=3 mac=$mac quiet=1" "slot $1 busy stage=erase"
}

mixed() { # each result once, in the first eight slots
    screen_say "slot 1 busy stage=write pct=99 left=1 mac=$mac" "slot 2 pass mac=$mac boards=1 passed=1" \
        "slot 3 fail code=201 stage=connect boards=1 failed=1" \
        "slot 4 pass retries=1 mac=$mac boards=1 passed=1" \
        "slot 5 hold code=310 stage=gate mac=$mac boards=1 failed=1" \
        "slot 6 error code=104 stage=write mac=$mac boards=1 failed=1" "slot 7 saving stage=record mac=$mac" \
        "slot 8 fail code=601 stage=verify mac=$mac boards=1 failed=1"
}

one_size() { # one_size COLUMNS ROWS SLOTS
    local name=$1x$2-$3
    screen_station "$3" | { cat; echo start; } | screen_begin "$1" "$2"
    screen_golden "tray-$name-empty"
    running "$3"
    screen_golden "tray-$name-running"
    mixed
    screen_golden "tray-$name-mixed"
    screen_say "slot 4 act act=unlock" "slot 6 stopped"
    screen_golden "tray-$name-stop"
    screen_finish
}

for size in "80 24" "120 40" "200 60"; do
    for slots in 8 16 64; do
        # shellcheck disable=SC2086
        one_size $size "$slots"
    done
done
screen_done
