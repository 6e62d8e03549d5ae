#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# bench/run on small cases: its form, in text and in JSON, and that no run lies below the floor. Its figures are nobody's here.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed (script/bootstrap test installs it)"; exit 77; }

export BENCH_BUILD=$BUILD_DIR
export ASAN_OPTIONS=verify_asan_link_order=0${ASAN_OPTIONS:+:$ASAN_OPTIONS} # of the station, with lines_preload in front
run() { "$SOURCE_DIR/bench/run" --quick --no-foreign --kib 66 "$@"; }
run --json --only write-rom-dirty-3M >out.json 2>err || fail "bench/run: $? $(cat err)"
[ "$(jq -r .event out.json | tr '\n' ' ')" = 'start row claim end ' ] || fail "its events: $(cat out.json)"
jq -e 'select(.event == "row")' out.json >row.json || true
jq -e '.v == 1 and .case == "write-rom-dirty-3M" and .programme == "flashline" and .runs == 1 and .write_ratio >= 1 and
    .overhead_s > 0 and .stages_s.write > 0 and .cpu_s > 0 and .rss_mib > 0' row.json >/dev/null || fail "a row: $(cat out.json)"
run --only write-rom-blank-3M >out 2>err || fail "as text: $? $(cat err)"
grep -Eq '^write-rom-blank-3M +flashline +1( +-?[0-9.]+| +-)+$' out || fail "the table: $(cat out)"
grep -Eq '^write stage by floor, ROM, worst case: [0-9]+\.[0-9]+, (within|ABOVE) 1\.05$' out || fail "what is promised: $(cat out)"
code=0
run --only nothing >out 2>err || code=$?
[ $code = 1 ] && grep -q 'no case nothing' err || fail "a case that is none: $code $(cat err)"

# bench/floor: by cause, and refusals in one line.
head -c 40000 /dev/zero >image.bin
"$SOURCE_DIR/bench/floor" --loader rom --json image.bin >floor.json || fail "bench/floor: $?"
jq -e '[.line_out_us, .line_in_us, .loader_us, .erase_us, .program_us, .inflate_us, .look_us, .digest_us, .turn_us] | add' floor.json >sum
jq -e --argjson sum "$(cat sum)" '(.total_us - $sum | fabs) < 10 and .erase_us > 0' floor.json >/dev/null || fail "its causes: $(cat floor.json)"
"$SOURCE_DIR/bench/floor" image.bin >out || fail "bench/floor as a table: $?"
grep -Eq '^floor +[0-9.]+ +[0-9.]+$' out || fail "its table: $(cat out)"
expect 2 '*--loader*v9*' "$SOURCE_DIR/bench/floor" --loader v9 image.bin
expect 2 '*--offset*' "$SOURCE_DIR/bench/floor" --offset 5 image.bin
expect 4 '*none.bin*' "$SOURCE_DIR/bench/floor" none.bin

# The boards it is measured on: what lies in their flash is the file's and FF behind it; a file that is too long is refused.
printf 'what lies there' >flash.bin
mkdir dump
"$FLASHLINE-sim" --pty --boards 2 --flash-size 4 --flash flash.bin --dump dump --lines lines >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || { cat serve.out; finish; }
# Modem lines from beside: a board starts as one that was just put on, and is brought into its bootloader by them.
expect 3 '*--lines: lines: *' "$FLASHLINE-sim" --pty --lines lines
expect 2 '*--lines goes with --pty*' "$FLASHLINE-sim" --rfc2217 0 --lines other
python3 - "$(head -n 1 serve.out)" lines >said.txt <<'PYTHON' || fail "lines from beside: $?"
import os, select, socket, sys, time
path, name = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
board = os.open(path, os.O_RDWR | os.O_NOCTTY)
def hear(seconds, *, until=b"\0"):
    said, end = b"", time.monotonic() + seconds
    while until not in said and select.select([board], [], [], max(0, end - time.monotonic()))[0]:
        said += os.read(board, 4096)
    return said
assert b"SPI_FAST_FLASH_BOOT" in hear(60, until=b"SPI_FAST_FLASH_BOOT"), "it does not start as one that was put on"
for junk in (b"junk", b"x" * 4000, b"", path.encode() + b" 1", b"/dev/pts/none 1 0"):
    s.sendto(junk, name)
s.sendto(f"{path} 0 1".encode(), name)
hear(0.05)
s.sendto(f"{path} 1 0".encode(), name)
said = hear(60, until=b"waiting for download")
assert b"waiting for download" in said, said
PYTHON
kill -TERM "$server"
wait "$server" || true
[ ! -e lines ] || fail "the socket was left behind"
for n in 1 2; do
    head -c 15 "dump/slot-$n.bin" | cmp - flash.bin || fail "board $n's flash begins otherwise"
    [ "$(tail -c +16 "dump/slot-$n.bin" | tr -d '\377' | wc -c)" = 0 ] || fail "board $n: FF does not lie behind it"
done
truncate -s 5M long.bin
expect 2 '*--flash*long.bin*' "$FLASHLINE-sim" --pty --flash-size 4 --flash long.bin
expect 2 '*--flash*none.bin*' "$FLASHLINE-sim" --pty --flash none.bin
finish
