#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# What a job protects is, byte for byte in a dump of the flash, what it was before: around an erase of the whole chip, after
# damage while the board is written, and after the station was killed in mid-erase. What was left out stands in the records.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
for tool in jq sqlite3; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done

make_archive good.tar.gz
tar -xzf good.tar.gz
python3 - "$SOURCE_DIR/tests/support" <<'PY' # as Espressif's bootloader wants it: two sectors to choose by
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import firmware_make as make
rows = [(k, s, at, 0x2000 if name == "otadata" else size, name) for k, s, at, size, name in make.ROWS]
open("partitions.bin", "wb").write(make.table(rows))
PY
images=('    - {file: bootloader.bin, offset: 0x1000}' '    - {file: partitions.bin, offset: 0x8000}' '    - {file: wipy.bin, offset: 0x10000}')
job() { printf '%s\n' 'board: esp32' 'chip: esp32' 'retries: 0' "$@" 'firmware:' '  images:'; }
{ job; printf '%s\n' "${images[@]}"; } >far.yaml
{ job 'protect: [0x9000+0x3000, 0x380000+0x2000]' 'erase: all'; printf '%s\n' "${images[@]}"; } >keep.yaml
{ job 'erase: all'; printf '%s\n' "${images[@]}"; } >plain.yaml
head -c 4096 /dev/zero >zero.bin
{ job 'partial: yes' 'protect: nvs' 'erase: fs'; echo '    - {file: zero.bin, offset: 0x380000}'; } >named.yaml
{ job 'partial: yes' 'protect: secrets'; echo '    - {file: zero.bin, offset: 0x380000}'; } >unknown.yaml
{ job 'protect: 0x3FF000'; printf '%s\n' "${images[@]}"; } >config.yaml
flash() { "$FLASHLINE" run --job "./$1.yaml" --sim 1 --sim-seed 7 --sim-flash-size 4 --sim-time virtual --headless --sim-dump "$1" --db "$1.db" "${@:2}" >out 2>err; }
part() { dd if="$1/slot-1.bin" bs=4096 skip=$(($2 >> 12)) count=$(($3 >> 12)) status=none; }
same() { cmp <(part "$1" "$3" "$4") <(part "$2" "$3" "$4") >/dev/null; }
blank() { [ -z "$(part "$1" "$2" "$3" | tr -d '\377' | head -c 1)" ]; }

# As boards are born, where nothing is written: a job that erases no more than it writes.
flash far || fail "far: $(cat out err)"
! blank far 0x9000 0x3000 && ! blank far 0x380000 0x2000 || fail "there is nothing to protect"
flash plain || fail "plain: $(cat out err)"
blank plain 0x9000 0x7000 && blank plain 0x380000 0x80000 || fail "an erase of all did not take it"

flash keep || fail "keep: $(cat out err)"
same far keep 0x9000 0x3000 || fail "0x9000 is not what it was"
same far keep 0x380000 0x2000 || fail "0x380000 is not what it was"
blank keep 0xc000 0x4000 && blank keep 0x382000 0x7e000 || fail "beside what is protected not all is erased"
same plain keep 0x0 0x9000 && same plain keep 0x10000 0x370000 || fail "the rest differs from what the same job writes without protect"
[ "$(sqlite3 -readonly keep.db "SELECT group_concat(printf('%x', offset), ' ') FROM (SELECT offset FROM backup ORDER BY offset)")" = \
    "9000 a000 b000 380000 381000" ] || fail "what is saved: $(sqlite3 -readonly keep.db 'SELECT offset, kind FROM backup')"
# Whoever reads the records knows what was left out, and finds those sectors as no identity of the board.
"$FLASHLINE" db events --db keep.db >out
grep -q 'JOB.*job keep [0-9a-f]*: .*erases the whole flash but 0x9000+0x3000, which the job protects' out || fail "not in the records: $(cat out)"
"$FLASHLINE" db check --db keep.db >out 2>err || fail "db check: $(cat err)"

# Of a part of a flash the board's own table says what the names mean, before anything is erased.
flash named || fail "named: $(cat out err)"
same far named 0x9000 0x7000 && same far named 0x0 0x1000 && same far named 0x3ff000 0x1000 || fail "what is protected by name is not what it was"
part named 0x380000 0x1000 | cmp -s - zero.bin && blank named 0x381000 0x7e000 || fail "the rest of fs is not blank"
[ "$(sqlite3 -readonly named.db "SELECT count(*), printf('%x', min(offset)), printf('%x', max(offset)) FROM backup WHERE offset > 4096")" = "7|9000|f000" ] ||
    fail "what is saved: $(sqlite3 -readonly named.db 'SELECT offset, kind FROM backup')"
grep -q "note: files: 'nvs' is protected where each board's own table has it" err || fail "it is not told: $(cat err)"
code=0
flash unknown || code=$?
[ $code = 3 ] || fail "a name that the board has not: $code"
grep -q "protect: 'secrets' is no partition of the board's own table" out || fail "unknown: $(cat out err)"
same unknown named 0x9000 0x7000 && ! blank unknown 0x381000 0x8000 || fail "the board was touched"

# Bits that fall in a protected sector while the board is written are seen, and it goes back.
code=0
flash config --sim-personality 1=identity-damaged || code=$?
[ $code = 1 ] && grep -q 'protected sector 0x3ff000 differed from its backup and was written back' out || fail "damaged: $code $(cat out err)"
same far config 0x3ff000 0x1000 || fail "the damaged sector did not go back"

# Killed in mid-erase, behind a port: the next attempt finds the sectors saved, and the board passes with them.
"$FLASHLINE-sim" --pty --boards 1 --link "$scratch/board" --dump born >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || { cat serve.out; finish; }
kill -TERM "$server" && wait "$server" || fail "the server ended with $?: $(cat serve.out)"
"$FLASHLINE-sim" --pty --boards 1 --link "$scratch/board" --dump served >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || { cat serve.out; finish; }
sed -i 's/^retries: 0/&\nreset: none/; s/^erase: all/erase: 0x380000+0x10000/' keep.yaml
pty() { "$FLASHLINE" run --job ./keep.yaml --slots "tty:$scratch/board1" --once --training --headless --json --db pty.db "$@"; }
exec 3< <(exec "$FLASHLINE" run --job ./keep.yaml --slots "tty:$scratch/board1" --once --training --json --db pty.db 2>err)
pid=$!
while IFS= read -r -t 60 line <&3; do
    [[ $line != *'"stage":"erase"'* ]] || break
done
kill -9 $pid || fail "it had ended: $(cat err)"
exec 3<&-
wait $pid 2>/dev/null || true
pty >out 2>err || fail "after the kill: $(cat out err)"
[ "$(sqlite3 -readonly pty.db "SELECT group_concat(result, ' ') FROM (SELECT result FROM attempt ORDER BY id)")" = "INTERRUPTED PASS" ] ||
    fail "the attempts: $(sqlite3 -readonly pty.db 'SELECT result FROM attempt')"
[ "$(sqlite3 -readonly pty.db "SELECT count(DISTINCT attempt_id) FROM backup WHERE offset = 36864")" = 2 ] || fail "not saved by both"
kill -TERM "$server" && wait "$server" || fail "the server ended with $?: $(cat serve.out)"
same born served 0x9000 0x3000 && same born served 0x380000 0x2000 || fail "what is protected was lost to the kill"
! same born served 0x10000 0x10000 && blank served 0x382000 0xe000 || fail "the board was not flashed"
finish
