#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Jobs for Pycom's boards: a region and an EUI in a word, refused where the board's firmware would; generations by their own names;
# both kinds of archives on both generations; and no script takes a board's identity.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"
lopy() { python3 "$SOURCE_DIR/tests/support/lopy_make.py" "$@"; }
job() { printf '%s\n' "${1:-board: LoPy}" 'chip: esp32' "firmware: {archive: ${2:-lopy.tar.gz}}" "${@:3}" >job.yaml; }
check() { "$FLASHLINE" job check ./job.yaml "$@"; }
sector() { dd if="$1" bs=4096 skip=$((0x3ff)) count=1 status=none; }

lopy lopy.tar.gz
lopy old.tar.gz LoPy 1.18.1.r1
lopy lopy4.tar.gz LoPy4

# The documented outcome of each way to say a region, in the job's file and on the command line.
while IFS='|' read -r what code says; do
    job 'board: LoPy' lopy.tar.gz "region: $what"
    if [ "$code" = 0 ]; then
        check >out 2>err || fail "$what: $(cat err)"
        grep -q "^own  *region, 1 byte at 0x3ff034: $says$" out || fail "$what: $(cat out)"
        "$FLASHLINE" job check lopy.tar.gz --region "$what" --json | jq -e --arg r "$says" '.region == $r' >/dev/null || fail "--region $what"
    else
        expect "$code" "flashline job: ./job.yaml:4: region: $says" check
        expect "$code" "flashline job: lopy.tar.gz: region: $says" "$FLASHLINE" job check lopy.tar.gz --region "$what"
    fi
done <<'LIST'
India|0|IN865
IN865|0|IN865
7|0|IN865
KR920|4|KR920 is refused by every firmware of Pycom: LoRa would not start; LoPy takes AS923, AU915, EU868, IN865, US915
Atlantis|4|no LoRa region and no country is called 'Atlantis'; near to it: *, *, *; 'flashline pycom regions' lists all
China|4|CN470 (China) is taken by the LoPy4 alone; LoPy takes *
LIST
job 'board: LoPy' old.tar.gz 'region: India'
expect 4 '*region: IN865 (India) is taken by firmware 1.20.0.rc12 and later, not by 1.18.1.r1*' check
job 'board: L04' lopy4.tar.gz 'region: China'
check >out 2>err && grep -q '^own .*: CN470$' out || fail "a LoPy4 in China: $(cat out err)"
make_archive good.tar.gz names-board
expect 4 '*region: WiPy has no LoRa radio*' "$FLASHLINE" job check good.tar.gz --region India
make_archive plain.tar.gz
expect 4 '*region: is for Pycom*neither the job nor its firmware says that it is for one*' "$FLASHLINE" job check plain.tar.gz --region India
job 'board: LoPy' lopy.tar.gz 'region: India'
expect 4 '*the job says it, so --region cannot*' check --region 7

# An EUI is each board's own.
job 'board: LoPy' lopy.tar.gz 'eui: "{pool:eui}"' 'region: India'
check >out 2>err || fail "eui: $(cat err)"
grep -q '^own  *eui, 8 bytes at 0x3ff000$' out && grep -q '^own  *region, ' out || fail "eui: $(cat out)"
job 'board: LoPy' lopy.tar.gz 'eui: 70B3D54900000001'
expect 4 "*:4: eui: '70B3D54900000001' would be every board's*" check
job 'board: WiPy' good.tar.gz 'eui: "{pool:eui}"'
expect 4 '*eui: WiPy has no LoRa radio*' check

# Generations and modules: the firmware's name, and the one size that such a board has.
while IFS='|' read -r name sizes; do
    job "board: $name" good.tar.gz
    check --json >out 2>err || fail "$name: $(cat err)"
    jq -e --argjson s "$sizes" '.board == "WiPy" and [.plans[].flash_size] == $s' out >/dev/null || fail "$name: $(cat out)"
done <<'LIST'
WiPy 2.0|[4194304]
WiPy 3.0|[8388608]
W01|[8388608]
LIST
job 'board: W01' good.tar.gz 'flash_size: [4MB]'
expect 4 '*:4: flash_size: a W01 has 8 MB*' check

