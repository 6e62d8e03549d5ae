#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Other people's readers get out of our exports what went in: Python's csv, jq, the sqlite3 shell; nasty names included.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
for tool in python3 jq sqlite3; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
names=("=cmd|'/C calc'!A0" '+1+1' '-2' '@SUM(A1)' 'say "hi", twice' 'Grüße, 東京 🚀' 'abc שלום' "it's; DROP TABLE lot;--" ' lead' '00123' '1E5')
for i in "${!names[@]}"; do
    "$FLASHLINE" run --job ./job.yaml --sim 1 --sim-seed "$i" --sim-time virtual --headless --db f.db \
        --lot "${names[$i]}" --operator "${names[$i]}" >out 2>err || fail "run with ${names[$i]}: $(cat out err)"
done
printf '%s\0' "${names[@]}" >names
for name in $'two\nlines' $'\u202eabc'; do # what no record may hold
    "$FLASHLINE" run --job ./job.yaml --sim 1 --sim-time virtual --headless --db f.db --operator "$name" >out 2>err &&
        fail "a name that is not plain text was taken"
done

for format in csv jsonl sqlite; do
    "$FLASHLINE" export --db f.db --training --format $format -o out.$format >out 2>err || fail "export $format: $(cat err)"
    jq -e --arg sum "$(sha256sum out.$format | cut -d' ' -f1)" '.v == 1 and .sha256 == $sum and .rows == 11' \
        out.$format.manifest.json >/dev/null || fail "the manifest of $format is wrong: $(cat out.$format.manifest.json)"
done

python3 - <<'PYTHON' || fail "Python's csv reads something else"
import csv
names = open('names', encoding='utf-8').read().split('\0')[:-1]
with open('out.csv', newline='', encoding='utf-8') as file:
    raw = file.read()
    file.seek(0)
    rows = list(csv.DictReader(file, strict=True))
assert raw.count('\n') == raw.count('\r\n'), 'a line end is not CRLF'
assert len(rows) == len(names), len(rows)
for row, name in zip(rows, names):
    harmless = "'" + name if name[0] in '=+-@\t\r' else name
    for field in ('lot', 'operator'):
        assert row[field] == harmless, (row[field], harmless)
        assert row[field][0] not in '=+-@\t\r'
    assert row['result'] == 'PASS' and row['kind'] == 'TRAINING' and len(row['mac']) == 17
PYTHON

# For spreadsheets: the same rows in each dialect, read by Python's csv told no more than that dialect.
export_csv() { # export_csv NAME OPTION...
    local name=$1
    shift
    "$FLASHLINE" export --db f.db --training --format csv "$@" -o "$name.csv" >out 2>err || fail "export $*: $(cat err)"
}
export_csv de --excel de
export_csv en --excel en
export_csv own --csv-delimiter tab --decimal-comma
export_csv pipe --excel de --csv-delimiter '|'
export_csv comma --decimal-comma
export_csv hash --text-columns
jq -e '.delimiter == ";" and .bom and .decimal_comma and .text_columns' de.csv.manifest.json >/dev/null || fail "de: $(cat de.csv.manifest.json)"
jq -e '.delimiter == "," and (.bom or .decimal_comma or .text_columns | not) and .code == null and .slot == null and .from_ms == null
    and .to_ms == null and .newest == null and .lot == null and .training' out.csv.manifest.json >/dev/null ||
    fail "the filters of a plain export: $(cat out.csv.manifest.json)"
python3 - <<'PYTHON' || fail "Python's csv reads another thing in a dialect"
import csv, json
names = open('names', encoding='utf-8').read().split('\0')[:-1]
plain = [json.loads(line) for line in open('out.jsonl', encoding='utf-8')]
for name, delimiter, bom, comma, marked in (('de', ';', 1, 1, 1), ('en', ',', 1, 0, 1), ('own', '\t', 0, 1, 0),
                                            ('pipe', '|', 1, 1, 1), ('comma', ',', 0, 1, 0), ('hash', ',', 0, 0, 1)):
    raw = open(name + '.csv', 'rb').read()
    assert raw.startswith(b'\xef\xbb\xbf') == bool(bom), name
    assert raw.count(b'\n') == raw.count(b'\r\n'), name
    with open(name + '.csv', newline='', encoding='utf-8-sig') as file:
        rows = list(csv.DictReader(file, delimiter=delimiter, strict=True))
    assert len(rows) == len(plain) == len(names), name
    for row, want, text in zip(rows, plain, names):
        assert None not in row and None not in row.values(), (name, row)
        if marked:
            for field in ('lot', 'job_sha256'):
                assert row[field].startswith('="') and row[field].endswith('"'), (name, row[field])
                assert row[field][2:-1].replace('""', '"') == want[field], (name, row[field])
                assert '"' not in row[field][2:-1].replace('""', ''), (name, row[field])
            assert row['opened_utc'].replace(',', '.') == want['opened'].replace('T', ' ').rstrip('Z')
            assert (',' in row['opened_utc']) == bool(comma)
        else:
            assert row['lot'] == ("'" + text if text[0] in '=+-@' else text), (name, row['lot'])
            assert row['opened'] == want['opened']
        assert row['seconds'] == ('%.3f' % want['seconds']).replace('.', ',' if comma else '.'), (name, row['seconds'])
        assert row['attempt'] == str(want['attempt']) and row['result'] == 'PASS' and row['serial'] == ''
