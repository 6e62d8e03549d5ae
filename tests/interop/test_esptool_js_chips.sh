#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# npm esptool-js against virtual boards of every chip that it has a stub for, over RFC 2217: which chip it is, MAC, flash id,
# 64 KiB written with its stub and by the ROM loader, MD5; then the boards' flash is compared byte for byte. Four at a time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "skipped: $*"; exit 77; }
command -v node >/dev/null || skip "node is not installed (script/bootstrap test installs it)"
command -v python3 >/dev/null || skip "python3 is not installed (script/bootstrap test installs it)"
stubs=$here/node_modules/esptool-js/lib/targets/stub_flasher
[ -d "$stubs" ] || skip "esptool-js is not there (script/bootstrap test brings it)"

# Chip, what the client calls it, and its flash: W25Q32 (16), W25Q64 (17), W25Q128 (18).
rows=(
    "esp32 ESP32-D0WDQ6 1740ef" "esp32s2 ESP32-S2FNR2 1640ef" "esp32s3 ESP32-S3 1740ef" "esp32c3 ESP32-C3 1640ef"
    "esp32c2 ESP32-C2 1640ef" "esp32c5 ESP32-C5 1740ef" "esp32c6 ESP32-C6 1740ef" "esp32c61 ESP32-C61 1740ef"
    "esp32h2 ESP32-H2 1640ef" "esp32p4 ESP32-P4 1840ef"
)
known=$(printf '%s\n' "${rows[@]}" | cut -d' ' -f1)
# Chips of its stubs that no virtual board has: said, so that the list above does not fall behind in silence.
for stub in "$stubs"/*.json; do
    chip=$(basename "$stub" .json)
    grep -qx "${chip%-rev1}" <<<"$known" || echo "no virtual board: $chip"
done

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
# Half that compresses, half that does not.
seq 1 8000 >"$work/image.bin"
truncate -s 32768 "$work/image.bin"
python3 -c 'import random, sys; random.seed(7); sys.stdout.buffer.write(random.randbytes(32768))' >>"$work/image.bin"

# Two boards of each: the first for the stub, the second for the ROM.
list=$(printf '%s\n' "$known" | sed 's/.*/&,&/' | paste -sd,)
boards=$((2 * ${#rows[@]}))
mkfifo "$work/ready"
mkdir "$work/dump"
"$FLASHLINE-sim" --rfc2217 0 --chip "$list" --boards "$boards" --dump "$work/dump" >"$work/ready" 2>"$work/log" &
server=$!
exec 3<"$work/ready"
ports=()
while [ ${#ports[@]} -lt "$boards" ] && IFS= read -r -t 60 -u 3 line; do ports+=("$line"); done
[ ${#ports[@]} = "$boards" ] || { echo "flashline-sim announced ${#ports[@]} ports"; cat "$work/log"; exit 1; }

client() { # client NUMBER PORT HOW BAUD: its answer in the file of that number
    timeout 100 node "$here/client.mjs" "$2" "$3" "$4" "$work/image.bin@0x10000" >"$work/answer-$1" 2>&1 ||
        echo "status $?" >>"$work/answer-$1"
}
for i in "${!ports[@]}"; do
    how=stub baud=460800
    [ $((i % 2)) = 0 ] || how=rom
    # The C2's ROM misjudges its crystal, and this client does not correct for it.
    [ "$how ${rows[i / 2]%% *}" != "rom esp32c2" ] || baud=115200
    while [ "$(jobs -rp | grep -vc "^$server$")" -ge 4 ]; do wait -n || true; done
    client "$i" "${ports[i]}" "$how" "$baud" &
done
while [ "$(jobs -rp | grep -vc "^$server$")" -gt 0 ]; do wait -n || true; done

kill -TERM "$server"
wait "$server" || { echo "flashline-sim ended with status $?"; cat "$work/log"; exit 1; }
server=
bad=0
for i in "${!ports[@]}"; do
    read -r chip title flash <<<"${rows[i / 2]}"
    python3 - "$work/answer-$i" "$title" "$flash" "$((i % 2))" <<'PY' || { echo "$chip, board $i:"; cat "$work/answer-$i"; bad=1; continue; }
import json, sys
a = json.loads(open(sys.argv[1]).read().splitlines()[-1])
assert a["chip"].startswith(sys.argv[2]), a["chip"]
assert a["mac"].startswith("02:f1:a5:"), a["mac"]          # the prefix of boards that do not exist
assert a["flash_id"] == sys.argv[3], a["flash_id"]
assert a["stub"] == (sys.argv[4] == "0"), a["stub"]
assert len(a["md5"]) == 1
PY
    cmp -n 65536 -i 0:$((0x10000)) "$work/image.bin" "$work/dump/slot-$((i + 1)).bin" || { echo "$chip, board $i"; bad=1; }
done
[ $bad = 1 ] || echo "$boards boards of ${#rows[@]} chips: byte for byte as written, with the stub and without"
exit $bad
