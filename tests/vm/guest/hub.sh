# SPDX-License-Identifier: Apache-2.0
# A chip behind a hub has a place with a dot; and a slot that waits for its place starts when something is plugged in.
modules xhci_pci
for i in $(seq 50); do # the controller, the hub and what is behind it come one after another
    place=$(places | grep '^ftdi:1-1\.2:A$') && break
    sleep 0.2
done
settle
"$FLASHLINE" slots | tee /mnt/slots
[ -n "$place" ] || fail "no adapter behind the hub: $(places) $(ls /sys/bus/usb/devices) $(dmesg | tail -n 20)"
echo "place: $place"
"$FLASHLINE" doctor --json >/mnt/doctor.json || true
grep "\"subject\":\"$place\",\"well\":true" /mnt/doctor.json || fail "$place does not open: $(cat /mnt/doctor.json)"

attach 1
place=$(places | grep -v '\.') || fail "no place for the attached chip"
usbip detach -p 0 2>/dev/null
settle
"$FLASHLINE" run --job "$SOURCE_DIR/profiles/jobs/wipy.yaml" --firmware /mnt/firmware --slots "$place" --reset classic --count 1 \
    --training --db /tmp/hub.db --stub "$STUB" --json >/mnt/wait.json 2>/mnt/wait.err </dev/null &
run=$!
timeout 300 tail -n +1 -F /mnt/wait.json 2>/dev/null | grep -q -m1 '"code":101' || fail "the slot does not wait for its port"
plugged=$(date +%s%3N)
attach 1
wait $run || { tail -n 3 /mnt/wait.json /mnt/wait.err; fail "the board was not flashed"; }
began=$(date -d "$(jq -r 'select(.event == "stage" and .stage == "open") | .time' /mnt/wait.json | head -n 1)" +%s%3N)
grep -q '"event":"result".*"result":"PASS"' /mnt/wait.json || fail "no PASS"
echo "waited at $place, began $((began - plugged)) ms after the plug"

# A switch on DSR: the empty slot is left alone until it closes, then its board is flashed.
printf '%s\n' slots: '  - number: 1' "    port: $place" '    reset: classic' '    presence: dsr' >/tmp/station.yaml
say "trace 1-1:A" >/mnt/trace-before
"$FLASHLINE" run --config /tmp/station.yaml --job "$SOURCE_DIR/profiles/jobs/wipy.yaml" --firmware /mnt/firmware --count 1 \
    --training --db /tmp/switch.db --stub "$STUB" --json >/mnt/switch.json 2>/mnt/switch.err </dev/null &
run=$!
sleep 5 # long enough for two looks of a slot without a switch: what is waited for is that nothing happens
say "trace 1-1:A" >/mnt/trace-after
cmp -s /mnt/trace-before /mnt/trace-after || fail "the slot was reset although its switch is open"
! grep -q '"event":"stage"' /mnt/switch.json || fail "an attempt began although the switch is open"
say "modem 1-1:A dsr"
wait $run || { tail -n 3 /mnt/switch.json /mnt/switch.err; fail "the board on its switch was not flashed"; }
grep -q '"event":"result".*"result":"PASS"' /mnt/switch.json || fail "no PASS with the switch"
echo "switch: the board was flashed once it closed"