# On virtual boards of both generations: of each its own size alone; who disagrees with the revision is refused untouched.
fly() { "$FLASHLINE" flash "$1" --sim --sim-time virtual --yes --json "${@:2}"; }
fresh() { rm -rf "$1"; "$FLASHLINE" pycom cb show --sim --sim-dump "$1" >/dev/null 2>&1; }
for archive in good.tar.gz "$SHARED_DIR"/firmware/WiPy-1.18.1.r1.tar.gz "$SHARED_DIR"/firmware/WiPy-1.20.1.r1-0.7.0.tar.gz; do
    [ -e "$archive" ] || { skip_row "$archive is missing"; continue; }
    for generation in 0:4 1:8; do
        fly "$archive" --sim-revision ${generation%:*} --sim-flash-size ${generation#*:} >out 2>err || fail "$archive on $generation: $(tail -n 2 err out)"
    done
    for wrong in 0:8 1:4; do
        code=0
        fly "$archive" --sim-revision ${wrong%:*} --sim-flash-size ${wrong#*:} --sim-dump "wrong" >out 2>err || code=$?
        [ $code = 1 ] && jq -se 'any(.event == "result" and .code == 304 and .failed_stage == "gate" and .bytes_written == 0)' out >/dev/null || fail "$archive on $wrong: $code"
    done
done

# A script that erases and writes by offsets: EUI, Sigfox keys and settings are what they were, to the byte.
fresh born
fly lopy.tar.gz --sim-dump flashed >out 2>err || fail "a LoPy: $(tail -n 2 err out)"
cmp <(sector born/slot-1.bin) <(sector flashed/slot-1.bin) || fail "the identity sector changed"
[ "$(sector born/slot-1.bin | head -c 52 | tr -d '\377' | wc -c)" -ge 40 ] || fail "the virtual LoPy has no identity"
"$FLASHLINE" unit "$(jq -rs 'map(select(.event == "result"))[0].mac' out)" --training |
    grep -q "identity sector at 0x3ff000 saved, SHA-256 $(sector flashed/slot-1.bin | sha256sum | cut -d' ' -f1)" || fail "its hash is not in the records"

# The region of a board is one byte of its flash beside the firmware, and part of what PASS vouches for.
for way in India IN865 7; do
    fly lopy.tar.gz --region $way --sim-dump "in-$way" >out 2>err || fail "--region $way: $(tail -n 2 err out)"
    cmp -l flashed/slot-1.bin "in-$way/slot-1.bin" >diff || true
    [ "$(awk '{ print $1 - 1, $3 }' diff)" = "$((0x3ff000 + 52)) 7" ] || fail "--region $way changed: $(cat diff)"
done
job 'board: LoPy' lopy.tar.gz 'region: India' 'eui: "70b3d5{mac:hex}"'
expect_code=0
"$FLASHLINE" flash ./job.yaml --sim --sim-time virtual --yes >out 2>err || expect_code=$?
[ $expect_code != 0 ] && grep -q "unit data 'eui'" out || fail "an EUI of nine bytes: $(tail -n 2 out err)"
job 'board: LoPy' lopy.tar.gz 'region: India' 'eui: "fffe{mac:hex}"'
"$FLASHLINE" flash ./job.yaml --sim --sim-time virtual --yes --sim-dump eui >out 2>err || fail "an EUI of its own: $(tail -n 2 err out)"
cmp <(sector eui/slot-1.bin | tail -c +9) <(sector in-7/slot-1.bin | tail -c +9) || fail "more than the EUI changed"
[ "$(sector eui/slot-1.bin | head -c 8 | od -An -tx1 | tr -d " \n")" = "fffe$(jq -rs 'map(select(.event == "result"))[0].mac' <(fly lopy.tar.gz) | tr -d :)" ] || fail "not that EUI"

# Killed while it erases: the same command again, and the board has its firmware, its region, and its own identity.
"$FLASHLINE-sim" --pty --link "$scratch/board" --dump served >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
wait_for serve.out '^/dev/' || finish
mkfifo told
"$FLASHLINE" flash lopy.tar.gz --region India --port "tty:$scratch/board1" --training --yes >told 2>&1 &
victim=$!
exec 5<told
while IFS= read -r line <&5; do case $line in *' erase'*) break ;; esac; done
kill -9 "$victim"
wait "$victim" 2>/dev/null || true
exec 5<&-
"$FLASHLINE" flash lopy.tar.gz --region India --port "tty:$scratch/board1" --training --yes >out 2>err || fail "again after a kill: $(tail -n 2 out err)"
grep -q "^The board's LoRa region is set to IN865\.$" out || fail "nobody was told the region: $(head -n 4 out)"
kill -TERM "$server"
wait "$server" || fail "the server ended with $?"
cmp <(sector served/slot-1.bin) <(sector in-7/slot-1.bin) || fail "identity or region are not what they should be after a kill"
finish
