#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# 'flash', 'run' and 'job check' take the same files by the same rules and refuse the same ones in the same words; a file that is
# not there, cannot be read or is wrong is told before any port is opened or looked for, and before anything is recorded.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz names-board
make_archive broken.tar.gz missing-member
python3 "$SOURCE_DIR/tests/support/build_make.py" build
mkdir -p parts config/flashline/profiles no-build
tar -xzf good.tar.gz -C parts
merged() { # OUT: the parts at their places, from 0x1000 on
    rm -f "$1"
    for at in bootloader/bootloader.bin:0 partition_table/partition-table.bin:28672 'hello world.bin:61440'; do
        dd if="build/${at%:*}" of="$1" bs=1 seek="${at#*:}" conv=notrunc status=none
    done
}
merged merged.bin
head -c 80000 merged.bin >cut.bin
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >archive.yaml
cp archive.yaml bare-name
printf '%s\n' 'board: esp32' 'chip: esp32' 'firmware:' '  merged: {file: merged.bin}' >merged.yaml
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: gone.tar.gz' >gone.yaml
printf '%s\n' 'board: WiPy' 'chip: esp32' >unnamed.yaml
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' "  archive: $scratch/good.tar.gz" >config/flashline/profiles/line3.yaml
printf '<!DOCTYPE html>\n<html><body>404</body></html>\n' >page.bin
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n' >pointer.bin
: >empty.bin
mkfifo pipe.bin
printf 'boards: yes\n' >nonsense.yaml

# doors ARGUMENT...: NAME [--firmware F] through each of them, on a port that is not there: nothing of it may be heard.
doors() {
    local door got name=$1
    shift
    for door in flash run check; do
        got=0
        case $door in
        flash) timeout 100 $as "$FLASHLINE" flash "$name" "$@" --port tty:/dev/nosuch --yes --training --db looked.db >"$door.out" 2>"$door.err" </dev/null || got=$? ;;
        run) timeout 100 $as "$FLASHLINE" run --job "$name" "$@" --slots tty:/dev/nosuch --once --headless --training --db looked.db >"$door.out" 2>"$door.err" </dev/null || got=$? ;;
        check) timeout 100 $as "$FLASHLINE" job check "$name" "$@" >"$door.out" 2>"$door.err" </dev/null || got=$? ;;
        esac
        echo $got >"$door.code"
        sed -i "s/^flashline [a-z]*: //" "$door.err"
    done
}
as=''

# Taken: the port is looked for after it, which is not there (3); the check is content.
rows=0
while IFS='|' read -r name firmware; do
    # shellcheck disable=SC2086 # none or two words
    doors "$name" ${firmware:+--firmware $firmware}
    [ "$(cat flash.code run.code check.code | tr '\n' ' ')" = '3 3 0 ' ] || fail "$name $firmware: $(cat ./*.code | tr '\n' ' '): $(cat ./*.err)"
    grep -q '101 port is not there' flash.out && grep -q '101 port is not there' run.out || fail "$name $firmware: $(tail -n 2 flash.out run.out)"
    rows=$((rows + 1))
done <<'END'
good.tar.gz|
./good.tar.gz|
merged.bin|
build|
build/|
build/flasher_args.json|
archive.yaml|
./archive.yaml|
bare-name|
merged.yaml|
line3|
archive.yaml|good.tar.gz
unnamed.yaml|good.tar.gz
merged.yaml|merged.bin
END
[ $rows = 14 ] || fail "$rows rows"

# Refused: one line, the same by each, before a port was looked for or a database made.
rm -f looked.db*
refused() {
    local name=$1 firmware=$2 words=$3 door
    # shellcheck disable=SC2086
    doors "$name" ${firmware:+--firmware $firmware}
    for door in flash run check; do
        [ "$(cat $door.code)" = 4 ] || fail "$door $name $firmware: exit $(cat $door.code): $(cat $door.err)"
        [ ! -s $door.out ] || fail "$door $name $firmware: $(head -n 2 $door.out)"
        cmp -s $door.err check.err || fail "$door $name $firmware says otherwise: $(cat $door.err check.err)"
    done
    [ "$(wc -l <check.err)" = 1 ] || fail "$name $firmware: $(cat check.err)"
    # shellcheck disable=SC2254
    case $(cat check.err) in
    *$words*) ;;
    *) fail "$name $firmware: $(cat check.err)" ;;
    esac
    [ ! -e looked.db ] || fail "$name $firmware: a database was made"
}
while IFS='|' read -r name firmware words; do
    refused "$name" "$firmware" "$words"
