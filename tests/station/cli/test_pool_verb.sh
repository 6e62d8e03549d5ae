#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# flashline pool from end to end: at rest and through a running station, by the engineer alone, secrets never in clear.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
unset FLASHLINE_PIN

printf '%s\n' "database: $scratch/a.db" "pool_key: pool.key" >a.yaml
export FLASHLINE_CONFIG=$scratch/a.yaml
one() { jq -r "select(.pool == \"$1\") | [.kind, .free, .reserved, .verified, .spoiled, .lent, .low] | map(tostring) | join(\" \")" < <("$FLASHLINE" pool --json "${@:2}"); }
is() { [ "$1" = "$2" ] || fail "line ${BASH_LINENO[0]}: '$1' is not '$2'"; }

# Sources; each of them twice.
printf 'n;eui;board\n1;70B3D54990000001;\n2;70B3D54990000002;24:0a:c4:00:00:09\n' >eui.csv
expect 2 '*a new pool needs a kind*' "$FLASHLINE" pool import lora eui.csv
expect 4 "*eui.csv:1: 'n' is no EUI-64; where the first line has names: --heading" "$FLASHLINE" pool import lora eui.csv --kind eui64
expect 4 '*eui.csv:1: there is no column '\''mac'\''' "$FLASHLINE" pool import lora eui.csv --kind eui64 --column mac
is "$("$FLASHLINE" pool import lora eui.csv --kind eui64 --column eui --mac-column board --low-water 1)" \
    'pool lora: 2 values of kind eui64 from eui.csv, 0 were in it already'
is "$("$FLASHLINE" pool import lora eui.csv --column eui --mac-column board --json | jq -c '[.imported, .known]')" '[0,2]'
is "$(one lora)" 'eui64 1 0 1 0 0 true'
"$FLASHLINE" pool import sn --range SN-001..SN-010 --kind text >out || fail "a range"
mkdir certs && touch certs/u1 certs/u2 certs/practice
"$FLASHLINE" pool import certs certs >out || fail "a folder: $(cat out)"
is "$(one certs)" 'file 2 0 0 0 0 false'
expect 1 '*the pool is of kind eui64' "$FLASHLINE" pool import lora --range 1..3 --kind text
expect 1 '*eui.csv:2: 70:b3:d5:49:90:00:00:01 is in another pool: lora' "$FLASHLINE" pool import lora2 eui.csv --kind eui64 --column eui --reason '2nd'
[ "$("$FLASHLINE" pool --json | jq -r .pool | tr '\n' ' ')" = 'certs lora sn ' ] || fail "a refused import made a pool"

# Practice has pools of its own, in its own records.
"$FLASHLINE" pool import trial --range SN-01..SN-50 --kind text --training >out || fail "for practice: $(cat out)"
is "$("$FLASHLINE" pool --json --training | jq -r '"\(.pool) \(.free)"')" 'trial 50'
[ "$("$FLASHLINE" pool --json | jq -r .pool | tr '\n' ' ')" = 'certs lora sn ' ] || fail "a pool for practice stands among the others"
"$FLASHLINE" attempts --training >out || fail "that is no database of practice: $(cat out)"

# Secrets: a key first; then nowhere but where they are asked for.
secret=00112233445566778899aabbccddeeff
printf '%s\n' $secret 00112233445566778899aabbccddee00 >keys.csv
expect 4 '*cannot read the key file*' "$FLASHLINE" pool import keys keys.csv --kind hex:16 --secret
"$FLASHLINE" pool key >out || fail "a key: $(cat out)"
is "$(stat -c %a pool.key)" 600
expect 4 '*cannot make the key file*: File exists' "$FLASHLINE" pool key
expect 4 '*' "$FLASHLINE" pool key a.db-wal
"$FLASHLINE" pool import keys keys.csv --kind hex:16 --secret >out || fail "secrets: $(cat out)"
is "$("$FLASHLINE" pool import keys keys.csv --json | jq -c '[.imported, .known]')" '[0,2]'
"$FLASHLINE" pool show keys >shown
"$FLASHLINE" pool show keys --json >>shown
"$FLASHLINE" db audit >>shown
"$FLASHLINE" pool export keys -o keys.out >>shown
"$FLASHLINE" export --format sqlite -o records.db >>shown
cat a.db* keys.out records.db >>shown
grep -aqi "$secret" shown && fail "a secret stands in clear"
"$FLASHLINE" pool show keys --reveal | grep -q "$secret" || fail "a secret that was asked for is not shown"
chmod 644 pool.key
expect 4 '*others may read the key file*chmod 600*' "$FLASHLINE" pool show keys --reveal
chmod 600 pool.key
"$FLASHLINE" pool spoil keys $secret --reason 'was seen by others' 2>err || fail "spoiling a secret: $(cat err)"
is "$(one keys)" 'hex:16 1 0 0 1 0 false'

