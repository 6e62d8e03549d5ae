#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# What is no serial number comes into no record: by `flashline serial`, by the socket without our client, by a file. Each is
# refused in one line, the board still waits, and the run's log says so too.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v python3 >/dev/null || skip "python3 speaks to the socket"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'retries: 0' >job.yaml
printf '%s\n' 'station: line-9' 'scan:' "  serial: {pattern: '.*'}" 'policy:' '  serial_required: yes' >station.yaml
db=state/flashline/training.db
serial() { "$FLASHLINE" serial --training --config station.yaml "$@"; }
long() { printf 'x%.0s' $(seq "$1"); }

# A file: the run does not begin.
for bad in $'SN\x1b[2J' $'SN\x7f' $'SN-\xc2\x85' $'SN-\xe2\x80\xae' $'SN-\xff' "$(long 64)" "$(long 300)" '   ' $'\xc2\xa0'; do
    printf '%s\n' "$bad" >serials.csv
    expect 4 '*serials.csv:1: scan *' "$FLASHLINE" run --job ./job.yaml --config station.yaml --sim 1 --headless --serials serials.csv
done

"$FLASHLINE" run --job ./job.yaml --config station.yaml --sim 1 --sim-time virtual --headless --json >out 2>err </dev/null &
station=$!
jobs_running+=("$station")
wait_for out scan_serial

# Our client. What is no text is not even sent.
row=0
for bad in $'SN\x1b[2J' $'SN\x7f' $'SN\nSN' $'SN-\xc2\x85' $'SN-\xe2\x80\xae' $'SN-\xff' "$(long 64)" "$(long 300)" "$(long 9000)" '' '   ' $'\xc2\xa0'; do
    row=$((row + 1))
    got=0
    serial --slot 1 "$bad" >said 2>&1 || got=$?
    [ "$got" = 1 ] || fail "row $row ended with $got: $(cat -v said)"
    [ "$(wc -l <said)" = 1 ] || fail "row $row said: $(cat -v said)"
    ! LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f]' said || fail "row $row is told as it came: $(cat -v said)"
done

# The socket itself, and what our client would not write.
python3 - "$db.sock" >said <<'PYTHON'
import json, socket, sys
codes = ["SN\x1b[2J", "SN\u0000X", "S\nN", "\u202eSN", "SN\u0085", "x" * 64, "\ufeff", "", 7, None, ["SN"]]
lines = [json.dumps({"v": 1, "action": "serial", "number": 1, "text": c}).encode() for c in codes]
lines += [b'{"v":1,"action":"serial","number":1,"text":"SN-\xff"}', b'{"v":1,"action":"serial","number":1,"text":"\\ud800"}']
for line in lines:
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(sys.argv[1])
        s.sendall(line + b"\n")
        answer = s.makefile("rb").readline()
        print(line[:60], json.loads(answer)["ok"] if answer else "nothing")
PYTHON
[ "$(grep -c 'False$' said)" = 13 ] || fail "the socket: $(cat said)"
[ "$(sqlite3 -readonly "$db" "SELECT count(*) FROM attempt WHERE serial IS NOT NULL OR result <> 'OPEN'")" = 0 ] ||
    fail "one of them was taken: $(sqlite3 -readonly "$db" 'SELECT result, serial FROM attempt')"

# The board waits still, and has what is said last, trimmed; nothing unseen stands in the records.
serial --slot 1 $' SN-\xc3\xa4 \n' >said 2>&1 || fail "a sound one: $(cat said)"
wait "$station" || fail "the run ended with $?: $(cat err)"
[ "$(sqlite3 -readonly "$db" "SELECT result || ' ' || hex(serial) FROM attempt")" = 'PASS 534E2DC3A4' ] ||
    fail "the row: $(sqlite3 -readonly "$db" 'SELECT result, serial FROM attempt')"
[ "$(jq -r 'select(.event == "serial" and .answer == "taken") | .serial' <out)" = 'SN-ä' ] || fail "the log: $(grep serial out)"
[ "$(jq -r 'select(.event == "serial" and .refused) | .answer' <out | wc -l)" -ge 15 ] || fail "not all is told: $(grep '"serial"' out)"
! LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f]' out || fail "a control character in the log"
"$FLASHLINE" db verify --db "$db" >said 2>&1 || fail "db verify: $(cat said)"
finish
