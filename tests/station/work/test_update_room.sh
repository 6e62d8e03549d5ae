#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A database of the format before: it is kept, verified, under a name that is told; without room for that nothing is changed.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

# Of this format, and made one of format 9 by hand: a later format takes back here what its migration adds.
old() { # old FILE
    "$FLASHLINE" lots open A --db "$1" >/dev/null 2>err || fail "lots open: $(cat err)"
    [ "$(sqlite3 "$1" 'PRAGMA user_version')" = 10 ] || fail "undo the new migration in this test, too"
    sqlite3 "$1" "DROP TRIGGER attempt_closes_once; ALTER TABLE attempt DROP COLUMN efuse;
        ALTER TABLE attempt DROP COLUMN unit_data_sha256;
        CREATE TRIGGER attempt_closes_once BEFORE UPDATE ON attempt WHEN OLD.result <> 'OPEN' BEGIN SELECT RAISE(ABORT, 'closed'); END;
        DROP TABLE pool_value; DROP TABLE pool_block; DROP TABLE pool; PRAGMA user_version=9; PRAGMA wal_checkpoint(TRUNCATE);" >/dev/null
}
mkdir room
old room/f.db
"$FLASHLINE" lots open B --db room/f.db >out 2>err || fail "an update: $(cat err)"
[ "$(cat err)" = "flashline: room/f.db was brought up to date from format 9; as it was it is kept, verified: room/f.db.v9" ] ||
    fail "an update says: $(cat err)"
[ "$(sqlite3 -readonly room/f.db.v9 'PRAGMA user_version; SELECT group_concat(code) FROM lot')" = $'9\nA' ] || fail "the copy is another"
[ "$(stat -c %a room/f.db.v9)" = 600 ] || fail "the copy's mode: $(stat -c %a room/f.db.v9)"
[ ! -e room/f.db.v9.part ] || fail "a part is left"
"$FLASHLINE" lots open C --db room/f.db >out 2>err && [ ! -s err ] || fail "the next start says: $(cat err)"

# The copy is read by way of a restore to another file, as the one who asks it is told.
expect 4 "*room/f.db.v9: older format: *of a copy 'flashline db restore COPY --db OTHER' makes one that can be read*" "$FLASHLINE" db verify --db room/f.db.v9
"$FLASHLINE" db restore room/f.db.v9 --db room/other.db >out 2>err || fail "a restore of the copy: $(cat err)"
"$FLASHLINE" db verify --db room/other.db >out 2>err || fail "what was restored of the copy: $(cat out err)"
[ "$(sqlite3 -readonly room/f.db.v9 'PRAGMA user_version')" = 9 ] || fail "the copy was changed by its restore"

[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip "only root can make a small disk: no room was not tried"
tight() {
    mkdir tight
    mount -t tmpfs -o size=6m t tight
    cp start.db tight/f.db
    code=0
    "$FLASHLINE" lots open B --db tight/f.db >out 2>err || code=$?
    [ $code = 4 ] || { echo "ended with $code: $(cat out err)"; exit 1; }
    [ "$(wc -l <err)" = 1 ] && grep -q 'tight/f.db: the update to format [0-9]* keeps a copy first: it needs [0-9]* MiB free, [0-9]* MiB are: make room' err ||
        { cat err; exit 1; }
    cmp start.db tight/f.db || exit 1
    [ ! -e tight/f.db.v9 ] && [ ! -e tight/f.db.v9.part ] || { ls tight; exit 1; }
}
old start.db
export -f tight
unshare -m bash -c tight >said 2>&1 || fail "without room: $(cat said)"
finish
