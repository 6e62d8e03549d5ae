#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# 'flashline flash': one board, no job file. It says what it will do, asks, and does it.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz
make_archive broken.tar.gz missing-member

# Without a terminal nobody can be asked.
code=0
"$FLASHLINE" flash good.tar.gz --sim --sim-time virtual >out 2>err </dev/null || code=$?
[ $code = 2 ] || fail "without --yes: exit $code"
grep -q -- '--yes' err || fail "without --yes: $(cat err)"
[ "$(wc -l <out)" = 2 ] || fail "it did not say in two lines what it will do: $(cat out)"
grep -q '1.0.test from good.tar.gz' out || fail "what it will do: $(cat out)"
[ ! -e state ] || fail "something was recorded although nobody agreed"

"$FLASHLINE" flash good.tar.gz --sim --sim-time virtual --sim-dump dump --yes >out 2>err </dev/null || fail "--yes: $?: $(cat err)"
tail -n 1 out | grep -q '1 board: 1 PASS' || fail "--yes: $(tail -n 1 out)"
tar -xzf good.tar.gz wipy.bin
cmp -n "$(stat -c %s wipy.bin)" -i 0:65536 wipy.bin dump/slot-1.bin || fail "the application is not in flash"

# The same board again is rework, not a mistake.
"$FLASHLINE" flash good.tar.gz --sim --sim-time virtual --yes >out 2>err </dev/null || fail "again: $?: $(cat out err)"

# On a terminal it asks; anything but y does nothing.
code=0
echo n | script -qec "$FLASHLINE flash good.tar.gz --sim --sim-time virtual --db asked.db" /dev/null >out || code=$?
[ $code = 5 ] || fail "answered n: exit $code"
grep -q 'Go on?' out || fail "it did not ask: $(cat out)"
[ ! -e asked.db ] || fail "answered n, and a database was made"
echo y | script -qec "$FLASHLINE flash good.tar.gz --sim --sim-time virtual --db asked.db" /dev/null >out || fail "answered y: exit $?"
grep -q '1 PASS' out || fail "answered y: $(cat out)"

expect 2 '*name the firmware*' "$FLASHLINE" flash
expect 2 '*exclude each other*' "$FLASHLINE" flash good.tar.gz --sim --slot 1
expect 2 '*tty:/dev/ttyUSB0*' "$FLASHLINE" flash good.tar.gz --port /dev/ttyUSB0
expect 4 '*broken.tar.gz*wipy.bin*' "$FLASHLINE" flash broken.tar.gz --sim --yes
expect 4 '*nowhere.bin*' "$FLASHLINE" flash nowhere.bin --sim --yes
if [ -z "$(find /sys/class/tty -name 'ttyUSB*' -o -name 'ttyACM*')" ]; then
    expect 3 '*plug the board*' "$FLASHLINE" flash good.tar.gz --yes
fi

# A slot that is not there, and a station that cannot be read, are said before anybody is asked.
for wrong in '--slot 7' '--slot left' '--slot 1 --config broken.yaml'; do
    code=0
    echo 'slots: [' >broken.yaml
    # shellcheck disable=SC2086
    echo y | script -qec "$FLASHLINE flash good.tar.gz $wrong --db asked2.db" /dev/null >out || code=$?
    { [ $code = 2 ] || [ $code = 4 ]; } && ! grep -q 'Go on?\|will be written' out || fail "$wrong: exit $code: $(cat out)"
done
[ ! -e asked2.db ] || fail "a slot that is not there made a database"

code=0
echo y | script -qec "$FLASHLINE flash good.tar.gz --port tty:/dev/nosuch --db asked2.db" /dev/null >out || code=$?
[ $code = 3 ] && grep -q '(101): /dev/nosuch' out && ! grep -q 'Go on?\|will be written' out || fail "no such port: exit $code: $(cat out)"
[ ! -e asked2.db ] || fail "a port that is not there made a database"

# A port that is not there: the station's trouble, recorded with its code.
code=0
"$FLASHLINE" flash good.tar.gz --port tty:/dev/nosuch --yes --json >out 2>err </dev/null || code=$?
[ $code = 3 ] || fail "a port that is not there: exit $code"
grep '"event":"result"' out | jq -e '.result == "ERROR" and .code == 101' >/dev/null || fail "a port that is not there: $(cat out)"
finish
