#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Started without standard input, output or error, no programme writes what was meant for a person into a file it opened.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

exec 3>&1 # for what fails while there is no output
make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
run() { "$FLASHLINE" run --job ./job.yaml --sim 2 --sim-time virtual --db t.db "$@"; }
# sound WHAT: the records can be read, and nothing in them, or beside them, was meant for a terminal
sound() {
    [ "$(sqlite3 -readonly t.db 'PRAGMA integrity_check' 2>&1)" = ok ] || fail "$1: the database is damaged"
    "$FLASHLINE" db check --db t.db >out 2>err || fail "$1: db check: $(cat out err)"
    if grep -aqs 'draining\|"event":\|slot [12]  *\(busy\|PASS\)\|cannot be written' t.db t.db-wal t.db.lock good.tar.gz job.yaml; then
        fail "$1: words for a person in a file"
    fi
}
# ends CODE COMMAND..: the code; what it says is not looked at
ends() {
    local want=$1 got=0
    shift
    "$@" || got=$?
    [ "$got" = "$want" ] || fail "$* ended with $got, not $want" >&3
}

ends 0 run --headless >out 2>err
for form in --headless --json; do
    # Nobody can see it, so no new boards start: 5, as for a reader that went away.
    ends 5 run $form 0<&- 1>&- 2>&-
    sound "run $form without all three"
    ends 5 run $form 1>&-
    sound "run $form without output"
    ends 0 run $form >out 2>&-
    sound "run $form without error"
    ends 0 run $form 0<&- >out 2>err
    sound "run $form without input"
done 2>>errors

# What should have been said is lost: no success. Nothing was to be said on stderr: that is no loss.
ends 3 "$FLASHLINE" units --db t.db --training 1>&- 2>err
grep -q 'could not be written' err || fail "units without output said: $(cat err)"
ends 0 "$FLASHLINE" units --db t.db --training 2>&- >out
ends 4 "$FLASHLINE" export --format csv --db nosuch.db -o o.csv 0<&- 1>&- 2>&-
ends 0 "$FLASHLINE" slots label 1 0<&- 2>&- --help >out
ends 3 "$FLASHLINE" backup --db t.db -o copy.db 0<&- 1>&- 2>&-
[ ! -e copy.db ] || "$FLASHLINE" db check --db copy.db >out 2>err || fail "the backup: $(cat out err)"
sound "other verbs"
finish
