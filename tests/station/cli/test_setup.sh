#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# `flashline setup`: by options as an image of many PCs would, by hand at a terminal, and once more over what is there: nothing is
# lost, nothing is written by half, and a bad answer is one line.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
file=$scratch/config/flashline/station.yaml
[ ! -e /etc/flashline/station.yaml ] || skip "this machine is a station: /etc/flashline/station.yaml"
own=(--config "$file")

# Nobody to ask: what lacks is named, and nothing is made.
expect 2 "*say --name --database --slots --engineer (with --pin-file) --backup, or --yes*" "$FLASHLINE" setup "${own[@]}"
expect 2 "*say --slots --backup, or --yes*" "$FLASHLINE" setup "${own[@]}" --name a --database b.db --engineer karl
expect 2 "*--pin-file is the PIN of --engineer*" "$FLASHLINE" setup "${own[@]}" --yes --pin-file x
[ ! -e "$file" ] && [ ! -e b.db ] || fail "a refused setup left something"

# Each bad answer is one line with what to do; nothing is made of the good ones beside it.
echo 12345 >short
echo 246810 >pin
chmod 600 short pin
echo text >text
bad() { # bad PATTERN OPTION...
    local pattern=$1
    shift
    expect 2 "flashline setup: $pattern" "$FLASHLINE" setup "${own[@]}" --yes "$@"
}
bad "--name: the name is longer than 63 bytes" --name "$(printf 'x%.0s' {1..64})"
bad "--name: the name has a control character*" --name $'a\nb'
bad "--name: the name has a slash*" --name 'line/3'
bad "--name: the name has a slash*" --name 'line\3'
bad "--name: the name begins with '-'*" --name=-x
bad "--engineer: the name has a slash*" --engineer a/b --pin-file pin
bad "--database: 'missing/../x.db' leads up from a folder that is not there*" --database missing/../x.db
bad "--database: $scratch is a folder*" --database "$scratch"
bad "--database: * is there, and is no database" --database text
bad "--database: *sqlite:///x*" --database sqlite:///x.db
bad "--database: /dev/null is no folder" --database /dev/null/x.db
bad "--slots: 'x' is not NUMBER=PORT*" --slots x
bad "--slots: '65=1-2' is not NUMBER=PORT*" --slots 65=1-2
bad "--slots: slot 1 is there twice" --slots 1=1-2,1=1-3
bad "--slots: ftdi:1-2:A is slot 1 and slot 2" --slots 1=1-2,2=1-2:A
bad "--slots: slot 1: 'COM3' *" --slots 1=COM3
bad "--slots: '' is not NUMBER=PORT*" --slots 1=1-2,
bad "--backup: * is no folder" --backup text/x
bad "--engineer: the name *" --engineer "$(printf 'a\u200bb')" --pin-file pin
bad "--engineer: there is no terminal to ask for the PIN: say --pin-file" --engineer karl
bad "--pin-file: none: No such file or directory" --engineer karl --pin-file none
bad "--pin-file: short: a PIN has six digits or more*" --engineer karl --pin-file short
bad "--database and --db are the same: say one" --database a.db --db b.db
[ ! -e "$file" ] && [ ! -e "$scratch/state" ] || fail "a refused setup left something: $(find . -name station.yaml)"

# An image of many PCs: all by options. The file is what config and a reader of YAML take it for, with its comments.
"$FLASHLINE" setup "${own[@]}" --name 'line "3"' --database "$scratch/d/records.db" --slots '1=1-2.3,2=1-2.4:B,12=tty:/dev/ttyUSB0' \
    --engineer karl --pin-file pin --backup "$scratch/second/copies" --yes >out 2>err </dev/null || fail "setup: $(cat err)"
[ ! -s err ] || fail "setup says: $(cat err)"
grep -qF "$file is written." out || fail "setup does not tell its file: $(cat out)"
[ "$(grep -c '^ *#' "$file")" -ge 8 ] || fail "the file is not commented: $(cat "$file")"
[ -d second/copies ] || fail "the folder of backups was not made"
python3 - "$file" >said <<'END' || true
import sys
try:
    import yaml
except ImportError:
    sys.exit(0)
print(yaml.safe_load(open(sys.argv[1])))
END
if [ -s said ]; then
    grep -qF "'station': 'line \"3\"'" said && grep -qF "{'number': 2, 'port': 'ftdi:1-2.4:B'}" said || fail "YAML says: $(cat said)"
else
    skip_row "python3-yaml is not installed: no other reader of YAML was asked"
