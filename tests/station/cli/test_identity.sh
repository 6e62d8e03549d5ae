#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A unit's saved identity sector goes back onto its board, by the engineer's word, and nothing of it is guessed.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

db=$scratch/state/flashline/training.db
make_archive good.tar.gz
"$FLASHLINE" flash good.tar.gz --sim --sim-time virtual --sim-dump fresh --yes >out 2>err || fail "flash: $(cat err)"
mac=$("$FLASHLINE" units --training --json | jq -r .mac)
sector() { dd if="$1" bs=4096 skip=$((0x3ff)) count=1 status=none; }
hash_of() { sector "$1" | sha256sum | cut -d' ' -f1; }
own=$(hash_of fresh/slot-1.bin)
unit() { "$FLASHLINE" unit "$mac" "$@"; }
restore() { unit --restore-identity --sim --reason why "$@"; }
acts() { sqlite3 -readonly "$db" 'SELECT count(*) FROM identity_act'; }

# What is missing or does not go together is said before anything is opened.
expect 2 "*--reason 'why'*" unit --restore-identity --sim
expect 2 '*exclude each other*' restore --accept-identity
expect 2 '*exclude each other*' restore --port tty:/dev/null
expect 2 '*go with --restore-identity*' unit --from 12345678
expect 1 "*nothing is known of '24:0a:c4:00:00:01'*" "$FLASHLINE" unit 24:0a:c4:00:00:01 --restore-identity --sim --reason why
[ "$(acts)" = 0 ] || fail "something was noted"

# The board holds its own sector, as it was born: nothing is written, and the records say whose word that is.
restore --json --sim-dump born >out 2>err || fail "the same sector: $(cat err)"
jq -e --arg h "$own" '.event == "identity_restored" and (.written | not) and .sha256 == $h and .before == $h' out >/dev/null ||
    fail "the same sector: $(cat out)"

# A second saved sector, as a board that was given another identity would leave it: which one is for the engineer to say.
python3 - "$db" >other <<'PY'
import hashlib, sqlite3, sys
data = bytes((i * 7 + 1) % 251 for i in range(4096))
db = sqlite3.connect(sys.argv[1])
hash = hashlib.sha256(data).digest()
db.execute("INSERT INTO sector VALUES (?, ?)", (hash, data))
db.execute("INSERT INTO backup(attempt_id, unit_id, kind, offset, sha256, at_ms) VALUES (0, 1, 'CONFIG', 4190208, ?, 5)", (hash,))
db.commit()
print(hash.hex())
PY
other=$(cat other)
code=0
restore >out 2>err || code=$?
[ $code = 1 ] && [ "$(wc -l <err)" = 3 ] && grep -q "2 different identity sectors of $mac are saved" err &&
    grep -q "^  --from ${own:0:16} .* by attempt 1$" err && grep -q "^  --from ${other:0:16} " err || fail "two sectors: $code $(cat err)"
code=0
restore --from 0123456789 >out 2>err || code=$?
[ $code = 1 ] && grep -q 'no saved identity sector' err || fail "an unknown hash: $code $(cat err)"
restore --from "${other:0:12}" --sim-dump put --operator op-7 >out 2>err || fail "the other sector: $(cat err)"
[ "$(hash_of put/slot-1.bin)" = "$other" ] || fail "the sector on the board is not the other one"
cmp <(head -c $((0x3ff000)) born/slot-1.bin) <(head -c $((0x3ff000)) put/slot-1.bin) || fail "flash before the sector changed"
cmp -i $((0x400000)) born/slot-1.bin put/slot-1.bin || fail "flash behind the sector changed"
unit --training >out
grep -q "^before a restore: identity sector at 0x3ff000 saved, SHA-256 $own$" out || fail "what was there is not told: $(cat out)"
grep -q "^identity sector put back, SHA-256 $other$" out || fail "the restore is not told: $(cat out)"
"$FLASHLINE" db audit --db "$db" --json | jq -se --arg m "$mac" --arg o "$own" --arg n "$other" 'last |
    .action == "identity.restore" and .object == $m and .old == $o and .new == $n and .reason == "why" and .actor == "op-7"' >/dev/null ||
    fail "the audit: $("$FLASHLINE" db audit --db "$db")"

# Boards that cannot be reached, or are others, are left alone, and the records with them.
before=$(acts)
expect 3 '*201*' restore --from "$own" --sim-personality 1=silent
expect 1 '*301*' restore --from "$own" --sim-personality 1=wrong-chip
expect 3 '*101*' unit --restore-identity --training --reason why --from "$own" --port "tty:$scratch/none"
"$FLASHLINE" flash good.tar.gz --sim --sim-time virtual --yes --db other.db >out 2>err || fail "flash: $(cat err)"
sqlite3 other.db "DROP TRIGGER unit_is_final; UPDATE unit SET mac = x'02f1a5000001'"
expect 1 "*the board in the slot is $mac, not 02:f1:a5:00:00:01*" \
    "$FLASHLINE" unit 02:f1:a5:00:00:01 --restore-identity --sim --reason why --db other.db
