#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# 'job plan' says what a job sends and leaves out, by region, as another reader of its file finds it; and of a board what it holds
# already, before and after it was flashed, without changing it. A board that holds all of it is flashed without a byte written.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

# A part of a flash: 100 KiB of noise, 156 KiB of FF, 40 bytes.
python3 - <<'END'
import random
random.seed(3)
open("data.bin", "wb").write(bytes(random.randrange(255) for _ in range(100 * 1024)) + b"\xff" * 156 * 1024 + b"end." * 10)
END
printf '%s\n' 'board: esp32' 'chip: esp32' 'partial: yes' 'reset: none' 'firmware:' '  images:' \
    '    - {file: data.bin, offset: 0x200000}' >part.yaml

# By hand: blocks 0x200000 and 0x210000 hold the noise, 0x220000 and 0x230000 nothing but FF, 0x240000 the rest.
"$FLASHLINE" job plan ./part.yaml --json >plan.json 2>err || fail "plan: $(cat err)"
python3 - <<'END' || fail "the plan is not that of the file"
import hashlib, json, zlib
plan = json.loads(open("plan.json").read())
data = open("data.bin", "rb").read()
assert plan["event"] == "job_plan" and plan["unchanged_bytes"] == 0, plan
want = {0x200000: ("write", 0x10000), 0x210000: ("write", 0x10000), 0x240000: ("write", 40), 0x220000: ("erase", 0x20000)}
got = {r["offset"]: r for r in plan["regions"]}
assert sorted(got) == sorted(want), got
for offset, (step, size) in want.items():
    r, at = got[offset], offset - 0x200000
    assert (r["step"], r["size"]) == (step, size), r
    if step == "erase":
        assert r["member"] == "data.bin", r
        continue
    part = data[at:at + size]
    assert r["md5"] == hashlib.md5(part + b"\xff" * (-len(part) % 4096)).hexdigest(), r
    assert abs(r["compressed"] - len(zlib.compress(part, 9))) < 0.03 * size + 20, r
assert plan["firmware_bytes"] == plan["write_bytes"] == 0x20000 + 40, plan
assert plan["blank_bytes"] == plan["erase_bytes"] == 0x20000, plan
assert plan["compressed_bytes"] <= plan["wire_bytes"] < 1.02 * plan["compressed_bytes"] + 100, plan
END
"$FLASHLINE" job plan ./part.yaml >plan.txt 2>err || fail "plan: $(cat err)"
for words in 'erase  0x220000  0x20000 .*FF in data.bin: not sent' 'write  0x210000  0x10000' '128 KiB of FF are not sent'; do
    grep -q "$words" plan.txt || fail "no '$words' in: $(cat plan.txt)"
done

# A board behind a pseudo terminal: planned, flashed, planned, flashed again.
make_archive good.tar.gz sound 40
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'reset: none' >job.yaml
"$FLASHLINE-sim" --pty --boards 1 --link "$scratch/board" >serve.out 2>&1 &
jobs_running+=("$!")
wait_for serve.out '^/dev/' || { cat serve.out; finish; }
port=tty:$scratch/board1
plan() { "$FLASHLINE" job plan ./job.yaml --port "$port" --reset none --json 2>err || fail "plan of the board: $(cat err)"; }
flash() { "$FLASHLINE" flash ./job.yaml --port "$port" --reset none --yes --training --db t.db --json "$@" 2>err >flash.json || fail "flash: $(cat err; tail -n 2 flash.json)"; }
value() { python3 -c 'import json, sys; print([l for l in map(json.loads, sys.stdin) if l["event"] == sys.argv[1]][-1][sys.argv[2]])' "$@"; }

plan >first.json
all=$(value job_plan firmware_bytes <first.json)
[ "$(value job_plan write_bytes <first.json)" = "$all" ] || fail "a new board holds something: $(cat first.json)"
flash
[ "$(value result bytes_unchanged <flash.json)" = 0 ] || fail "the first time: $(tail -n 2 flash.json)"
plan >second.json
[ "$(value job_plan write_bytes <second.json) $(value job_plan erase_bytes <second.json)" = '0 0' ] || fail "a flashed board lacks something: $(cat second.json)"
flash
[ "$(value result bytes_written <flash.json) $(value result bytes_unchanged <flash.json)" = "0 $all" ] || fail "the second time: $(tail -n 2 flash.json)"
grep -q 'the board holds all of it already' flash.json || fail "nothing said of it"
flash --write-all
[ "$(value result bytes_written <flash.json) $(value result bytes_unchanged <flash.json)" = "$all 0" ] || fail "--write-all: $(tail -n 2 flash.json)"
"$FLASHLINE" job plan ./job.yaml --port "$port" --reset none 2>err | grep -q 'this board holds all of it: nothing would be erased or written' ||
    fail "no word for people: $(cat err)"

# By the job's word, and what is none.
cp job.yaml all.yaml
echo 'on_unchanged: write' >>all.yaml
"$FLASHLINE" job check ./all.yaml >/dev/null 2>err || fail "on_unchanged: $(cat err)"
sed 's/^on_unchanged: .*/on_unchanged: never/' all.yaml >bad.yaml
expect 4 "flashline job: ./bad.yaml:6: on_unchanged: 'never' *" "$FLASHLINE" job check ./bad.yaml
expect 2 'flashline job: --port, --slot and --sim exclude each other' "$FLASHLINE" job plan ./job.yaml --sim --port "$port"
expect 2 "flashline job: --port, --slot and --sim are for 'plan J'" "$FLASHLINE" job check ./job.yaml --sim
"$FLASHLINE" job plan ./job.yaml --sim --json >sim.json 2>err || fail "a virtual board: $(cat err)"
[ "$(value job_plan write_bytes <sim.json)" = "$all" ] || fail "a virtual board: $(cat sim.json)"
expect 1 'flashline job: *(30*' "$FLASHLINE" job plan ./job.yaml --sim --sim-personality 1=encrypted
finish
