# SPDX-License-Identifier: Apache-2.0
# FT232R, FT230X and FT2232H side by side: a plug pulled in mid-write, the same place again, and every fault by its code.
job=$SOURCE_DIR/profiles/jobs/wipy.yaml
flash() { # flash NAME SLOTS [OPTION...]: runs to the end; events in /mnt/NAME.json
    local name=$1 slots=$2
    shift 2
    timeout 200 "$FLASHLINE" run --job "$job" --firmware /mnt/firmware --slots "$slots" --once --training --stub "$STUB" \
        --db "/tmp/$name.db" --json "$@" >"/mnt/$name.json" 2>"/mnt/$name.err" </dev/null
}
# expect NAME SLOT CODE: that slot's last result has that failure code, 0 for PASS
expect() {
    local got
    got=$(jq -r "select(.event == \"result\" and .slot == $2) | \"\(.code // 0) \(.detail // \"PASS\")\"" "/mnt/$1.json")
    got=${got##*$'\n'}
    [ "${got%% *}" = "$3" ] || { tail -n 3 "/mnt/$1.err" "/mnt/$1.json"; fail "$1: slot $2 ended with '$got', not $3"; }
    echo "$1: slot $2: $got"
}

attach 1 2 3 4 5
[ "$(ttys)" = 6 ] || fail "$(ttys) ttys, not 6"
all=$(places | head -n 4 | paste -sd,) # 1-4 and 1-5 have boards without reset wiring
echo "slots: $all"
address=$(cat /sys/bus/usb/devices/1-2/devnum)

# 0. No reset wiring: the first run does everything in the board's one bootloader session. The next one works at another
# rate and finds that session used up; it asks the operator for two minutes, and its neighbours do all that follows meanwhile.
flash session ftdi:1-4:A --reset none || true
expect session 1 0
sed 's/^baud: .*/baud: 460800/' "$job" >/tmp/slower.yaml
grep -q '^baud: 460800' /tmp/slower.yaml || fail "the job's rate is not changed"
used_began=$(date +%s)
(job=/tmp/slower.yaml; flash used ftdi:1-4:A --reset none || true; date +%s >/tmp/used.ended) &
used=$!

# 1. Unplug in mid-write.
job=/tmp/slower.yaml flash unplug "$all" --reset classic &
run=$!
timeout 120 tail -n +1 -F /mnt/unplug.json 2>/dev/null | grep -q -m1 '"event":"progress","slot":2,.*"stage":"write"' ||
    fail "slot 2 never wrote"
pulled=$(date +%s%3N)
say "unplug 1-2"
wait $run || true
for slot in 1 3 4; do expect unplug $slot 0; done
expect unplug 2 104
# By the plug, not by a timeout: its end is told while the neighbours still write. How long it took is only printed.
lost=$(date -d "$(jq -r 'select(.event == "result" and .slot == 2) | .time' /mnt/unplug.json)" +%s%3N)
echo "unplug: told after $((lost - pulled)) ms"
first=$(jq -r 'select(.event == "result") | .slot' /mnt/unplug.json | head -n 1)
[ "$first" = 2 ] || fail "slot $first ended before the unplugged one was told"

# 2. The same place, another address.
say "plug 1-2"
attach 2
again=$(cat /sys/bus/usb/devices/1-2/devnum)
echo "replug: 1-2 was device $address, is device $again"
[ "$again" != "$address" ] || fail "the address is the same: nothing was replugged"
[ "$(ttys)" = 5 ] || fail "$(ttys) ttys after the replug, not 5: all but the one of the board that is asked for"
flash replug ftdi:1-2:A --reset classic || true
expect replug 1 0
[ "$(ttys)" = 5 ] || fail "$(ttys) ttys after the run, not 5: ftdi_sio was not given back"

# 3. Every fault by its own code, with a neighbour that passes meanwhile.
flash interface ftdi:1-1:B --reset classic || true
expect interface 1 107
flash missing ftdi:1-7:A --reset classic || true
expect missing 1 101
sleep 300 <"$(ls -d /sys/bus/usb/devices/1-1:1.0/ttyUSB* | sed 's,.*/,/dev/,')" &
holder=$!
flash held ftdi:1-1:A --reset classic || true
expect held 1 103
grep -q "sleep (pid $holder)" /mnt/held.json || fail "the holder is not named"
kill $holder
chmod 0777 /tmp
mkdir -m 0777 /tmp/nobody
touch /mnt/permission.json /mnt/permission.err
chmod 0666 /mnt/permission.json /mnt/permission.err
HOME=/tmp/nobody XDG_STATE_HOME=/tmp/nobody setpriv --reuid=65534 --regid=65534 --clear-groups \
    timeout 60 "$FLASHLINE" run --job "$job" --firmware /mnt/firmware --slots ftdi:1-1:A --reset classic --once --training --stub no \
    --db /tmp/nobody/x.db --json >/mnt/permission.json 2>/mnt/permission.err </dev/null || true
expect permission 1 102

say "silence 1-1 on"
say "stall 1-3:A on"
flash faults ftdi:1-1:A,ftdi:1-3:A,ftdi:1-3:B --reset classic || true
expect faults 1 110
expect faults 2 108
expect faults 3 0
say "silence 1-1 off"
say "stall 1-3:A off"

# 4. The operator is asked by name, and the run starts the moment the chip answers.
say "press 1-5:A" # its application runs
flash manual ftdi:1-5:A --reset none &
run=$!
timeout 60 tail -n +1 -F /mnt/manual.json 2>/dev/null | grep -q -m1 '"act":' || fail "nobody is asked for a jumper"
grep '"act":' /mnt/manual.json | head -n 1
say "press 1-5:A boot"
wait $run || true
expect manual 1 0
say "trace 1-5" >/mnt/trace-manual
! grep -q 'value=0302' /mnt/trace-manual || fail "a board without reset wiring was reset by lines"

# 5. The used session is told with its own code and remedy, in the operator's two minutes and a few seconds for the last try.
wait $used
expect used 1 205
remedy=$(jq -r 'select(.event == "result") | .remedy' /mnt/used.json)
[ "$remedy" = "Press reset on the board with G23 (P2, GPIO0) connected to GND, then try again." ] || fail "used: remedy '$remedy'"
[ "$(jq -r 'select(.event == "result") | .result' /mnt/used.json)" = ERROR ] || fail "a used session is no fault of the board"
took=$(($(cat /tmp/used.ended) - used_began))
echo "used: told after $took s"
[ $took -le 180 ] || fail "a used session took $took s to be told"
[ "$(ttys)" = 6 ] || fail "$(ttys) ttys after all runs, not 6: ftdi_sio was not given back"
