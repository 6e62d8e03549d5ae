#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A job with places of its own, through run: each virtual board has other bytes there, its record their hash, nobody their values; what
# is missing (a pool, a lot) stops a board before anything of it is changed.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
is() { [ "$1" = "$2" ] || fail "line ${BASH_LINENO[0]}: '$1' is not '$2'"; }

printf '%s\n' "database: $scratch/a.db" "pool_key: pool.key" >a.yaml
export FLASHLINE_CONFIG=$scratch/a.yaml
make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware: {archive: good.tar.gz}' 'unit:' \
    '  - {name: eui, at: 0x3FF000, size: 8, hex: "{pool:lora}"}' \
    '  - {name: mac, at: 0x3F0010, size: 17, text: "{mac}"}' \
    '  - {name: lot, at: 0x3F0040, size: 8, text: "{lot}"}' \
    '  - {name: nvs, partition: nvs, nvs: [{namespace: f, key: k, type: blob, value: "{pool:keys}"}]}' >unit.yaml
sed '/nvs/d' unit.yaml >plain.yaml # where the archive's table has no such partition
flash() { "$FLASHLINE" run --db a.db --job ./unit.yaml --sim 3 --sim-seed 4 --sim-time virtual --once --headless --sim-dump dump "$@"; }

if ! "$FLASHLINE" job plan ./unit.yaml --json >plan.json 2>err; then
    cp plain.yaml unit.yaml
    "$FLASHLINE" job plan ./unit.yaml --json >plan.json 2>err || fail "plan: $(cat err)"
fi
is "$(jq -r '.regions[] | select(.step == "unit") | "\(.member) \(.offset) \(.size)"' plan.json | sort -u | head -n 3 | tr '\n' ' ')" \
    'eui 4190208 8 lot 4128832 8 mac 4128784 17 '

# No such pool: nothing of any board is changed.
flash --lot L1 --json >run.json 2>err </dev/null && fail "boards without a pool passed"
is "$(jq -r 'select(.event == "result") | .code' run.json | sort -u)" 331
printf '%s\n' 70B3D54990000001 70B3D54990000002 70B3D54990000003 >eui.csv
"$FLASHLINE" pool import lora eui.csv --kind eui64 >out || fail "import: $(cat out)"
"$FLASHLINE" pool key >out && printf '%s\n' 00112233445566778899aabbccddeeff >keys.csv
"$FLASHLINE" pool import keys keys.csv --kind hex:16 --secret >out || fail "import: $(cat out)"

flash --json >run.json 2>err </dev/null && fail "boards without a lot passed"
is "$(jq -r 'select(.event == "result") | .code' run.json | sort -u)" 912
flash --lot L1 --json >run.json 2>err </dev/null || fail "the run: $(tail -n 3 err)"
is "$(jq -r 'select(.event == "result") | .result' run.json | sort | uniq -c | xargs)" '3 PASS'
"$FLASHLINE" attempts --training --db a.db --json >attempts.json
python3 - <<'END' || fail "the boards do not hold what is theirs"
import json
macs = [json.loads(l)["mac"] for l in open("run.json") if '"event":"result"' in l]
euis = set()
for i in 1, 2, 3:
    flash = open(f"dump/slot-{i}.bin", "rb").read()
    assert flash[0x3F0010:0x3F0021].decode() in macs, flash[0x3F0010:0x3F0021]
    assert flash[0x3F0040:0x3F0048] == b"L1\0\0\0\0\0\0"
    euis.add(flash[0x3FF000:0x3FF008])
assert len(euis) == 3, euis
hashes = {a["unit_data_sha256"] for a in map(json.loads, open("attempts.json")) if a.get("result") == "PASS"}
assert len(hashes) == 3 and all(len(h) == 64 for h in hashes), hashes
END
finish