fi
"$FLASHLINE" slots "${own[@]}" --json >slots || fail "slots: $(cat slots)"
for port in ftdi:1-2.3:A ftdi:1-2.4:B tty:/dev/ttyUSB0; do grep -qF "\"port\":\"$port\"" slots || fail "no $port: $(cat slots)"; done
"$FLASHLINE" operator "${own[@]}" | grep -qE '^karl +engineer +- +yes +active' || fail "karl is no engineer"
"$FLASHLINE" db check "${own[@]}" >/dev/null || fail "the database is not well"
expect 1 "*" "$FLASHLINE" lots "${own[@]}" close X
FLASHLINE_PIN=135791 expect 1 "*" "$FLASHLINE" lots "${own[@]}" reopen X --reason none

# What was not written whole is said whole, and stands whole in the file: the working folder of whoever reads it is another.
mkdir -p real/deep
ln -s real/deep link
"$FLASHLINE" setup --config whole.yaml --database rel.db --backup link/.././/copies --yes >out </dev/null || fail "relative: $(cat out)"
grep -qx "database is $scratch/rel.db" out && grep -qx "backup is $scratch/real/copies" out || fail "relative paths are not told: $(cat out)"
grep -qF "database: \"$scratch/rel.db\"" whole.yaml && grep -qF "backup_dir: \"$scratch/real/copies\"" whole.yaml ||
    fail "relative paths: $(cat whole.yaml)"
grep -q 'flashline stub install FILE' out || fail "without a helper program nothing says how one gets here: $(cat out)"

# Where there is a folder for all who work here, records are proposed there.
mkdir shared
FLASHLINE_STATE_DIR=$scratch/shared "$FLASHLINE" setup --config shared.yaml --yes >out </dev/null || fail "setup: $(cat out)"
grep -qF "database: \"$scratch/shared/flashline.db\"" shared.yaml || fail "the station's folder is not proposed: $(cat shared.yaml)"

# Once more: what is there is kept, to the byte; one answer changes one thing.
cp "$file" before
"$FLASHLINE" setup "${own[@]}" >out </dev/null || fail "setup again: $?"
cmp "$file" before && grep -q 'says all of that already' out || fail "setup again: $(cat out)"
"$FLASHLINE" setup "${own[@]}" --engineer karl --slots 1=1-2.3 --yes >out </dev/null || fail "setup with the same answers"
cmp "$file" before && grep -q 'karl is an engineer already' out || fail "the same answers: $(cat out)"
printf '# mine\nbell_command: "true" # ours\n' >>"$file"
cp "$file" mine
expect 1 "*PIN*" "$FLASHLINE" setup "${own[@]}" --name other
expect 1 "*PIN*" "$FLASHLINE" setup "${own[@]}" --database elsewhere.db
cmp "$file" mine || fail "a refused setup changed the file"
FLASHLINE_PIN=246810 "$FLASHLINE" setup "${own[@]}" --name other --json >out </dev/null || fail "another name"
sed 's/^station: .*/station: "other"/' before >wanted
printf '# mine\nbell_command: "true" # ours\n' >>wanted
cmp "$file" wanted || fail "another name changed more: $(diff "$file" wanted)"
jq -e '.event == "setup" and .written and (.new | not) and .station == "other" and .slots == 3 and .engineer == null' out >/dev/null ||
    fail "setup --json: $(cat out)"
cp "$file" before
bad "--slots: slot 1 is ftdi:1-2.3:A already*" --slots 1=1-9
# The engineer's from now on, and another engineer too.
expect 1 "*PIN*" "$FLASHLINE" setup "${own[@]}" --slots 3=1-3.1
expect 1 "*PIN*" "$FLASHLINE" setup "${own[@]}" --engineer lena --pin-file pin
cmp "$file" before || fail "a refused engineer changed the file"
FLASHLINE_PIN=246810 "$FLASHLINE" setup "${own[@]}" --slots 3=1-3.1 >out </dev/null || fail "slot 3: $(cat out)"
[ "$(diff before "$file" | grep -c '^<')" = 0 ] && grep -qF '"ftdi:1-3.1:A"' "$file" || fail "slot 3: $(diff before "$file")"
"$FLASHLINE" db audit "${own[@]}" >audit
grep -q 'station.setup station.yaml' audit && grep -q 'now  slots$' audit || fail "setup is not audited: $(cat audit)"

# What cannot be written is told, and the file stays whole.
if [ "$(id -u)" != 0 ]; then
    chmod 500 config/flashline
    expect 4 "*" "$FLASHLINE" setup "${own[@]}" --name third
    chmod 700 config/flashline
fi
echo 'slots: [' >broken.yaml
expect 4 "flashline setup: broken.yaml:*" "$FLASHLINE" setup --config broken.yaml --yes
[ "$(cat broken.yaml)" = 'slots: [' ] || fail "a broken file was written over"

