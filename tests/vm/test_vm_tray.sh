#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A whole tray through the real libftdi, libusb and kernel: 16 virtual boards on four virtual FT4232H, flashed at once by
# the programme with the real archive; what their flash then holds equals what an in-process run of the same boards leaves.
. "${SOURCE_DIR:?}/tests/vm/vm.inc.sh"
vm_prepare
vm_firmware
mkdir -p "$vm_work/expected" "$vm_work/dump"

"$vm_binary" run --job "$SOURCE_DIR/profiles/jobs/wipy.yaml" --firmware "$vm_archive" --sim 16 --sim-time virtual --sim-seed 1 \
    --sim-revision 1 --sim-dump "$vm_work/expected" --db "$vm_work/sim.db" --stub "$vm_stub" --headless >"$vm_work/sim.log" 2>&1 ||
    vm_fail "the run in process: $(tail -n 3 "$vm_work/sim.log")"

# VM_CHIPS=--no-event-char compares with chips that need a short latency timer.
# shellcheck disable=SC2086
vm_serve --chip ft4232h --boards 16 --revision 1 --seed 1 ${VM_CHIPS:-}
vm_boot tray.sh 1200
vm_say "dump $vm_work/dump"
vm_say stats >"$vm_work/stats"
sed -n 's/.* in=\([0-9]*\) .*/\1/p' "$vm_work/stats" | awk -v s="$(sed -n 's/^seconds: //p' "$vm_work/console")" '
    { n += $1 } END { printf "IN transfers: %d a board, %.1f a second and port\n", n / NR, n / NR / s }'
passed=$(grep -c '"event":"result".*"result":"PASS"' "$vm_work/out/run.json" || true)
[ "$passed" = 16 ] || vm_fail "$passed boards of 16 passed: $(tail -n 3 "$vm_work/out/run.err")"
for slot in $(seq 16); do
    cmp "$vm_work/dump/slot-$slot.bin" "$vm_work/expected/slot-$slot.bin" || vm_fail "board $slot holds something else"
done
echo "16 boards passed, 16 dumps equal"

# DTR and RTS as the chip saw them: the tight sequence, both lines in one request, in order: EN low for its 20 ms, GPIO0 until the
# boot text is there (the pins were read when EN went up).
for place in 1-1:A 1-4:D; do
    vm_say "trace $place" >"$vm_work/trace"
    awk -v place=$place '
        { at[NR] = $1; value[NR] = $3 }
        END {
            split("value=0300 value=0302 value=0303 value=0301 value=0300", want, " ")
            for (i = 1; i <= 5; i++)
                if (value[i] != want[i]) { print place ": request " i " was " value[i] ", not " want[i]; exit 1 }
            if (at[3] - at[2] < 0.020) { print place ": EN was low for " at[3] - at[2] " s"; exit 1 }
            if (at[5] - at[4] < 0.001) { print place ": GPIO0 was held for " at[5] - at[4] " s"; exit 1 }
        }' "$vm_work/trace" || vm_fail "the reset sequence is not the documented one"
done
