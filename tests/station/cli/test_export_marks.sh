#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# Whoever ships by an export must see who is kept back, and where a board comes from: the same in every form, by other readers.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
for tool in python3 jq sqlite3; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
flashline() { "$FLASHLINE" "$@" >said 2>err || fail "flashline $1: $(cat said err)"; }
flashline lots open M-1 --planned 9 --work-order WO-7 --db f.db
flashline run --job ./job.yaml --sim 3 --sim-time virtual --json --db f.db --lot M-1 --operator anna
mapfile -t macs < <(jq -r 'select(.event == "result") | .mac' said | sort)
[ "${#macs[@]}" = 3 ] || fail "not three boards: ${macs[*]}"
flashline unit "${macs[0]}" --db f.db --mark quarantine --reason 'dull, "solder"' --operator anna
flashline unit "${macs[1]}" --db f.db --mark scrap --reason burnt --operator anna
flashline unit "${macs[1]}" --db f.db --mark release --reason 'was another' --operator anna
flashline unit "${macs[2]}" --db f.db --mark note --reason 'looked at' --operator anna

for records in attempts units; do
    for format in csv jsonl sqlite; do
        flashline export --db f.db --training --records $records --format $format -o $records.$format
    done
    python3 - $records "${macs[@]}" <<'PYTHON' || fail "the marks of $records are others"
import csv, json, re, sys
records, macs = sys.argv[1], sys.argv[2:]
expected = {macs[0]: ('QUARANTINE', 'dull, "solder"', 'anna'), macs[1]: ('RELEASE', 'was another', 'anna'), macs[2]: ('', '', '')}
csv_rows = list(csv.DictReader(open(records + '.csv', newline='', encoding='utf-8'), strict=True))
json_rows = [json.loads(line) for line in open(records + '.jsonl', encoding='utf-8')]
for rows in csv_rows, json_rows:
    assert len(rows) == 3, len(rows)
    for row in rows:
        got = tuple(row[name] or '' for name in ('mark', 'mark_reason', 'marked_by'))
        assert got == expected[row['mac']], (row['mac'], got)
        assert bool(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', row['marked'] or '')) == bool(got[0]), row['marked']
        assert (row['lot'], row['work_order'], row['operator']) == ('M-1', 'WO-7', 'anna'), row
        assert row['station'], 'no station'
PYTHON
    # The snapshot needs no more than its own views.
    got=$(sqlite3 $records.sqlite "SELECT lower(hex(u.mac)) || ' ' || coalesce(m.mark, '-') FROM unit u LEFT JOIN unit_mark m
        ON m.unit_id = u.id ORDER BY u.mac")
    want=$(printf '%s QUARANTINE\n%s RELEASE\n%s -\n' "${macs[0]//:/}" "${macs[1]//:/}" "${macs[2]//:/}")
    [ "$got" = "$want" ] || fail "the snapshot of $records says '$got'"
done

# Practice is shipped by nobody; and the filter is for units alone.
flashline units --shippable --db f.db --training
[ "$(wc -l <said)" = 1 ] || fail "boards of practice are shippable: $(cat said)"
expect 2 '*--shippable goes with --records units*' "$FLASHLINE" export --db f.db --shippable --format csv -o x.csv
expect 2 '*--shippable goes with --records units*' "$FLASHLINE" export --db f.db --shippable --records units --format sqlite -o x.db
flashline export --db f.db --shippable --records units --format jsonl -o ship.jsonl
jq -e '.shippable == true and .rows == 0' ship.jsonl.manifest.json >/dev/null || fail "the manifest does not say what was asked for"
finish