PYTHON
expect 2 '*a running attempt has no record to export yet*' "$FLASHLINE" export --db f.db --format csv --result open -o x
expect 2 '*go with --format csv' "$FLASHLINE" export --db f.db --format jsonl --excel de -o x
expect 2 "*'x' is none of*" "$FLASHLINE" export --db f.db --format csv --csv-delimiter x -o x
expect 2 "*';;' is none of*" "$FLASHLINE" export --db f.db --format csv --csv-delimiter ';;' -o x

# What is there stays, until somebody says otherwise: neither file is touched.
sum=$(sha256sum de.csv de.csv.manifest.json)
for format in csv jsonl sqlite; do
    expect 4 '*cannot write de.csv: it is there already; *--replace' "$FLASHLINE" export --db f.db --format $format -o de.csv
done
mv de.csv moved.csv
expect 4 '*cannot write de.csv.manifest.json: it is there already*' "$FLASHLINE" export --db f.db --format csv -o de.csv
mv moved.csv de.csv
[ "$(sha256sum de.csv de.csv.manifest.json)" = "$sum" ] || fail "a file that was there was changed"
for format in csv jsonl sqlite; do
    "$FLASHLINE" export --db f.db --format $format -o de.csv --replace >out 2>err || fail "--replace: $(cat err)"
done
[ "$(sha256sum de.csv)" != "${sum%%$'\n'*}" ] || fail "--replace changed nothing"
expect 4 '*it is there already*--replace' "$FLASHLINE" backup --db f.db -o de.csv

for i in "${!names[@]}"; do
    got=$(jq -rs --argjson i "$i" '.[$i].lot + "|" + .[$i].operator' out.jsonl; echo .)
    [ "$got" = "${names[$i]}|${names[$i]}"$'\n.' ] || fail "jq read '$got' for '${names[$i]}'"
done
jq -es 'all(.v == 1 and .record == "attempt" and .result == "PASS" and (.seconds | type == "number")
    and (.stage_ms | type == "object") and (.used_stub | type == "boolean"))' out.jsonl >/dev/null || fail "jq finds other types"

# A list shows a record as its export does, byte for byte but for the word that says which of the two it is.
"$FLASHLINE" export --db f.db --training --records units --format jsonl -o units.jsonl >out 2>err || fail "export units: $(cat err)"
"$FLASHLINE" attempts --db f.db --training --json >list 2>err || fail "attempts --json: $(cat err)"
sed 's/^{"v":1,"event":/{"v":1,"record":/' list | cmp - out.jsonl || fail "attempts --json says it otherwise than the export"
"$FLASHLINE" units --db f.db --training --json >list 2>err || fail "units --json: $(cat err)"
sed 's/^{"v":1,"event":/{"v":1,"record":/' list | sort | cmp - <(sort units.jsonl) || fail "units --json says it otherwise than the export"

for i in "${!names[@]}"; do
    hex=$(printf %s "${names[$i]}" | od -An -tx1 | tr -d ' \n' | tr a-f A-F)
    [ "$(sqlite3 -readonly out.sqlite "SELECT hex(code) FROM lot WHERE id = $((i + 1))")" = "$hex" ] || fail "sqlite3 reads another '${names[$i]}'"
done
[ "$(sqlite3 -readonly out.sqlite 'PRAGMA integrity_check')" = ok ] || fail "the snapshot is not whole"
[ "$(sqlite3 -readonly out.sqlite "SELECT count(*) FROM sqlite_schema WHERE name IN ('sector', 'backup', 'evidence')")" = 0 ] || fail "secrets left"

# Without --training nothing of it counts; filters reach every format.
"$FLASHLINE" export --db f.db --format csv -o none.csv >out 2>err || fail "empty export: $(cat err)"
[ "$(wc -l <none.csv)" = 1 ] || fail "training attempts were exported"
"$FLASHLINE" export --db f.db --training --lot '+1+1' --format sqlite -o one.sqlite >out 2>err || fail "filtered: $(cat err)"
[ "$(sqlite3 -readonly one.sqlite 'SELECT count(*) FROM attempt')" = 1 ] || fail "the filter did not reach the snapshot"

# What is no file stays what it is: rename() would put the export in a device's place.
mkfifo pipe
ln -s pipe link
for target in pipe link .; do
    for format in csv jsonl sqlite; do
        expect 4 "*cannot write $target: *name a file*" "$FLASHLINE" export --db f.db --format $format -o $target
    done
    expect 4 "*cannot write $target: *name a file*" "$FLASHLINE" backup --db f.db --replace -o $target
    expect 4 "*cannot write $target: *name a file*" "$FLASHLINE" db head --db f.db -o $target
done
expect 3 '*pipe could not be written*' "$FLASHLINE" archive demo pipe
[ -p pipe ] && [ -L link ] || fail "a pipe or a link was replaced"

# An edit with the shell is named.
sqlite3 f.db "DROP TRIGGER attempt_closes_once; UPDATE attempt SET result = 'FAIL' WHERE id = 7"
got=0
"$FLASHLINE" db verify --db f.db >out 2>err || got=$?
[ "$got" = 4 ] && [ ! -s out ] || fail "db verify ended with $got: $(cat out err)"
for line in 'record 7: attempt 7 was changed' 'the trigger attempt_closes_once is missing' 'lot number 7: its count of good boards'; do
    grep -q "^flashline db: $line" err || fail "db verify does not say '$line': $(cat err)"
done
tail -n 1 err | grep -q 'flashline db restore BACKUP' || fail "db verify does not say what to do: $(cat err)"
finish