done <<'END'
gone.tar.gz||there is no job 'gone.tar.gz' in *, and no such file here
./gone.tar.gz||gone.tar.gz: cannot be read: No such file or directory
./gone.yaml||gone.yaml:4: gone.tar.gz: cannot be read: No such file or directory
./nosuch.yaml||nosuch.yaml: cannot be read: No such file or directory
archive.yaml|gone.tar.gz|gone.tar.gz: cannot be read: No such file or directory
unnamed.yaml||no file is named
broken.tar.gz||wipy.bin
cut.bin||cut off
page.bin||a web page
pointer.bin||Git LFS pointer
empty.bin||empty
pipe.bin||pipe.bin: *not a file
no-build||without flasher_args.json
nonsense.yaml||boards
parts/wipy.bin||one ESP32 image
archive.yaml|page.bin|a web page
good.tar.gz|merged.bin|is no job file, so no --firmware goes with it
build|good.tar.gz|is no job file, so no --firmware goes with it
END

# Where nothing says which port: the file is told first all the same.
expect 4 '*gone.tar.gz*' "$FLASHLINE" flash ./gone.tar.gz --yes
expect 4 '*gone.tar.gz*' "$FLASHLINE" run --job ./gone.tar.gz --once
if [ "$(id -u)" = 0 ]; then
    chmod 711 "$scratch"
    chmod 600 good.tar.gz
    as="setpriv --reuid 65534 --regid 65534 --clear-groups"
    refused ./good.tar.gz '' 'good.tar.gz: cannot be read: Permission denied'
    refused archive.yaml '' 'archive.yaml:4: good.tar.gz: cannot be read: Permission denied'
else
    skip_row "only root can make a file that it may not read"
fi
as=''

# The same bytes by either.
for name in good.tar.gz merged.bin build archive.yaml; do
    "$FLASHLINE" flash $name --sim --sim-time virtual --sim-dump by-flash --yes >out 2>err </dev/null || fail "flash $name: $(tail -n 2 out err)"
    "$FLASHLINE" run --job $name --sim 1 --once --sim-time virtual --sim-dump by-run --headless >out 2>err </dev/null || fail "run $name: $(tail -n 2 out err)"
    cmp by-flash/slot-1.bin by-run/slot-1.bin || fail "$name: flash and run write different bytes"
done
# How far 'erase: all' goes the board's flash says, not a plan of images, which knows no size.
(cat merged.yaml; echo 'erase: all') >all.yaml
"$FLASHLINE" job check all.yaml >out || fail "check all.yaml: $?"
grep -q '^erase  *0x000000  *all  *whole chip$' out || fail "erase: all: $(grep '^erase' out)"
code=0
"$FLASHLINE" flash all.yaml --sim >out 2>err </dev/null || code=$?
grep -q '^The whole flash is erased' out || fail "erase: all is not told: $(cat out)"

# A job whose file is gone is unusable, and why, by name as by check.
sed 's/good.tar.gz/gone.tar.gz/' config/flashline/profiles/line3.yaml >config/flashline/profiles/lost.yaml
"$FLASHLINE" job list >out || fail "job list: $?"
grep '^line3 ' out | grep -q ' draft ' || fail "job list: $(cat out)"
grep '^lost ' out | grep -q ' unusable .*gone.tar.gz: cannot be read: No such file' || fail "job list: $(cat out)"
"$FLASHLINE" job list --json >out
jq -se 'map(select(.name == "lost"))[0].trouble | contains("gone.tar.gz: cannot be read")' out >/dev/null || fail "job list --json: $(cat out)"
jq -se 'map(select(.name == "line3"))[0].trouble == null' out >/dev/null || fail "job list --json: $(cat out)"

# Who is asked to agree is told by which job.
code=0
"$FLASHLINE" flash archive.yaml --sim >out 2>err </dev/null || code=$?
[ $code = 2 ] || fail "not agreed to: exit $code"
grep -q 'from good.tar.gz by the job archive will be written' out || fail "what will be done: $(head -n 1 out)"
finish
