#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# No half-drawn screen, not even at first paint: all that reaches the terminal stands in whole synchronised updates.
set -u
. "$SOURCE_DIR/tests/station/screen/lib.inc.sh"

mac=24:0a:c4:00:10:00
mkfifo "$screen_dir/keep/script"

# The terminal itself, at 200x60: keeps every byte, tells when the key line has come and what it came with.
cat >"$screen_dir/keep/terminal.py" <<'END'
import fcntl, os, pty, struct, sys, termios
fixture, script, calls, out = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8", TZ="UTC")
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
    os.execv(fixture, [fixture, script, calls])
with open(out, "wb", buffering=0) as f:
    while True:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        f.write(data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END

begins=$'\e[?2026h' ends=$'\e[?2026l'
seen() { grep -qaF -- "$1" "$screen_dir/keep/bytes" 2>/dev/null; }

for start in 1 2 3 4 5; do
    : >"$screen_dir/calls"
    rm -f "$screen_dir/keep/bytes"
    python3 "$screen_dir/keep/terminal.py" "$screen_fixture" "$screen_dir/keep/script" "$screen_dir/calls" \
        "$screen_dir/keep/bytes" &
    terminal=$!
    { screen_station 64; echo start; } | timeout 60 sh -c 'cat >"$1"' feed "$screen_dir/keep/script" ||
        screen_fail "nobody read the script"
    screen_until seen Finish || screen_fail "start $start: never a key line"
    printf '%s\n' "slot 1-64 busy stage=write pct=47 left=12 mac=$mac" 1<>"$screen_dir/keep/script"
    screen_until seen "47%" || screen_fail "start $start: the boards are never shown at work"
    printf 'done\n' 1<>"$screen_dir/keep/script"
    wait $terminal || screen_fail "start $start: ended with $?"
    python3 - "$screen_dir/keep/bytes" "$begins" "$ends" <<'END' || screen_fail "start $start"
import re, sys
data = open(sys.argv[1], "rb").read()
begins, ends = (a.encode() for a in sys.argv[2:])
before, first, rest = data.partition(begins)
frames = re.findall(re.escape(begins) + b"(.*?)" + re.escape(ends), first + rest, re.S)
outside = re.sub(re.escape(begins) + b".*?" + re.escape(ends), b"", first + rest, flags=re.S)
faults = []
if outside:
    faults.append("outside of any update: %r" % outside[:200])
if re.sub(rb"\x1b[\[(][0-9;?]*[A-Za-z]|\x1b[=>]|[\x0e\x0f]", b"", before):
    faults.append("text before the first update: %r" % before[:200])
# The first update is a whole screen, from the header to the key line, and so is nothing before it.
for text in (b"wipy-1.18.1", b"L-2026-47", b"line-3", b"Slot 1", b"not passed 0", b"Finish"):
    if text not in frames[0]:
        faults.append("the first update lacks %r" % text)
if len(frames) < 3:
    faults.append("only %d updates" % len(frames))
print("%d updates, the first of %d bytes" % (len(frames), len(frames[0])))
sys.exit("; ".join(faults) if faults else 0)
END
done
screen_done
