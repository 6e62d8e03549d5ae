#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Every bad input gets one line that names file and place, the documented exit code, and leaves everything as it was.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

run() { "$FLASHLINE" run --job ./job.yaml --sim 2 --sim-time virtual --headless "$@"; }
write_job() { printf '%s\n' "$@" >job.yaml; }
good_job() { write_job 'board: WiPy' 'chip: esp32' 'firmware:' "  archive: ${1:-good.tar.gz}"; }

make_archive good.tar.gz
good_job
run >out 2>err || fail "the good job ends with $?: $(cat err)"
grep -q '2 boards: 2 PASS' out || fail "the good job does not pass: $(tail -n 3 out)"
rm -rf state

# Archives.
head -c 20000 good.tar.gz >truncated.tar.gz
: >empty.tar.gz
seq 20000 >text.tar.gz
gzip -c text.tar.gz >gzipped-text.tar.gz
for name in truncated empty text gzipped-text; do
    good_job $name.tar.gz
    expect 4 "*$name.tar.gz*" run
done
for what in bomb path-trick missing-member unknown-letter oversized overlap wrong-chip bad-checksum bad-table no-script; do
    make_archive $what.tar.gz $what
    good_job $what.tar.gz
    expect 4 "*$what.tar.gz*" run
done
case $(cat err) in *script*) ;; *) fail "an archive without script: $(cat err)" ;; esac
[ ! -e ../evil.bin ] || fail "a member left the archive"
good_job missing-member.tar.gz
expect 4 '*wipy.bin*' run
good_job unknown-letter.tar.gz
expect 4 '*z*' run

# Jobs: each complaint names the file and the line.
good_job nowhere.tar.gz
expect 4 '*job.yaml:4: *nowhere.tar.gz*' run
write_job 'board: WiPy' 'chip: esp32' 'bord: x' 'firmware:' '  archive: good.tar.gz'
expect 4 '*job.yaml:3: *bord*' run
write_job 'board: WiPy' 'chip: esp32' 'baud: 12abc' 'firmware:' '  archive: good.tar.gz'
expect 4 '*job.yaml:3: *12abc*' run
write_job 'board: WiPy' 'board: LoPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz'
expect 4 '*job.yaml:2: *board*' run
write_job 'board: WiPy' 'chip: esp32' 'firmware:' "$(printf '\tarchive: good.tar.gz')"
expect 4 '*job.yaml:4: *' run
: >job.yaml
expect 4 '*job.yaml*' run
mkdir folder.yaml
expect 4 '*folder.yaml*' "$FLASHLINE" run --job ./folder.yaml --sim 1
expect 4 "*there is no job 'nosuch'*" "$FLASHLINE" run --job nosuch --sim 1
expect 4 '*nosuch.yaml*' "$FLASHLINE" run --job ./nosuch.yaml --sim 1
if [ "$(id -u)" != 0 ]; then
    good_job
    chmod 000 good.tar.gz
    expect 4 '*good.tar.gz*' run
    chmod 644 good.tar.gz
else
    skip_row "root reads everything: an archive without permission was not tried"
fi