# By hand, at a terminal: a bad answer is told and asked for again, Ctrl-D leaves all as it is.
cat >typist.py <<'END'
import os, pty, select, sys, time
steps = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen, at, end = "", 0, time.monotonic() + 60
for wait, keys in steps:
    while wait not in seen[at:]:
        if time.monotonic() > end or not select.select([fd], [], [], 60)[0]:
            sys.exit("no '%s' in: %s" % (wait, seen))
        try:
            got = os.read(fd, 65536)
        except OSError:
            sys.exit("it ended before '%s': %s" % (wait, seen))
        seen += got.decode("utf-8", "replace")
    at = seen.index(wait, at) + len(wait)
    os.write(fd, keys.encode().decode("unicode_escape").encode())
while True:
    try:
        got = os.read(fd, 65536)
    except OSError:
        break
    if not got:
        break
    seen += got.decode("utf-8", "replace")
print(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
by_hand() { python3 typist.py "$@"; }
printf '%s\t%s\n' 'Name of the station [' '\x04' >left
code=0
by_hand left "$FLASHLINE" setup --config left.yaml >out || code=$?
[ $code = 5 ] && [ ! -e left.yaml ] || fail "Ctrl-D: exit $code: $(cat out)"
printf '%s\t%s\n' 'Name of the station [' 'a\u200bb\n' 'cannot be seen' '' 'Name of the station [' 'line-7\n' \
    'Database of the records [' '/dev/null/no.db\n' 'no folder' '' 'Database of the records [' "$scratch/hand.db\\n" \
    'Slots:' '1=COM3\n' 'Slots:' '1=1-2.3,2=1-2.4\n' \
    'Engineer' 'karl\n' 'PIN of karl' '\n' 'Engineer' 'lena\n' 'PIN of lena' '12\n' 'once more' '12\n' 'six digits' '' 'PIN of lena' '135790\n' 'once more' '135791\n' \
    'not the same' '' 'PIN of lena' '135790\n' 'once more' '135790\n' 'Folder' '/dev/null/copies\n' 'no folder' '' \
    'Folder' '\n' 'Write it so?' 'what\n' 'Say y or n' '' \
    'Write it so?' '\n' 'Practise' 'n\n' >steps
by_hand steps "$FLASHLINE" setup --config hand.yaml >out || fail "by hand: $(cat out)"
! grep -q 135790 out || fail "the PIN stands on the screen"
grep -q '^station: "line-7"$' hand.yaml && grep -q "^database: \"$scratch/hand.db\"$" hand.yaml &&
    grep -q '^  # backup_dir: ' hand.yaml && grep -q 'port: "ftdi:1-2.4:A"' hand.yaml || fail "by hand: $(cat hand.yaml)"
"$FLASHLINE" operator --config hand.yaml | grep -q '^lena ' || fail "lena is not enrolled"
"$FLASHLINE" operator --config hand.yaml | grep -q '^karl ' && fail "karl was a mistake, and is enrolled"

# Back to the questions: what was answered is proposed, each can be taken back, and until the last yes nothing is there.
printf '%s\t%s\n' 'Name of the station [' 'line-8\n' 'Database of the records [' 'back.db\n' "That is $scratch/back.db" '' 'Slots:' '1=1-2.3\n' \
    'Engineer' 'karl\n' 'PIN of karl' '135790\n' 'once more' '135790\n' 'Folder' 'night\n' "That is $scratch/night" '' \
    'karl' '' 'Write it so?' 'b\n' \
    'Name of the station [line-8]' 'line-9\n' "Database of the records [$scratch/back.db]" '\n' 'the 1 you gave before' '-\n' \
    '-: nobody yet [karl]' '-\n' "-: none [$scratch/night]" '-\n' \
    'slots     0' '' 'engineer  nobody' '' 'backups   none' '' 'Write it so?' 'b\n' \
    'Name of the station [line-9]' '\n' "Database of the records [$scratch/back.db]" '\n' 'Slots:' '\n' 'Enter: nobody yet' '\n' 'Folder' '\n' \
    'Write it so?' 'y\n' 'Practise' 'n\n' >steps
by_hand steps "$FLASHLINE" setup --config back.yaml >out || fail "back to the questions: $(cat out)"
grep -q '^station: "line-9"$' back.yaml && grep -q "^database: \"$scratch/back.db\"$" back.yaml && grep -q '^  # backup_dir: ' back.yaml ||
    fail "after all: $(cat back.yaml)"
[ ! -e back.db ] && [ ! -e night ] || fail "what was taken back was made"
printf '%s\t%s\n' 'Name of the station [' '\n' 'Database of the records [' "$scratch/no.db\\n" 'Slots:' '\n' 'Engineer' '\n' 'Folder' '\n' \
    'Write it so?' 'n\n' >steps
code=0
by_hand steps "$FLASHLINE" setup --config no.yaml >out || code=$?
[ $code = 5 ] && [ ! -e no.yaml ] && [ ! -e no.db ] || fail "n: exit $code: $(cat out)"

finish
