#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A copy of the database by hand, and the one that a run makes by itself once a day.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

make_archive good.tar.gz
cat >station.yaml <<END
database: $scratch/station.db
slots:
  - number: 1
    port: tty:/dev/nosuch
policy:
  backup_dir: $scratch/nightly
END
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
code=0
"$FLASHLINE" run --job ./job.yaml --config station.yaml --once --headless --stub no >out 2>err || code=$?
[ $code = 3 ] || fail "a run on a port that is not there: exit $code"
[ ! -s err ] || fail "the run said: $(cat err)"
copy=nightly/flashline-$(date +%F).db
[ -e "$copy" ] || fail "no daily copy: $(ls nightly)"
[ "$(sqlite3 -readonly "$copy" 'PRAGMA integrity_check')" = ok ] || fail "the daily copy is damaged"

"$FLASHLINE" db events --config station.yaml | grep -q "BACKUP.*verified copy: .*/nightly/flashline-" || fail "the copy is not noted"

"$FLASHLINE" backup --config station.yaml -o by-hand.db >out || fail "backup: exit $?"
[ "$(sqlite3 -readonly by-hand.db 'SELECT count(*) FROM attempt')" = 1 ] || fail "the copy lacks the attempt"

# A folder that cannot be: the boards go on, the station says so.
sed -i "s|nightly|station.db/nightly|" station.yaml
"$FLASHLINE" run --job ./job.yaml --config station.yaml --once --headless >out 2>err || true
grep -q 'nightly backup failed' err || fail "a backup that failed was not told: $(cat err)"
"$FLASHLINE" db events --config station.yaml | grep -q 'BACKUP.*nightly backup failed' || fail "a backup that failed is not noted"
finish
