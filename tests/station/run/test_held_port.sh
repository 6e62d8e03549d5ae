#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A terminal can be open twice without an error, and each reader gets half of a board's bytes. Whoever has a port when the
# station starts is named at once (103), whatever the wiring; nobody is asked for a jumper, and the port is left alone.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
"$FLASHLINE-sim" --pty --boards 1 --link "$scratch/board" >serve.out 2>&1 &
jobs_running+=($!)
wait_for serve.out '^/dev/' || { cat serve.out; finish; }
device=$(readlink -f board1)
port=tty:$scratch/board1

# ended WORDS CODE: its lines end with 103 and that name, blamed on the station, and no jumper was asked for.
ended() {
    [ "$2" = 3 ] || fail "$1: exit $2: $(cat err)"
    grep '"event":"result"' out | jq -e --arg who "$who" '.code == 103 and .result == "ERROR" and .blame == "station" and
        (.detail | contains($who))' >/dev/null || fail "$1 does not name $who: $(tail -n 2 out err)"
    ! grep -q 'boot_jumper\|press reset' out || fail "$1: the jumper was asked for"
}
# held WHOM: run and flash, with either wiring, end long before the two minutes that an operator has for the jumper.
held() {
    local reset code
    who=$1
    for reset in classic none; do
        code=0
        timeout 100 "$FLASHLINE" run --job ./job.yaml --slots "$port" --reset $reset --once --training --json --db t.db \
            >out 2>err || code=$?
        ended "run --reset $reset" $code
        code=0
        timeout 100 "$FLASHLINE" flash good.tar.gz --yes --port "$port" --reset $reset --training --json --db t.db \
            >out 2>err </dev/null || code=$?
        ended "flash --reset $reset" $code
    done
}
# free WHEN: the port is used. A virtual board is no production board (313): that is said after the chip was asked.
free() {
    rm -f free.db*
    "$FLASHLINE" run --job ./job.yaml --slots "$port" --once --headless --db free.db >out 2>err && fail "$1: a virtual board in production"
    grep -q ' 313 ' out || fail "$1: $(tail -n 2 out)"
}
# opener NAME: a programme of that name, in a session of its own, that says when it has the port open; $change: what it does then.
open_it='import os, sys
os.setsid()
open("/proc/self/comm", "w").write(sys.argv[1])
fd = os.open(sys.argv[2], os.O_RDWR | os.O_NOCTTY)
exec(sys.argv[3])
print("open", flush=True)
sys.stdin.read()'
change=
opener() {
    : >"$1.out"
    mkfifo "$1.hold"
    python3 -c "$open_it" "$1" "$device" "$change" <"$1.hold" >"$1.out" 2>&1 &
    opened=$!
    jobs_running+=("$opened")
    exec 9>"$1.hold"
    wait_for "$1.out" open || { cat "$1.out"; finish; }
}
let_go() { exec 9>&-; wait "$opened" 2>/dev/null || true; rm -f ./*.hold; change=; }

# A monitor that reads: the board's first words say that it has the port.
cat "$device" >cat.out 2>/dev/null &
monitor=$!
jobs_running+=("$monitor")
wait_for cat.out . || finish
held "cat (pid $monitor)"
settings=$(stty -a -F "$device")
printf 'slots:\n  - number: 1\n    port: tty:%s\n' "$device" >station.yaml
"$FLASHLINE" slots --config station.yaml >out || fail "slots: $?"
grep -q "close cat (pid $monitor)" out || fail "slots does not name the holder: $(cat out)"
"$FLASHLINE" doctor --config station.yaml >out && fail "doctor is content with a held port"
grep -q "Close cat (pid $monitor), then" out || fail "doctor does not name the holder: $(cat out)"

# A station that waits for boards says so too, and starts when the port is free.
"$FLASHLINE" run --job ./job.yaml --slots "tty:$device" --reset none --count 1 --training --headless --db t.db >waits.out 2>err &
station=$!
jobs_running+=("$station")
wait_for waits.out "103 .*cat (pid $monitor)" || cat waits.out
! grep -q 'press reset' waits.out || fail "the jumper was asked for at a held port"
[ "$(stty -a -F "$device")" = "$settings" ] || fail "the other programme's settings were changed"
kill "$monitor"
wait "$monitor" 2>/dev/null || true
wait "$station" || fail "the port was given back and no board started: $(tail -n 3 waits.out)"
grep -q ' PASS ' waits.out || fail "after the monitor: $(tail -n 3 waits.out)"

# Open and silent, in a session of its own, as a terminal programme in a window of its own has it; by another name of the device too.
opener quiet
held "quiet (pid $opened)"
ln -s "$device" another-name
port=tty:$scratch/another-name
held 'quiet (pid'
port=tty:$scratch/board1
let_go
free "after it"

# It locked others out: the kernel says so, and it is named all the same.
change='import fcntl, termios; fcntl.ioctl(fd, termios.TIOCEXCL)'
opener locker
held 'locker (pid'
if [ "$(id -u)" = 0 ]; then
    # A station of another user sees that the port is held and not by whom.
    mkdir -m 777 other
    chmod 711 "$scratch"
    chmod 666 "$device"
    cp job.yaml good.tar.gz other/
    (cd other && HOME=$scratch/other XDG_CONFIG_HOME=$scratch/other XDG_STATE_HOME=$scratch/other setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$FLASHLINE" run --job ./job.yaml --slots "tty:$device" --reset none --once --training --headless --db t.db >out 2>err) || true
    grep -q '103 .*held by a program of another user' other/out || fail "another user's: $(cat other/out other/err)"
else
    skip_row "only root can run a programme of another user"
fi
let_go
free "after one that locked others out"

# Programmes that take ports by themselves come with what keeps them off.
opener ModemManager
held 'ModemManager (pid'
grep '"event":"result"' out | jq -r .detail | grep -q 'systemctl mask --now ModemManager' || fail "what helps: $(tail -n 2 out)"
"$FLASHLINE" doctor --config station.yaml >out && fail "doctor is content with a port that ModemManager has"
grep -A1 'held by ModemManager' out | grep -q 'mask --now ModemManager' || fail "doctor: $(cat out)"
"$FLASHLINE" slots --config station.yaml | grep -q 'mask --now ModemManager' || fail "slots: $("$FLASHLINE" slots --config station.yaml)"
let_go

# A lock file says it for who does not have it open now; a stale one holds up nobody.
lock=/var/lock/LCK..pts_${device##*/}
if [ -w /var/lock ] && [ ! -e "$lock" ]; then
    trap 'rm -f "$lock"; end_scenario' EXIT
    sleep 1000 &
    sleeper=$!
    jobs_running+=("$sleeper")
    printf '%10d\n' "$sleeper" >"$lock"
    held "sleep (pid $sleeper, by its lock file LCK..pts_${device##*/})"
    touch -d '+1 hour' "$lock"
    held "sleep (pid $sleeper"
    touch -d '-1 day' "$lock"
    free "a lock file older than the process with its pid"
    kill "$sleeper"
    wait "$sleeper" 2>/dev/null || true
    touch "$lock"
    free "a lock file whose process has ended"
    rm -f "$lock"
else
    skip_row "no lock files can be made here"
fi

# A descriptor that the station was born with is its own.
rm -f free.db*
"$FLASHLINE" run --job ./job.yaml --slots "$port" --once --headless --db free.db >out 2>err 7<"$device" && fail "a virtual board in production"
grep -q ' 313 ' out || fail "its own descriptor: $(tail -n 2 out)"
finish