# What stood there cannot be kept: nothing is erased.
sqlite3 "$db" "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
expect 4 '*cannot record identity.restore*' restore --from "$other" --sim-dump kept
[ "$(hash_of kept/slot-1.bin)" = "$own" ] || fail "erased although nothing could be recorded"
sqlite3 "$db" "DROP TRIGGER full"
[ "$(acts)" = "$before" ] || fail "an act was noted of a board that was left alone"

# The engineer's, once there is one; and never without the station being stopped, whose ports these are.
FLASHLINE_NEW_PIN=471108 "$FLASHLINE" operator add en1 --role engineer --db "$db" >out 2>err || fail "enrol: $(cat err)"
expect 1 '*needs the engineer*' setsid "$FLASHLINE" unit "$mac" --restore-identity --sim --reason why --from "$own"
FLASHLINE_PIN=0000 expect 1 "*not an engineer's PIN*" restore --from "$own"
FLASHLINE_PIN=0000 expect 1 "*not an engineer's PIN*" restore --from "$own" --sim-personality 1=silent # asked before the board is
FLASHLINE_PIN=471108 restore --from "$other" >out 2>err || fail "with the PIN: $(cat err)"
expect 1 '*needs the engineer*' setsid "$FLASHLINE" unit "$mac" --accept-identity --training --reason why
FLASHLINE_PIN=471108 unit --accept-identity --training --reason why >out 2>err || fail "accept: $(cat err)"
[ "$(acts)" = $((before + 2)) ] || fail "$(acts) acts, not $((before + 2))"
# The second sector was put in by this test and by no station: that is found, and nothing else.
code=0
"$FLASHLINE" db check --db "$db" --json >out 2>err || code=$?
[ $code = 4 ] && grep -q 'backup [0-9]* stands in no entry of the journal' err && [ "$(grep -c '^flashline db: ' err)" -le 2 ] ||
    fail "the records: $code $(cat err)"

# Behind a port: the board keeps what it is given, and a word without an order is heard.
"$FLASHLINE-sim" --pty --boards 2 --link "$scratch/board" --dump served >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || { cat serve.out; finish; }
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'reset: none' >job.yaml
"$FLASHLINE" run --job ./job.yaml --slots "tty:$scratch/board1,tty:$scratch/board2" --once --training --headless --db pty.db >out 2>err ||
    fail "the boards behind ports: $(tail -n 3 out err)"
mac1=$(sqlite3 -readonly pty.db "SELECT hex(mac) FROM unit u JOIN attempt a ON a.unit_id = u.id WHERE a.slot = 1")
port() { "$FLASHLINE" unit "$mac1" --restore-identity --port "tty:$scratch/board$1" --reset none --training --db pty.db --reason why "${@:2}"; }
python3 - "$db" pty.db <<'PY'
import sqlite3, sys
hash, data = sqlite3.connect(sys.argv[1]).execute("SELECT s.sha256, s.data FROM backup b JOIN sector s ON s.sha256 = b.sha256 WHERE b.at_ms = 5").fetchone()
db = sqlite3.connect(sys.argv[2])
db.execute("INSERT INTO sector VALUES (?, ?)", (hash, data))
db.execute("INSERT INTO backup(attempt_id, unit_id, kind, offset, sha256, at_ms) SELECT 0, u.id, 'CONFIG', 4190208, ?, 5"
           " FROM unit u JOIN attempt a ON a.unit_id = u.id WHERE a.slot = 1", (hash,))
db.commit()
PY
expect 1 '*the board in the slot is*' port 2 --from "$other"
port 1 --from "$other" >out 2>err || fail "through a port: $(cat err)"
port 1 --from "$other" >out 2>err || fail "once more: $(cat err)"
grep -q 'nothing was written' out || fail "it was written once more: $(cat out)"
# Records of one's own do not open the lock of the station's: a real port takes the engineer of those.
FLASHLINE_NEW_PIN=471108 "$FLASHLINE" operator add en1 --role engineer >out 2>err || fail "enrol at home: $(cat err)"
expect 1 '*needs the engineer*' setsid "$FLASHLINE" unit "$mac1" --restore-identity --port "tty:$scratch/board1" --reset none \
    --training --db pty.db --reason why --from "$other"
FLASHLINE_PIN=471108 port 1 --from "$other" >out 2>err || fail "with the PIN of the station's engineer: $(cat err)"
"$FLASHLINE" db audit --json | jq -se 'last | .action == "run.elsewhere" and .actor == "en1"' >/dev/null || fail "not audited at home"
kill -TERM "$server"
wait "$server" || fail "the server ended with $?: $(cat serve.out)"
[ "$(hash_of served/slot-1.bin)" = "$other" ] || fail "the sector behind the port is not the other one"
finish
