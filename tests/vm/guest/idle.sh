# SPDX-License-Identifier: Apache-2.0
# 32 ports wait for boards: what that costs. Then nothing is left taken.
attach 1 2 3 4 5 6 7 8
[ "$(ls /dev/ttyUSB* | wc -l)" = 32 ] || fail "$(ls /dev/ttyUSB* | wc -l) ttys, not 32"
total() { say stats | sed -n 's/.* in=\([0-9]*\) .*/\1/p' | awk '{ n += $1 } END { print n + 0 }'; }
ticks() { awk '{print $14 + $15}' "/proc/$run/stat"; }
cat >/tmp/job.yaml <<END
board: WiPy
chip: esp32
flash_size: [4MB, 8MB]
firmware:
  archive: /mnt/firmware
reset: none
END
for reset in none classic; do
    "$FLASHLINE" run --job /tmp/job.yaml --slots "$(places | paste -sd,)" --reset $reset --training --db /tmp/idle-$reset.db \
        --stub no --json >/mnt/idle-$reset.json 2>/mnt/idle-$reset.err </dev/null &
    run=$!
    for i in $(seq 300); do # until all of them are open and look for a board
        waiting=$(jq -r 'select(.event == "state" and (.state == "waiting" or .state == "act")) | .slot' /mnt/idle-$reset.json | sort -u | wc -l)
        [ "$waiting" = 32 ] && break
        sleep 1
    done
    [ "$waiting" = 32 ] || fail "$waiting slots wait, not 32: $(tail -n 2 /mnt/idle-$reset.json /mnt/idle-$reset.err)"
    before=$(total) cpu=$(ticks) start=$(cut -d' ' -f1 /proc/uptime)
    sleep 20
    after=$(total) cpu=$(($(ticks) - cpu)) end=$(cut -d' ' -f1 /proc/uptime)
    awk -v n=$((after - before)) -v c=$cpu -v s="$start" -v e="$end" -v r=$reset 'BEGIN {
        t = e - s; printf "idle, reset %s: %.2f IN transfers a second and port, %.1f %% of the emulated processor\n", r, n / t / 32, c / t }'
    rate=$(((after - before) * 100 / 32 / 20))
    [ "$after" -gt "$before" ] || fail "no IN transfer was counted in 20 s: $before, then $after"
    [ $rate -le ${IDLE_LIMIT:-500} ] || fail "$rate hundredths of an IN transfer a second and port: too many"
    kill -INT $run
    wait $run || true
done
[ "$(ls /dev/ttyUSB* | wc -l)" = 32 ] || fail "ftdi_sio was not given back everywhere"
