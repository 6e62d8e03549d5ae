#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A board without reset wiring is in the operator's hands: 'flash' and 'run' ask at once for the pin that stands on that board,
# start when it answers, and say how it is let go. A port that nobody can use is no reason to wait: it ends with its code.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz names-board
python3 "$SOURCE_DIR/tests/support/build_make.py" build
printf '%s\n' 'board: LoPy4' 'chip: esp32' 'flash_size: 4MB' 'reset: none' 'firmware:' '  images:' \
    '    - {file: build/bootloader/bootloader.bin, offset: 0x1000}' \
    '    - {file: build/partition_table/partition-table.bin, offset: 0x8000}' \
    '    - {file: build/hello world.bin, offset: 0x10000}' >lopy.yaml
printf '%s\n' 'board: esp32' 'chip: esp32' 'reset: none' 'firmware:' '  archive: good.tar.gz' >chip.yaml
"$FLASHLINE-sim" --pty --boards 3 --flash-size 4 --revision 0 --link "$scratch/board" >serve.out 2>&1 &
jobs_running+=($!)
wait_for serve.out '^/dev/' || { cat serve.out; finish; }

# by_hand N COMMAND...: COMMAND on board N's port, whose button nobody has pressed yet.
declare -A pin station
by_hand() {
    local n=$1
    shift
    mkfifo "press$n"
    python3 "$SOURCE_DIR/tests/support/pressed_later.py" "$scratch/hand$n" "$scratch/board$n" "press$n" >"hand$n.out" 2>&1 &
    jobs_running+=($!)
    wait_for "hand$n.out" there || { cat "hand$n.out"; finish; }
    "$@" "tty:$scratch/hand$n" --training --db "t$n.db" >"out$n" 2>"err$n" </dev/null &
    station[$n]=$!
    jobs_running+=($!)
}
pin=([1]='G23 (P2, GPIO0)' [2]='GPIO0' [3]='G23 (P2, GPIO0)')
by_hand 1 "$FLASHLINE" flash good.tar.gz --reset none --yes --port
by_hand 2 "$FLASHLINE" flash build --reset none --yes --port
by_hand 3 "$FLASHLINE" run --job ./lopy.yaml --once --headless --slots
for n in 1 2 3; do
    wait_for "out$n" "act: connect ${pin[$n]} to GND and press reset" || { cat "out$n" "err$n"; finish; }
    ! grep -q ' PASS \| ERROR \| FAIL ' "out$n" || fail "$n: it did not wait: $(cat "out$n")"
    echo reset >"press$n"
done
for n in 1 2 3; do
    code=0
    wait "${station[$n]}" || code=$?
    [ $code = 0 ] || fail "$n: exit $code: $(tail -n 4 "out$n" "err$n")"
    grep -A1 ' PASS ' "out$n" | grep -q "note: take the wire off ${pin[$n]}, press reset" || fail "$n: how it ended: $(tail -n 5 "out$n")"
done
! grep -q G23 out2 || fail "a Pycom's pin on another's board: $(grep G23 out2)"

# For programmes the pin has a key of its own. A chip's job with a board's firmware: the board is what lies there.
by_hand 4 "$FLASHLINE" run --job ./chip.yaml --once --json --slots
wait_for out4 '"act":"boot_jumper"' || { cat out4 err4; finish; }
grep '"act":"boot_jumper"' out4 | head -n 1 | jq -e '.boot_pin == "G23 (P2, GPIO0)" and .state == "act"' >/dev/null || fail "--json: $(tail -n 2 out4)"
kill -INT "${station[4]}"
code=0
wait "${station[4]}" || code=$?
[ $code = 5 ] || fail "interrupted while it waited: exit $code"

# ends CODE PORT: 'run --once' and 'flash' end with the failure CODE and exit 3, whatever the wiring; nobody is asked for a jumper.
ends() {
    local reset got verb
    for reset in classic none; do
        for verb in 'run --job ./lopy.yaml --once --slots' 'flash good.tar.gz --yes --port'; do
            got=0
            # shellcheck disable=SC2086 # words of a command
            timeout 100 $as "$FLASHLINE" $verb "tty:$2" --reset $reset --training --json --db "$scratch/ends/$1.db" >out 2>err </dev/null || got=$?
            [ $got = 3 ] || fail "$verb $2, $reset: exit $got: $(tail -n 2 out err)"
            grep '"event":"result"' out | jq -e ".result == \"ERROR\" and .code == $1" >/dev/null || fail "$verb $2, $reset: $(tail -n 2 out)"
            ! grep -q boot_jumper out || fail "$verb $2, $reset: the jumper was asked for"
        done
    done
}
mkdir -m 777 ends
as=''
ends 101 /dev/nosuch
ends 109 /dev/null
if [ "$(id -u)" = 0 ]; then
    chmod 711 "$scratch"
    chmod 600 "$(readlink -f board2)"
    as="setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=$scratch/ends XDG_STATE_HOME=$scratch/ends XDG_CONFIG_HOME=$scratch/ends"
    ends 102 "$scratch/board2"
else
    skip_row "only root can make a port that it may not use"
fi
finish