# Ports, by other people's names for them: one sentence at each door (test_port_name has them all).
printf 'station: a\nslots:\n  - number: 1\n    port: COM3\n' >com.yaml
printf 'slots: [{number: 1, port: auto}]\n' >auto.yaml
good_job
for row in 'COM3:*Windows*tty:/dev/ttyUSB0*' 'auto:*names no port*' 'ttyUSB0:*write tty:/dev/ttyUSB0*' '/dev/ttyUSB0:*write tty:/dev/ttyUSB0*'; do
    name=${row%%:*} words=${row#*:}
    expect 2 "*--slots: '$name' $words" "$FLASHLINE" run --job ./job.yaml --slots "$name"
    expect 2 "*--port: '$name' $words" "$FLASHLINE" flash good.tar.gz --yes --port "$name"
done
expect 2 "*--slot: 'COM3' *Windows*" "$FLASHLINE" flash good.tar.gz --json --yes --slot COM3
for verb in 'slots' 'run --job ./job.yaml'; do
    # shellcheck disable=SC2086
    expect 4 "*com.yaml:4: port: 'COM3' *Windows*tty:/dev/ttyUSB0*" "$FLASHLINE" $verb --config com.yaml
    # shellcheck disable=SC2086
    expect 4 "*auto.yaml:1: port: 'auto' names no port*" "$FLASHLINE" $verb --config auto.yaml
done

# Databases.
for name in file:x.db sqlite:///x.db; do
    expect 2 "*--db: '$name' is a URL: write the path alone, x.db" run --db $name
    expect 2 "*--db: '$name' is a URL*" "$FLASHLINE" attempts --db $name
done
expect 2 "*--db: 'postgres://u@host/x' is not on this machine: *" run --db postgres://u@host/x
expect 2 "*--db: ':memory:' keeps nothing: *" run --db :memory:
expect 2 "*--config: 'file:station.yaml' is a URL*" run --config file:station.yaml
printf 'station: a\ndatabase: file:x.db\n' >url.yaml
expect 4 "*url.yaml:2: database: 'file:x.db' is a URL: write the path alone, x.db" run --config url.yaml
printf 'policy:\n  backup_dir: https://host/x\n' >url.yaml
expect 4 "*url.yaml:2: backup_dir: 'https://host/x' is not on this machine*" run --config url.yaml
[ ! -e x.db ] && [ ! -e file:x.db ] || fail "a database was made of a URL"
good_job
seq 10000 >text.db
expect 4 '*text.db*' run --db text.db
mkdir folder.db
expect 4 '*folder.db*' run --db folder.db
expect 4 '*/proc/no/x.db*' run --db /proc/no/x.db
run --db newer.db >out 2>err || fail "a new database: $(cat err)"
sqlite3 newer.db 'PRAGMA user_version = 999'
before=$(sha256sum <newer.db)
expect 4 '*newer.db*' run --db newer.db
[ "$(sha256sum <newer.db)" = "$before" ] || fail "a newer database was changed"

# Configurations.
printf 'station: a\nstatoin: b\n' >station.yaml
expect 4 '*station.yaml:2: *statoin*' run --config station.yaml
printf 'slots:\n  - number: 1\n    port: tty:/dev/nosuch\npolicy:\n  lot_required: yes\n' >lot.yaml
expect 2 '*lot.yaml*--lot*' "$FLASHLINE" run --job ./job.yaml --config lot.yaml
printf 'slots:\n  - number: 1\n    port: tty:/dev/nosuch\npolicy:\n  operator_required: yes\n' >operator.yaml
expect 2 '*operator.yaml*--operator*' "$FLASHLINE" run --job ./job.yaml --config operator.yaml
expect 4 '*nosuch-station.yaml*' run --config nosuch-station.yaml

# Names stand in the records whole or not at all: at every door that takes one.
long=$(printf 'x%.0s' $(seq 300))
control=$(printf 'A\033[2J7')
state_before=$(find . -path "./state*" | sort)
for option in --lot --operator; do
    expect 2 "*$option*longer than 63 bytes*" run $option "$long"
    expect 2 "*$option*longer than 63 bytes*" run $option "${long:0:64}"
    expect 2 "*$option*empty*" run $option ''
    expect 2 "*$option*is blank*" run $option "$(printf ' \302\240')"
    expect 2 "*$option*control character*" run $option "$control"
    expect 2 "*$option*not UTF-8*" run $option "$(printf 'A\377')"
done
[ "$(find . -path "./state*" | sort)" = "$state_before" ] || fail "a name that is none left something behind"
run --db whole.db --lot "${long:0:63}" --operator "${long:0:63}" >out 2>err || fail "names of 63 bytes: $(cat err)"
[ "$(sqlite3 whole.db "SELECT count(*) FROM attempt a JOIN lot l ON l.id = a.lot_id JOIN operator o ON o.id = a.operator_id
    WHERE length(l.code) = 63 AND length(o.name) = 63")" = 2 ] || fail "names of 63 bytes are not recorded whole"
for name in "$long" ' ' "$control"; do
    expect 1 '*the name*' "$FLASHLINE" lots open "$name" --db whole.db
    expect 1 '*the name*' "$FLASHLINE" operator add "$name" --db whole.db
    expect 1 '*the work order*' "$FLASHLINE" lots open L-2 --work-order "$name" --db whole.db
    expect 1 '*the name of who asks*' "$FLASHLINE" lots open L-2 --operator "$name" --db whole.db
done
[ -z "$(sqlite3 whole.db "SELECT code FROM lot WHERE length(code) <> 63")" ] || fail "a lot was opened under no name"
# A job is called by its file, its firmware by its own: both whole.
cp job.yaml "${long:0:64}.yaml"
expect 4 "*name*" "$FLASHLINE" run --job "./${long:0:64}.yaml" --sim 1 --headless
cp good.tar.gz "${long:0:140}.tar.gz"
good_job "${long:0:140}.tar.gz"
expect 4 "*127 bytes*" run
expect 4 "*" "$FLASHLINE" flash "${long:0:140}.tar.gz" --sim --yes
write_job 'board: WiPy' 'chip: esp32' 'firmware:' "  archive: ${long:0:140}.tar.gz" '  name: good'
run --db named.db >out 2>err || fail "a job that names its firmware: $(cat err)"
good_job

# The command line.
expect 2 '*no slot is configured*' "$FLASHLINE" run --job ./job.yaml
for n in 0 -3 100000 12abc ''; do
    expect 2 "*--sim*" "$FLASHLINE" run --job ./job.yaml --sim "$n"
done
expect 2 "*--sim needs a value*" "$FLASHLINE" run --job ./job.yaml --sim
expect 2 "*unknown option '--simm'*--sim*" "$FLASHLINE" run --simm 3
expect 2 "*no verb 'rnu'*'run'*" "$FLASHLINE" rnu
expect 2 "*--job*" "$FLASHLINE" run --sim 2
expect 2 "*--sim*--slots*" run --slots 1
expect 2 "*slot 'left'*" "$FLASHLINE" run --job ./job.yaml --slots left
expect 2 "*nosuch*" run --sim-personality 1=nosuch
expect 2 "*--sim-dump: job.yaml: Not a directory*" run --sim-dump job.yaml
expect 2 "*--dump: job.yaml: Not a directory*" "$FLASHLINE-sim" --pty --dump job.yaml

# --json means the same in each verb: nothing but objects, one a line.
for words in 'stub' 'stub where' 'sim personalities' 'job list' 'explain 601' 'slots'; do
    # shellcheck disable=SC2086
    "$FLASHLINE" $words --json 2>err | python3 -c 'import json, sys
for line in sys.stdin: assert json.loads(line)["v"] == 1' || fail "$words --json is not JSON Lines"
done

# Output that does not arrive. A full disk is told; a reader who has seen enough is not.
for words in 'stub where' 'explain 601' 'job list' 'run --help'; do
    code=0
    # shellcheck disable=SC2086
    "$FLASHLINE" $words >/dev/full 2>err || code=$?
    [ $code = 3 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'could not be written' err || fail "$words >/dev/full: $code $(cat err)"
done
"$FLASHLINE" explain --all 2>err | head -n 1 >/dev/null || fail "explain | head ended with ${PIPESTATUS[0]}"
[ ! -s err ] || fail "explain | head: $(cat err)"
[ ! -e state ] || fail "something was recorded although nothing was done: $(find state)"
code=0
run >/dev/full 2>err || code=$?
[ $code = 5 ] && grep -q 'output cannot be written (No space' err || fail "run >/dev/full: $code $(cat err)"

# Lines without a screen say why a slot stands still.
"$FLASHLINE" run --job ./job.yaml --headless --slots tty:/dev/nosuch >out 2>err &
jobs_running+=($!)
wait_for out 'slot 1 *idle: 101 port is not there' && kill -INT $!
wait $! || true
finish
