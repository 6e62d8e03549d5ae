#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A board's config block by hand: only what was said changes, no identity is doubled, and what stood there is never lost.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

cb() { "$FLASHLINE" pycom cb "$@"; }
sector() { dd if="$1" bs=4096 skip=$((0x3ff)) count=1 status=none; }
hash_of() { sector "$1" | sha256sum | cut -d' ' -f1; }
acts() { sqlite3 -readonly "$1" 'SELECT count(*) FROM identity_act'; }

# What was mistyped is told before a board is looked for; no value of a secret is told.
expect 2 '*say what: flashline pycom cb set*' cb set
expect 2 "*there is no field 'regoin'; did you mean 'region'*" cb set regoin=7
expect 2 "*'region' sets nothing*" cb set region
expect 2 '*KR920 is refused by every firmware*' cb set region=KR920
expect 2 "*near to it: *'flashline pycom regions' lists all*" cb set region=Atlantis
expect 2 '*CN470 is taken by the LoPy4 alone*' cb set region=CN470
expect 2 '*eui: wants 8 bytes in hex*' cb set eui=70B3
expect 2 "*none.txt: No such file*" cb set wifi_password=@none.txt
expect 2 "*cb 'shwo' is not understood*" cb shwo
expect 2 '*exclude each other*' cb show --sim --port tty:/dev/null
expect 4 '*none.cb: cannot be read*' cb restore none.cb
expect 2 "flashline pycom: --slot: there is no slot '9' in *" cb show --slot 9
[ ! -e state ] || fail "records were made for nothing: $(find state)"

# The outcome of each way to say it: one byte of the flash, and no other.
cb show --sim --sim-dump born >out 2>err || fail "show: $(cat err)"
grep -q '^region  *EU868 ' out && grep -q '^eui  *02F1A5FFFE' out || fail "show: $(cat out)"
for way in India IN865 7; do
    cb set "region=$way" --sim --sim-dump "put-$way" >out 2>err || fail "$way: $(cat err)"
    cmp -l born/slot-1.bin "put-$way/slot-1.bin" >diff || true
    [ "$(awk '{ print $1 - 1, $3 }' diff)" = "$((0x3ff000 + 52)) 7" ] || fail "$way changed: $(cat diff)"
    grep -q '^  0x3FF034  1 byte  region  05 -> 07$' out || fail "$way: $(cat out)"
done
cb set region=Vietnam --sim >out 2>err && fail "Vietnam was taken" || grep -q 'AS923-2' err || fail "$(cat err)"
cb set region=China --board LoPy4 --sim --json >out 2>err || fail "China: $(cat err)"
jq -e '.written and .changes == [{"field":"region","offset":4190260,"size":1}]' out >/dev/null || fail "China: $(cat out)"