# The engineer's, with a PIN, from here on.
FLASHLINE_NEW_PIN=135790 "$FLASHLINE" operator add en1 --role engineer >/dev/null 2>err || fail "enrolling: $(cat err)"
for act in 'import sn --range SN-011..SN-012' 'spoil sn SN-001 --reason why' 'lend sn 2 --to other -o block' 'show keys --reveal' 'key other.key'; do
    # shellcheck disable=SC2086
    expect 1 '*needs the engineer'\''s PIN' "$FLASHLINE" pool $act
done
is "$(one sn)" 'text 10 0 0 0 0 false'
[ ! -e block ] && [ ! -e other.key ] || fail "something was written without leave"
export FLASHLINE_PIN=135790
expect 2 '*needs a reason*' "$FLASHLINE" pool spoil sn SN-001
expect 1 '*there is no such value in pool sn' "$FLASHLINE" pool spoil sn SN-999 --reason why

# Through a running station: the same words.
make_archive good.tar.gz
"$FLASHLINE" run --job good.tar.gz --db a.db --sim 1 --headless --json >run.out 2>run.err </dev/null &
jobs_running+=($!)
wait_for run.out '"stage"'
"$FLASHLINE" pool import sn --range SN-011..SN-012 >out || fail "beside a station: $(cat out)"
is "$(cat out)" 'pool sn: 2 values of kind text from SN-011..SN-012, 0 were in it already'
[ -z "$(ls a.db.import-* 2>/dev/null)" ] || fail "what was handed in is left: $(ls)"
"$FLASHLINE" pool spoil sn SN-001 --reason 'label torn' 2>err || fail "spoil: $(cat err)"
"$FLASHLINE" pool lend sn 3 --to line-2 -o block >out || fail "lend: $(cat out)"
is "$(one sn)" 'text 8 0 0 1 3 false'
kill "${jobs_running[0]}" && wait "${jobs_running[0]}" || true
expect 4 '*it is there already*' "$FLASHLINE" pool lend sn 1 --to line-2 -o block
is "$(one sn)" 'text 8 0 0 1 3 false'

# The block: for that station alone, once; written again, never lent again.
is "$(grep -c $'^FREE\t' block)" 3
uuid=$(sed -n 's/^block //p' block)
cp block first && rm block
"$FLASHLINE" pool lend --again "$uuid" -o block >out && cmp first block || fail "the block written again is another"
expect 1 '*was taken in already, or was lent by this station' "$FLASHLINE" pool take block
sqlite3 a.db 'PRAGMA wal_checkpoint' >/dev/null 2>&1 || true
printf '%s\n' 'station: line-2' >b.yaml
"$FLASHLINE" run --job good.tar.gz --config b.yaml --db b.db --sim 1 --sim-time virtual --once --headless >out 2>err || fail "the other station: $(tail -n 2 err)"
expect 4 '*or not all of one' "$FLASHLINE" pool take eui.csv --db b.db
is "$("$FLASHLINE" pool take block --db b.db --config b.yaml)" "pool sn: 3 values of kind text from station $(sed -n 's/^from //p' block), 0 were in it already"
expect 1 '*was taken in already*' "$FLASHLINE" pool take block --db b.db --config b.yaml
is "$(one sn --db b.db --config b.yaml)" 'text 3 0 0 0 0 false'

# What boards have.
"$FLASHLINE" pool export lora -o pairs.csv >out || fail "export: $(cat out)"
is "$(sed 's/20[^,]*Z/T/' pairs.csv | tr -d '\r' | tr '\n' ' ')" 'mac,value,attempt,time,state 24:0a:c4:00:00:09,70:b3:d5:49:90:00:00:02,,T,VERIFIED '
is "$("$FLASHLINE" pool show lora 240ac4000009 --json | jq -r .value)" 70:b3:d5:49:90:00:00:02
is "$("$FLASHLINE" pool show lora 70-B3-D5-49-90-00-00-02 --json | jq -r .mac)" 24:0a:c4:00:00:09
expect 1 '*no value of pool lora is*' "$FLASHLINE" pool show lora 24:0a:c4:00:00:01
expect 1 '*there is no pool '\''nope'\''' "$FLASHLINE" pool show nope
for db in a b; do "$FLASHLINE" db verify --db $db.db >out 2>err || fail "$db.db: $(cat out err)"; done
finish
