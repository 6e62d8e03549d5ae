# SPDX-License-Identifier: Apache-2.0
# 16 ports on four FT4232H, 16 boards at once, flashed by the programme as a user would.
attach 1 2 3 4
ls /dev/ttyUSB* | wc -l | sed 's/^/ttys before: /'
slots=$(places | paste -sd,)
echo "slots: $slots"
TIMEFORMAT="cpu: %U user %S system %R real"
start=$(cut -d' ' -f1 /proc/uptime)
time "$FLASHLINE" run --job "$SOURCE_DIR/profiles/jobs/wipy.yaml" --firmware /mnt/firmware --slots "$slots" --reset classic --once \
    --training --db /tmp/tray.db --stub "$STUB" --json >/mnt/run.json 2>/mnt/run.err || echo "run ended with $?"
end=$(cut -d' ' -f1 /proc/uptime)
echo "seconds: $(echo "$end $start" | awk '{print $1 - $2}')"
ls /dev/ttyUSB* | wc -l | sed 's/^/ttys after: /'
"$FLASHLINE" attempts --training --db /tmp/tray.db
