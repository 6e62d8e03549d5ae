#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A unit whose records were archived would be unknown to whoever asks by MAC or by serial, and its lot without a trace of it.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
command -v jq >/dev/null || skip "jq is not installed"

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
printf '%s\n' SN-1 SN-2 >serials.csv
run() { "$FLASHLINE" run --job ./job.yaml --sim 2 --sim-time virtual --json --db f.db --lot "$1" "${@:2}" >run 2>err; }
run L1 --serials serials.csv || fail "the first run: $(cat err)"
mac=$(jq -r 'select(.event == "result" and .slot == 1) | .mac' run)
"$FLASHLINE" db archive --db f.db --before 2099-01-01 >said 2>err || fail "archive: $(cat err)"
file=$(cut -d: -f1 said)
file=${file##*/}
run L2 --sim-seed 7 || fail "the second run: $(cat err)"

# By MAC and by serial, for people and for programs, with the file's name.
for who in "$mac" SN-1; do
    "$FLASHLINE" unit "$who" --db f.db >story 2>err || fail "unit $who: $(cat err)"
    grep -qxF "in archive $file:" story || fail "unit $who does not name the file: $(cat story)"
    grep -q " PASS .*L1" story || fail "unit $who does not tell the attempt: $(cat story)"
    "$FLASHLINE" unit "$who" --db f.db --json >story 2>err || fail "unit $who --json: $(cat err)"
    jq -es --arg file "$file" --arg mac "$mac" '(map(select(.event == "archived")) == [{v: 1, event: "archived", file: $file,
        first_seq: 1, last_seq: 2, text: null}]) and (map(select(.event == "attempt")) | length == 1 and .[0].mac == $mac
        and .[0].serial == "SN-1" and .[0].result == "PASS")' story >/dev/null || fail "unit $who --json: $(cat story)"
done
expect 1 "*nothing is known of 'SN-9'*" "$FLASHLINE" unit SN-9 --db f.db

# Its lot says where it is, the other one does not.
"$FLASHLINE" lots --db f.db >list 2>err || fail "lots: $(cat err)"
grep -qxF "L1: a part of it is in archive $file" list || fail "lots does not name the file: $(cat list)"
if grep -q "^L2: " list; then fail "lots names an archive of L2: $(cat list)"; fi
"$FLASHLINE" lots --db f.db --json | jq -es --arg file "$file" 'all(if .lot == "L1" then .archives == [$file] else .archives == [] end)' \
    >/dev/null || fail "lots --json does not name the file"

# Whoever ships by an export is told that it has no archived units, of this lot or of all; of a lot without archives nothing is said.
ship() { "$FLASHLINE" export --db f.db --records units --shippable --format csv --replace -o ship.csv "$@" >out 2>err || fail "export $*: $(cat err)"; }
for chosen in '' '--lot L1' "--mac $mac" '--serial SN-1'; do
    # shellcheck disable=SC2086
    ship $chosen
    grep -q '^units in archives are not in ship.csv' err || fail "export $chosen is silent on archives: $(cat err)"
done
ship --lot L2
[ ! -s err ] || fail "export of a lot without archives says: $(cat err)"
"$FLASHLINE" export --db f.db --records units --format csv -o all.csv >out 2>err || fail "export: $(cat err)"
[ ! -s err ] || fail "an export of what was recorded says: $(cat err)"

# It can still be marked, and the mark stands beside what was archived.
"$FLASHLINE" unit "$mac" --db f.db --mark quarantine --reason "came back" >out 2>err || fail "mark: $(cat err)"
"$FLASHLINE" unit SN-1 --db f.db --json | jq -es 'any(.event == "attempt" and .mark == "QUARANTINE" and .mark_reason == "came back")
    and any(.event == "correction" and .kind == "QUARANTINE")' >/dev/null || fail "the mark of an archived unit is not told"
"$FLASHLINE" db verify --db f.db >out 2>err || fail "verify: $(cat out err)"

# A file that is not there, or is not what was made, is named with what to do; what else is known is told all the same.
mv "$file" away.db
"$FLASHLINE" unit SN-1 --db f.db >story 2>err || fail "unit without its archive ended with $?"
grep -qF "archive $file is not beside the database: put it back there" err || fail "said '$(cat err)'"
grep -q "QUARANTINE" story || fail "the later words are missing: $(cat story)"
"$FLASHLINE" unit SN-1 --db away.db >story 2>err || fail "the file by itself: $(cat err)"
cp away.db "$file"
chmod u+w "$file"
printf 'x' >>"$file"
"$FLASHLINE" unit "$mac" --db f.db --json >story 2>err || fail "unit with a changed archive ended with $?"
grep -qF "archive $file is not the file that was made" err || fail "said '$(cat err)'"
jq -es 'any(.event == "archived" and (.text | test("look for a copy"))) and all(.event != "attempt")' story >/dev/null ||
    fail "a changed file was believed: $(cat story)"
finish
