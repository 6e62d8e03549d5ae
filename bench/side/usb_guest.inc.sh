# SPDX-License-Identifier: Apache-2.0
# In the guest, for bench/usb: boards over the real kernel, one at a time by the station through libftdi and by esptool through
# ftdi_sio, then sixteen by the station at once. One line a run: who, boards, seconds, IN transfers of all, IN a second and port.
attach 1 2 3 4 5 6
job=/tmp/job.yaml
printf '%s\n' 'board: esp32' 'chip: esp32' 'firmware:' '  merged:' '    offset: 0x1000' '    file: /mnt/image.bin' \
    'baud: 921600' 'reset: classic' 'retries: 0' >$job
mapfile -t ports < <(places)
[ ${#ports[@]} = 24 ] || fail "${#ports[@]} ports, not 24"

count_in() { say stats | sed -n 's/.* in=\([0-9]*\) .*/\1/p' | awk '{ n += $1 } END { print n }'; }
now() { cut -d' ' -f1 /proc/uptime; }
row() { # row WHO BOARDS SECONDS IN
    awk -v who="$1" -v n="$2" -v s="$3" -v in_="$4" \
        'BEGIN { printf "%-26s %2d boards %7.2f s %7d IN, %6d a board, %6.1f a second and port\n", who, n, s, in_, in_ / n, in_ / n / s }'
}
station() { # station WHO PORTS: seconds are the slowest board's, from plug to green
    local before after took n
    n=$(($(tr -cd , <<<"$2" | wc -c) + 1))
    before=$(count_in)
    "$FLASHLINE" run --job $job --slots "$2" --once --training --db "/tmp/$RANDOM$RANDOM.db" --stub /mnt/stub.json --json \
        >/tmp/run.json 2>/tmp/run.err </dev/null || fail "$1: $(tail -n 2 /tmp/run.json /tmp/run.err)"
    after=$(count_in)
    [ "$(jq -r 'select(.event == "result" and .result == "PASS").slot' /tmp/run.json | wc -l)" = "$n" ] || fail "$1: not all passed"
    took=$(jq -s '[.[] | select(.event == "result").t_ms] | max / 1000' /tmp/run.json)
    row "$1" "$n" "$took" $((after - before))
    jq -rs '[.[] | select(.event == "stage" or .event == "result") | select(.slot == 1)] | map([.stage // .event, .t_ms | tostring] | join(" ")) | join(", ")' \
        /tmp/run.json | sed 's/^/    /' >>/mnt/stages
}
tty_of() { local place=${1#ftdi:}; ls -d "/sys/bus/usb/devices/${place%:*}:1.$(($(printf %d "'${place##*:}") - 65))"/ttyUSB* | sed 's,.*/,/dev/,'; }
esptool() { env PYTHONPATH=/tmp/python ESPTOOL_STUB_VERSION=2 "$(cat /mnt/interpreter)" /tmp/esptool/esptool.py "$@"; }
theirs() { # theirs PORT: seconds of the process, less what it takes to start and say its version
    local before after began ended
    before=$(count_in)
    began=$(now)
    esptool --chip esp32 --port "$(tty_of "$1")" --baud 921600 write-flash 0x1000 /mnt/image.bin >/mnt/esptool.log 2>&1 ||
        fail "esptool: $(tail -n 3 /mnt/esptool.log)"
    ended=$(now)
    after=$(count_in)
    row "esptool, ftdi_sio" 1 "$(awk -v a="$began" -v b="$ended" -v s="$start" 'BEGIN { print b - a - s }')" $((after - before))
}

if [ -d /mnt/esptool ]; then
    cp -r /mnt/esptool /tmp/esptool
    cp -r /mnt/python /tmp/python
    esptool version >/dev/null
    start=$(for i in 1 2 3; do a=$(now); esptool version >/dev/null; b=$(now); awk -v a="$a" -v b="$b" 'BEGIN { print b - a }'; done |
        sort -n | sed -n 2p)
    echo "esptool's own start: $start s; ftdi_sio's latency: $(cat "/sys/bus/usb-serial/devices/$(basename "$(tty_of "${ports[0]}")")/latency_timer") ms"
fi
for i in 0 2 4; do
    station "flashline, libftdi" "${ports[$i]}"
    [ ! -d /mnt/esptool ] || theirs "${ports[$((i + 1))]}"
done
station "flashline, 16 at once" "$(printf '%s\n' "${ports[@]:8:16}" | paste -sd,)"