# Secrets: by file, never shown unless asked for, by no door.
echo 'under the mat' >secret.txt
cb set wifi_ssid=shop wifi_password=@secret.txt wifi_mode=sta --sim --sim-dump wifi >out 2>err || fail "wifi: $(cat err)"
grep -q '^  0x3FF057  13 bytes  wifi_password$' out || fail "wifi: $(cat out)"
sector wifi/slot-1.bin >240AC4000001-config.bin
cb show 240AC4000001-config.bin >out 2>err && cb show 240AC4000001-config.bin --json >>out || fail "of a file: $(cat err)"
! grep -q 'under the mat' out err || fail "the password is shown"
grep -q '^wifi_password  *(set; --reveal shows it)' out || fail "$(cat out)"
cb show 240AC4000001-config.bin --reveal >out || fail "revealed: $?"
grep -q '^wifi_password  *under the mat ' out || fail "not revealed: $(cat out)"
! strings state/flashline/*.db | grep -q 'under the mat ' || fail "it stands in the records in words"

# Into a file that the old updater reads: one line of base64, for its owner alone; and from its files.
cb backup --sim >out 2>err || fail "backup: $(cat err)"
file=$(ls -- *.cb)
[[ $file =~ ^02F1A5[0-9A-F]{6}\.cb$ ]] && [ "$(stat -c %a "$file")" = 600 ] && [ "$(wc -l <"$file")" = 1 ] || fail "the file: $(ls -l)"
cmp <(base64 -d "$file") <(sector born/slot-1.bin) || fail "the file has not what the board has"
expect 4 "*$file: it is there already; name another file: -o FILE" cb backup --sim # never over a file
mkdir short
base64 -d "$file" | head -c 1024 | base64 -w0 >"short/$file"
cb restore "short/$file" --sim >out 2>err || fail "1024 bytes: $(cat err)"
grep -q 'nothing was written' out || fail "1024 bytes: $(cat out)"
head -c 1000 "$file" >"short/240AC4000002.cb"
expect 4 '*holds 750 bytes and is no backup*' cb restore short/240AC4000002.cb --sim
head -c 4096 /dev/zero >blank.cb
expect 4 '*is blank*' cb restore blank.cb --sim
head -c 4096 "$FLASHLINE" >240AC4000003.cb
expect 4 '*is no config block*' cb restore 240AC4000003.cb --sim

# Another board's: refused; its settings alone; and all of it when that is said.
before=$(acts state/flashline/training.db)
expect 1 '*the file is of 24:0a:c4:00:00:01, and this board is 02:f1:a5:*' cb restore 240AC4000001-config.bin --sim
cp 240AC4000001-config.bin config.bin
expect 1 '*of no known board*' cb restore config.bin --sim
[ "$(acts state/flashline/training.db)" = "$before" ] || fail "a refusal was noted as an act"
cb restore 240AC4000001-config.bin --settings-only --sim --sim-dump cloned >out 2>err || fail "settings: $(cat err)"
cmp -n 52 <(sector cloned/slot-1.bin) <(sector born/slot-1.bin) || fail "the identity went with the settings"
cmp <(sector cloned/slot-1.bin | tail -c +53) <(tail -c +53 config.bin) || fail "not all settings came"
cb restore config.bin --force --sim >out 2>err || fail "forced: $(cat err)"

# Boards that are none of these are left alone: another chip, a silent one, another maker's table.
expect 1 '*301*this is for esp32, the board has esp32s2*' cb set region=7 --sim --sim-personality 1=wrong-chip
expect 3 '*201*' cb show --sim --sim-personality 1=silent
python3 - <<'PY'
import struct
row = lambda t, s, o, n, name: struct.pack("<HBBII16sI", 0x50AA, t, s, o, n, name, 0)
flash = bytearray(b"\xff" * 0x400000)
flash[0x8000:0x8060] = row(1, 2, 0x9000, 0x6000, b"nvs") + row(0, 0, 0x10000, 0x100000, b"factory") + row(1, 0x82, 0x300000, 0x100000, b"spiffs")
open("other.bin", "wb").write(flash)
PY

# Behind ports: two boards, of which each keeps its own.
"$FLASHLINE-sim" --pty --boards 2 --link "$scratch/board" --dump served >serve.out 2>&1 &
server=$!
jobs_running+=("$server")
"$FLASHLINE-sim" --pty --link "$scratch/other" --flash other.bin --dump foreign >other.out 2>&1 &
foreign=$!
jobs_running+=("$foreign")
wait_for serve.out '^/dev/' && wait_for other.out '^/dev/' || { cat serve.out other.out; finish; }
port() { "$FLASHLINE" pycom cb "$1" --port "tty:$scratch/board$2" --training --db pty.db "${@:3}"; }
expect 1 "*no board of Pycom's: its partition 'spiffs'*" cb set region=7 --port "tty:$scratch/other1" --training --db pty.db
port set 1 region=7 >out 2>err || fail "set at a port: $(cat err)"
grep -q "if this is broken off: flashline unit 02:f1:a5:.* --restore-identity --reason 'broken off' --port tty:.*board1 --reset none --training --db pty.db$" err ||
    fail "the way back is not told: $(cat err)"
grep -q 'Take the wire off and press reset' out || fail "what comes next is not told: $(cat out)"
eui=$(port show 1 --json | jq -r .fields.eui)
expect 1 '*that EUI is the one of 02:f1:a5:*--force, when that one is no more*' port set 2 "eui=$eui"
[ "$(port show 2 --json | jq -r .fields.eui)" != "$eui" ] || fail "an EUI was doubled"
port set 2 eui=70B3D54900000002 >out 2>err || fail "an EUI of its own: $(cat err)"

# The board answers into a terminal that nobody reads for a while: what is left there may make one look fail.
look() {
    local code=0
    port show "$@" >looked 2>said_then || port show "$@" >looked 2>said_then || code=$?
    cat looked
    cat said_then >&2
    return $code
}

# Killed between the erase and the last byte: the next command says the one that brings it back, and that one does.
whole=$(look 1 --json | jq -r .sha256)
torn=no
for pause in 0.05 0.1 0.2 0 0.3 0.15 0.02 0.4 0.25 0.6 0.07 0.8 1 0.12 1.5 0.5 2; do
    mkfifo told
    "$FLASHLINE" pycom cb set "watchdog_ms=1${pause/./}" --port "tty:$scratch/board1" --training --db pty.db >out 2>told &
    victim=$!
    exec 5<told
    IFS= read -r line <&5 || fail "it said nothing"
    IFS= read -r -t "$pause" _ <&5 || true # until it says more, or so long
    kill -9 "$victim" 2>/dev/null || true
    wait "$victim" 2>/dev/null || true
    exec 5<&-
    rm told
    seen=
    for _ in {1..9}; do # until the board has done what was on its way to it
        look 1 --json >shown 2>said || fail "show after a kill: $(cat said)"
        [ "$seen" != "$(jq -r .sha256 shown)" ] || break
        seen=$(jq -r .sha256 shown)
    done
    [ "$seen" != "$whole" ] || continue
    if ! grep -q 'first: flashline unit' said; then
        whole=$(jq -r .sha256 shown) # it had been written to its end
        continue
    fi
    torn=yes
    expect 1 '*(319)*first: flashline unit *' port set 1 region=8
    way=$(sed -n "s/.*first: flashline //p" said)
    eval "set -- $way"
    "$FLASHLINE" "$@" >out 2>err || fail "$way: $(cat err)"
    look 1 --json >shown 2>said && [ ! -s said ] || fail "after $way: $(cat said)"
    [ "$(jq -r .fields.eui shown)" = "$eui" ] && [ "$(jq -r .fields.region shown)" = IN865 ] || fail "it is not whole again: $(cat shown)"
    break
done
[ "$torn" = yes ] || fail "no kill met the board between erase and end"

# A station that runs has the ports: it is asked first.
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware: {archive: good.tar.gz}' 'reset: none' >job.yaml
make_archive good.tar.gz
"$FLASHLINE" run --job ./job.yaml --slots "tty:$scratch/none" --training --headless --db pty.db >run.out 2>&1 &
station=$!
jobs_running+=("$station")
wait_for run.out . || finish
expect 4 '*stop it first, it has the port*' port show 1
expect 4 '*stop it first, it has the port*' port set 1 region=8
kill -TERM "$station"
wait "$station" || true

# The engineer's, once there is one; what is only looked at is not.
FLASHLINE_NEW_PIN=471108 "$FLASHLINE" operator add en1 --role engineer --db pty.db >out 2>err || fail "enrol: $(cat err)"
expect 1 '*needs the engineer*' setsid "$FLASHLINE" pycom cb set region=8 --port "tty:$scratch/board1" --training --db pty.db
FLASHLINE_PIN=471108 port set 1 region=8 --reason moved >out 2>err || fail "with the PIN: $(cat err)"
"$FLASHLINE" db audit --db pty.db --json | jq -se 'last | .action == "identity.change" and .actor == "en1" and .reason == "moved"' >/dev/null ||
    fail "the audit: $("$FLASHLINE" db audit --db pty.db)"
look 1 >out 2>err || fail "show: $(cat err)"
"$FLASHLINE" db verify --db pty.db >out 2>err || fail "the records: $(cat out err)"

kill -TERM "$server" "$foreign"
wait "$server" || fail "the server ended with $?"
wait "$foreign" || true
cmp <(sector foreign/slot-1.bin | tr -d '\377' | wc -c) <(echo 0) || fail "another maker's sector was written"
finish
