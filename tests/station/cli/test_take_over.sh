#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# An operator's account and the programme's own verbs: the station cannot be taken over by putting one's own database, with
# one's own engineer, in the place of the live one.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
unset FLASHLINE_PIN

live=$XDG_STATE_HOME/flashline/flashline.db
FLASHLINE_NEW_PIN=135790 "$FLASHLINE" operator add en1 --role engineer >out 2>err || fail "enrolling: $(cat err)"
"$FLASHLINE" lots open A-17 --planned 5 >out 2>err || fail "lot: $(cat err)"
place=$(stat -c %i "$live")
mine() { setsid -w "$FLASHLINE" "$@" </dev/null; } # nobody to ask for a PIN
untouched() {
    [ "$(stat -c %i "$live")" = "$place" ] || fail "after $1 another file is in the database's place"
    [ ! -e "$live.before-restore-1" ] || fail "$1 moved the database"
    [ "$("$FLASHLINE" operator --json | jq -r .name)" = en1 ] || fail "after $1: $("$FLASHLINE" operator)"
    [ "$("$FLASHLINE" lots --json | jq -r .lot)" = A-17 ] || fail "after $1: $("$FLASHLINE" lots)"
}

# A database of one's own, which anybody may make; the next two are the take-over.
FLASHLINE_NEW_PIN=666666 mine operator add M --role engineer --db mine.db >out 2>err || fail "a database of one's own: $(cat err)"
expect 4 '*is never written over*' mine export --format csv -o "$live"
untouched 'the export'
expect 1 '*needs the engineer*PIN*' mine db restore mine.db --reason x
untouched 'the restore'
# An engineer, but not of this station: refused, and the wrong PIN is counted and audited in the file itself.
FLASHLINE_PIN=666666 mine db restore mine.db --reason x >out 2>err && fail "the other engineer's PIN opened this station"
grep -q 'not an engineer' err || fail "the other engineer's PIN said: $(cat err)"
untouched "the other engineer's PIN"
# By every other way to the same place.
ln -s "$live" soft.db
ln "$live" hard.db
for to in soft.db hard.db "$live-wal" "$live.lock" "$XDG_STATE_HOME/flashline/../flashline/flashline.db"; do
    for format in csv jsonl sqlite; do
        mine export --format $format -o "$to" --db mine.db >out 2>err && fail "export --format $format -o $to was done"
    done
    mine backup -o "$to" --replace --db mine.db >out 2>err && fail "backup -o $to was done"
    mine archive demo "$to" >out 2>err && fail "archive demo $to was done"
done
rm soft.db hard.db
untouched 'the other names'

# What is damaged asks its own people still, and what cannot be read asks root: run as somebody else where that can be.
cp "$live" keep.db
page=$(sqlite3 -readonly "file:keep.db?immutable=1" "SELECT rootpage - 1 FROM sqlite_schema WHERE name = 'audit'")
dd if=/dev/urandom of="$live" bs=4096 seek="$page" count=1 conv=notrunc status=none
FLASHLINE_PIN=666666 mine db restore mine.db --reason x >out 2>err && fail "a damaged page opened the station"
grep -q 'PIN' err || fail "a damaged page said: $(cat err)"
if [ "$(id -u)" = 0 ]; then
    chmod 755 "$scratch" && chown -R 65534:65534 "$scratch"
    nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups setsid -w "$FLASHLINE" "$@" </dev/null; }
else
    skip_row "not root: a stranger's part is played by ourselves"
    nobody() { mine "$@"; }
fi
dd if=/dev/urandom of="$live" bs=4096 count=1 conv=notrunc status=none
FLASHLINE_PIN=666666 nobody db restore mine.db --reason x >out 2>err && fail "a wreck opened the station"
grep -q 'only root' err || fail "a wreck said: $(cat err)"
rm "$live"
FLASHLINE_PIN=666666 nobody db restore mine.db --reason x >out 2>err && fail "a removed database opened the station"
grep -q 'only root' err || fail "a removed database said: $(cat err)"
FLASHLINE_NEW_PIN=666666 nobody operator add M --role engineer >out 2>err && fail "a new database was made in silence"
grep -q 'is gone' err || fail "a removed database said: $(cat err)"
finish
