# SPDX-License-Identifier: Apache-2.0
# 32 ports wait for boards, half of them wired for reset: what that costs. Then nothing is left taken.
attach 1 2 3 4 5 6 7 8
ports=$(places)
[ "$(wc -l <<<"$ports")" = 32 ] && [ "$(ttys)" = 32 ] || fail "$(ttys) ttys, not 32: $ports"
cat >/tmp/job.yaml <<END
board: WiPy
chip: esp32
flash_size: [4MB, 8MB]
firmware:
  archive: /mnt/firmware
reset: none
END
awk 'BEGIN { print "slots:" }
    { printf "  - number: %d\n    port: %s\n    reset: %s\n", NR, $1, NR <= 16 ? "none" : "classic" }' <<<"$ports" >/tmp/station.yaml
"$FLASHLINE" run --config /tmp/station.yaml --job /tmp/job.yaml --training --db /tmp/idle.db --stub no --json \
    >/mnt/idle.json 2>/mnt/idle.err </dev/null &
run=$!
declare -A waits # until all of them are open and look for a board
while [ ${#waits[@]} -lt 32 ] && read -r line; do
    [[ $line =~ \"slot\":([0-9]+).*\"state\":\"(waiting|act)\" ]] && waits[${BASH_REMATCH[1]}]=1
done < <(timeout 300 tail -n +1 -F /mnt/idle.json 2>/dev/null)
[ ${#waits[@]} = 32 ] || fail "${#waits[@]} slots wait, not 32: $(tail -n 2 /mnt/idle.json /mnt/idle.err)"

ticks() { awk '{ print $14 + $15 }' "/proc/$run/stat"; }
say stats >/tmp/before
cpu=$(ticks)
sleep 15 # what is measured: a time in which nothing happens
cpu=$(($(ticks) - cpu))
say stats >/tmp/after
# Counted by the chips and timed by their server, so that a slow guest changes neither.
for chips in 1-4:none 5-8:classic; do
    awk -v chips="[${chips%:*}]" -v reset="${chips#*:}" -v limit="${IDLE_LIMIT:-5}" '
        /^time=/ { split($1, t, "="); time = t[2] - time }
        $1 ~ "^1-" chips ":" { split($2, n, "="); sum += FNR == NR ? -n[2] : n[2]; ports += FNR < NR }
        END {
            rate = sum / ports / time
            printf "idle, reset %s: %.2f IN transfers a second and port, %d ports in %.1f s\n", reset, rate, ports, time
            exit !(ports == 16 && rate > 0 && rate <= limit)
        }' /tmp/before /tmp/after || fail "not between 0 and ${IDLE_LIMIT:-5} on 16 ports"
done
echo "idle: $((cpu / 15)) % of the emulated processor"
kill -INT $run
wait $run || true
[ "$(ttys)" = 32 ] || fail "ftdi_sio was not given back everywhere"
