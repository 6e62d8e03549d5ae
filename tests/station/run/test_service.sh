#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A service manager is told when boards can come, that the loop turns and how the run ends; a stop drains, and asks for time
# while it does. If this fails, a stop kills boards that are being written, or a hung station goes unseen.
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz sound 80 >/dev/null
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml

# The manager: its socket, the programme, and what it was told, with the moment of each.
cat >manager.py <<'END'
import os, signal, socket, subprocess, sys, time
name, watchdog_us, action, *command = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\0" + name[1:] if name[0] == "@" else name)
env = dict(os.environ, NOTIFY_SOCKET=name, WATCHDOG_USEC=watchdog_us)
p = subprocess.Popen(["env", "sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh"] + command, env=env, stdout=open("said", "w"))
told, lives, asked = [], [], False
s.settimeout(0.05)
while True:
    try:
        for line in s.recv(4096).decode().splitlines():
            told.append(line)
            if line == "WATCHDOG=1":
                lives.append(time.monotonic())
    except TimeoutError:
        if p.poll() is not None:
            break
    if action == "stop" and not asked and any(l.startswith("STATUS=2 of 2") for l in told):
        asked = True
        p.send_signal(signal.SIGTERM)
open("told", "w").write("\n".join(told) + "\n")
gaps = [b - a for a, b in zip(lives, lives[1:])]
open("gaps", "w").write("%d %.3f\n" % (len(lives), max(gaps, default=0)))
sys.exit(p.returncode)
END

run() { # run CODE SOCKET WATCHDOG_US ACTION OPTION...
    local want=$1 got=0
    shift
    rm -f records.db* told
    timeout 120 python3 manager.py "$1" "$2" "$3" "$FLASHLINE" run --job job.yaml --db records.db --stub no --headless "${@:4}" \
        2>err </dev/null || got=$?
    [ "$got" = "$want" ] || fail "ended with $got, not $want: $(cat err)"
}
told() { grep -qxF -- "$1" told || fail "was not told '$1': $(cat told)"; }

# Stopped in mid-run: no new boards, those under way are finished, and there is a sign of life at least as often as was asked.
run 5 "$scratch/notify" 600000 stop --sim 2
[ "$(head -n 1 told)" = READY=1 ] || fail "something before READY=1: $(cat told)"
told "STATUS=2 of 2 slots at work, 0 PASS, 0 not passed"
told STOPPING=1
told EXTEND_TIMEOUT_USEC=60000000
told "STATUS=finishing: 2 of 2 slots at work, 0 PASS, 0 not passed"
[ "$(grep -cx STOPPING=1 told)" = 1 ] || fail "it stopped more than once"
[ "$("$FLASHLINE" attempts --training --db records.db --json | grep -c '"result":"PASS"')" = 2 ] || fail "boards under way were not finished"
read -r lives longest <gaps
[ "$lives" -ge 3 ] || fail "few signs of life: $lives"
awk -v s="$longest" 'BEGIN { exit !(s < 0.6) }' || fail "no sign of life for $longest s"

# An abstract name; somebody else's watchdog is not ours to feed; a run that ends by itself says so too.
run 0 "@flashline-test-$$" 900000 none --sim 1 --sim-time virtual
told READY=1
told STOPPING=1

# Nobody there, or a name that is none: the run does not care.
for name in "$scratch/nobody" relative "" @; do
    NOTIFY_SOCKET=$name "$FLASHLINE" run --job job.yaml --db other.db --stub no --headless --sim 1 --sim-time virtual >said 2>err </dev/null ||
        fail "NOTIFY_SOCKET='$name': ended with $?: $(cat err)"
done
finish
