#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Boards behind pseudo terminals, flashed as real ports are; one run killed in mid-write, after which the board passes.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz sound 400
tar -xzf good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' 'reset: none' >job.yaml
mkdir dump
"$FLASHLINE-sim" --pty --boards 3 --link "$scratch/board" --dump dump >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || { cat serve.out; finish; } # its links are made before it says so
kill -WINCH "$server" # its terminal gets another size: no reason to end
slots=tty:$scratch/board1,tty:$scratch/board2,tty:$scratch/board3
results() { sqlite3 -readonly "$1" "SELECT result || ' ' || count(*) FROM attempt GROUP BY result ORDER BY 1" | tr '\n' ' '; }

# A virtual board in a production slot is refused before anything is erased, whatever the port.
code=0
"$FLASHLINE" run --job ./job.yaml --slots "tty:$scratch/board1" --once --headless --db production.db >out 2>err || code=$?
[ $code = 3 ] || fail "a training board in production: exit $code"
grep -q 'ERROR.* 313 ' out || fail "a training board in production: $(grep -v '^ ' out | tail -n 3)"
! grep -q ' erase$' out || fail "it was erased"

# Killed in mid-write: at a rate at which none can be done before the blow falls, however busy the machine is.
(cat job.yaml; echo 'baud: 115200') >slow.yaml
"$FLASHLINE" run --job ./slow.yaml --slots "$slots" --once --training --json --db t.db >killed.json 2>err &
pid=$!
jobs_running+=("$pid")
for n in 1 2 3; do wait_for killed.json "\"slot\":$n,.*\"stage\":\"write\",\"done\":[1-9]"; done
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
[ "$(results t.db)" = "OPEN 3 " ] || fail "killed: $(results t.db)"

"$FLASHLINE" run --job ./job.yaml --slots "$slots" --once --training --headless --db t.db >out 2>err ||
    fail "after the kill: exit $?: $(tail -n 5 out)"
grep -q '3 boards were found interrupted' err || fail "nothing said of the interrupted: $(cat err)"
[ "$(grep -c "no helper program (stub) for esp32: .*'flashline stub install FILE'" err)" = 1 ] || fail "that there is no stub is not said once: $(cat err)"
[ "$(results t.db)" = "INTERRUPTED 3 PASS 3 " ] || fail "after the kill: $(results t.db)"

kill -TERM "$server"
wait "$server" || fail "the server ended with $?: $(cat serve.out)"
for n in 1 2 3; do
    for at in bootloader.bin:4096 partitions.bin:32768 wipy.bin:65536; do
        cmp -n "$(stat -c %s "${at%:*}")" -i "0:${at#*:}" "${at%:*}" "dump/slot-$n.bin" || fail "slot $n: ${at%:*} is not in flash"
    done
done
finish
