#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Who looks at a running station gets its whole state, then what happens; several look, one works; nobody who looks holds it up.
# If this fails, an attached screen shows a tray that is not there, or two people work in one.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v python3 >/dev/null || skip "python3 speaks to the socket"

make_archive good.tar.gz sound 24 >/dev/null
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'retries: 0' >job.yaml
printf '%s\n' 'station: line-9' 'policy:' '  serial_required: yes' >station.yaml
db=state/flashline/training.db
attach() { timeout 60 "$FLASHLINE" attach --training --config station.yaml "$@"; }
begin() { # begin OPTION...: a station without a screen
    rm -rf state out
    "$FLASHLINE" run --job ./job.yaml --config station.yaml --headless --stub no "$@" >out 2>err </dev/null &
    station=$!
    jobs_running+=("$station")
}
ends() { # ends CODE
    local got=0
    wait "$station" || got=$?
    [ "$got" = "$1" ] || fail "the station ended with $got, not $1: $(cat err)"
}

expect 4 'flashline attach: no station runs with *' attach --json
expect 2 '*--work and --json exclude each other*' attach --json --work
expect 4 'flashline attach: no station runs with *' attach

# Its state, then news, then its end: with the same keys and values as its own --json.
begin --sim 2 --sim-time virtual --json
wait_for out scan_serial
attach --json >lines 2>said &
looker=$!
jobs_running+=("$looker")
wait_for lines '"slot":2,.*"serial_state"'
for slot in 1 2; do "$FLASHLINE" serial --training --config station.yaml --slot $slot SN-$slot || fail "serial $slot"; done
ends 0
wait "$looker" || fail "attach ended with $?: $(cat said)"
grep -qx 'flashline attach: the station has ended: 2 boards, 2 PASS, exit code 0' said || fail "said: $(cat said)"
python3 -u - lines out <<'PYTHON' || fail "what was shown"
import json, sys
shown, own = ([json.loads(l) for l in open(name)] for name in sys.argv[1:])
assert [l["event"] for l in shown[:3]] == ["station", "slot", "slot"], shown[:3]
assert shown[0]["slots"] == 2 and shown[0]["job"] == "job" and shown[0]["station"] == "line-9" and shown[0]["work"] == "free"
assert [l["slot"] for l in shown[1:3]] == [1, 2] and {l["serial_state"] for l in shown[1:3]} == {"asks", "waits"}
assert shown[-1]["event"] == "end" and shown[-1]["PASS"] == 2, shown[-1]
told = [l for l in own if l["event"] not in ("start", "progress")]
assert [l for l in shown if l["event"] == "result"] == [l for l in told if l["event"] == "result"]
# From the first news on nothing is missing, and nothing else is told.
def bare(l): # the station's own lines are written a moment apart
    return {k: l[k] for k in l if l["event"] != "serial" or k not in ("time", "t_ms")}
news = [bare(l) for l in shown if l["event"] not in ("station", "slot", "end")]
assert news == [bare(l) for l in told[-1 - len(news):-1]] and len(news) > 20, "other news than its own"
slots = {l["slot"]: l for l in shown if l["event"] in ("slot", "result")}
assert all(slots[s]["state"] == "done" and slots[s]["result"] == "PASS" for s in (1, 2)), slots
PYTHON

# One works. A process that looks may take the work; another may not, till it is free; who only looks is not heard.
begin --sim 2 --sim-time virtual
wait_for out 'slot 1 .*scan the serial'
wait_for out 'slot 2 .*scan the serial'
cat >worker.py <<'PYTHON'
import json, socket, sys
path = sys.argv[1]
def ask(**request):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(json.dumps({"v": 1, **request}).encode() + b"\n")
        return json.loads(s.makefile().readline())
def look():
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    s.sendall(b'{"v":1,"action":"look"}\n')
    f = s.makefile()
    f.readline()
    return s, f
PYTHON
cat >other.py <<'PYTHON'
from worker import *
s = look()
print("work", ask(action="work", on=True).get("detail"))
print("drain", ask(action="act", act="drain").get("detail"))
print("jobs", ask(action="ask", topic="jobs", max=9).get("detail"))
PYTHON
python3 -u - "$db.sock" >answers <<'PYTHON' || fail "working: $(cat answers)"
import os, subprocess
from worker import *
print("stranger", ask(action="work", on=True)["detail"])
seat = look()
print("took", ask(action="work", on=True)["ok"])
subprocess.run(["python3", "-u", "other.py", path], check=True)
print("asked", len(ask(action="ask", topic="jobs", max=200)["choices"]) > 3)
print("fly", ask(action="act", act="fly")["detail"])
print("lot", ask(action="act", act="lot", text="L-7", on=False)["outcome"])
print("lot", ask(action="act", act="lot", text="L-7", on=True)["outcome"])
print("serial", ask(action="act", act="serial", slot=1, text="SN-1")["outcome"])
for line in seat[1]:
    if json.loads(line)["event"] == "result":
        break
print("gave", ask(action="work", on=False)["ok"], ask(action="act", act="drain")["ok"])
print("again", ask(action="work", on=True)["ok"], ask(action="act", act="drain")["outcome"])
PYTHON
cat >wanted <<'END'
stranger who works must look at the station
took True
work another screen has the work
drain this screen only looks
jobs this screen only looks
asked True
fly the request is not understood: is it another version's?
lot needs_yes
lot done
serial done
gave True False
again True done
END
diff -u wanted answers || fail "who may work"
ends 5
[ "$("$FLASHLINE" attempts --training --json | grep -c '"serial":"SN-1","result":"PASS"')" = 1 ] ||
    fail "the board has not what was said of it: $("$FLASHLINE" attempts --training --json)"
"$FLASHLINE" lots --training --db "$db" | grep -q L-7 || fail "the lot was not opened"

# Who looks and does not read holds up nothing; when he reads again he is told what he missed, and has the state anew.
count=64
for slot in $(seq $count); do echo "SN-$slot"; done >serials
begin --sim $((count + 1)) --sim-time virtual --serials serials
mkfifo go
python3 -u - "$db.sock" go >late 2>&1 <<'PYTHON' &
import json, signal, socket, sys, time
path, go = sys.argv[1:]
for _ in range(6000):
    try:
        s = socket.socket(socket.AF_UNIX)
        s.connect(path)
        break
    except OSError:
        time.sleep(0.01)
s.sendall(b'{"v":1,"action":"look"}\n')
open(go).read()
signal.alarm(60) # a station goes on telling its numbers: what must come has come by then
dropped, state = 0, {}
for line in s.makefile():
    l = json.loads(line)
    if l["event"] == "dropped":
        dropped, state = l["lines"], {}
    if dropped and l["event"] == "slot":
        state[l["slot"]] = l["state"]
    if len(state) == 65:
        break
print("dropped" if dropped > 10 else "nothing", sorted(set(state.values())))
PYTHON
late=$!
jobs_running+=("$late")
tries=0
until [ "$(grep -c PASS out)" -ge $count ]; do
    tries=$((tries + 1))
    [ $tries -lt 3000 ] || { fail "a station that nobody reads stood still"; break; }
    sleep 0.02
done
echo >go
wait "$late" || fail "late: $(cat late)"
[ "$(cat late)" = "dropped ['act', 'done']" ] || fail "who reads late sees: $(cat late)"
kill -TERM "$station"
ends 5
finish
