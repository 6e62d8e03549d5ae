#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# bench/run on small cases: its form, in text and in JSON, and that no run lies below the floor. Its figures are nobody's here.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed (script/bootstrap test installs it)"; exit 77; }

export BENCH_BUILD=$BUILD_DIR
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
"$FLASHLINE-sim" --pty --boards 2 --flash-size 4 --flash flash.bin --dump dump >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || { cat serve.out; finish; }
kill -TERM "$server"
wait "$server" || true
for n in 1 2; do
    head -c 15 "dump/slot-$n.bin" | cmp - flash.bin || fail "board $n's flash begins otherwise"
    [ "$(tail -c +16 "dump/slot-$n.bin" | tr -d '\377' | wc -c)" = 0 ] || fail "board $n: FF does not lie behind it"
done
truncate -s 5M long.bin
expect 2 '*--flash*long.bin*' "$FLASHLINE-sim" --pty --flash-size 4 --flash long.bin
expect 2 '*--flash*none.bin*' "$FLASHLINE-sim" --pty --flash none.bin
finish
