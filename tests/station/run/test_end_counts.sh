#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The last line of a run is what a line controller goes by: its keys are those of docs/json.md, its counts those of the records,
# and a PASS that started over is told as one by every door and is no first pass.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
for tool in jq sqlite3; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done

make_archive good.tar.gz
printf '%s\n' 'board: WiPy' 'chip: esp32' 'firmware:' '  archive: good.tar.gz' >job.yaml
"$FLASHLINE" lots open L --planned 6 --db f.db --training >out 2>err || fail "lots open: $(cat err)"
run() { # run CODES SEED: good, started over (digest read wrong; a noisy line), silent, wrong chip, good
    local code=0
    "$FLASHLINE" run --job ./job.yaml --stub no --db f.db --lot L --sim 6 --sim-seed "$2" --sim-time virtual --json \
        --sim-personality 2=reads-wrong-once,3=flips-bits,4=silent,5=wrong-chip >run.jsonl 2>err || code=$?
    [[ $code =~ ^[$1]$ ]] || fail "the run ended with $code, none of $1: $(cat err)"
    tail -n 1 run.jsonl >end.json
}
sql() { sqlite3 -readonly f.db "SELECT coalesce(group_concat(n, ' '), '') FROM ($1)"; }
this="FROM attempt WHERE run_id = (SELECT max(id) FROM run) AND result <> 'OPEN'"
same() { [ "$2" = "$3" ] || fail "$1: told '$2', recorded '$3'"; }
judge() {
    same boards "$(jq .boards end.json)" "$(sql "SELECT count(*) AS n $this")"
    same passed_after_retry "$(jq .passed_after_retry end.json)" "$(sql "SELECT count(*) AS n $this AND result = 'PASS' AND retries > 0")"
    for result in PASS FAIL ERROR HOLD ABORTED INTERRUPTED; do
        same "$result" "$(jq .$result end.json)" "$(sql "SELECT count(*) AS n $this AND result = '$result'")"
    done
    same retries "$(jq -s '[.[] | select(.event == "result" and .attempt > 0)] | sort_by(.attempt) | map(.retries | tostring) | join(" ")' -r run.jsonl)" \
        "$(sql "SELECT retries AS n $this ORDER BY id")"
}

run 3 1
judge
[ "$(jq -c '[.boards, .PASS, .passed_after_retry, .not_started]' end.json)" = '[6,4,2,0]' ] || fail "the first run: $(cat end.json)"
"$FLASHLINE" yield --db f.db --training --json >yield.json 2>err || fail "yield: $(cat err)"
same 'first passes' "$(jq -c 'select(.event == "yield") | [.first_tries, .first_passes, .passes_after_retry]' yield.json)" \
    "$(sqlite3 -readonly f.db "SELECT '[' || count(*) || ',' || sum(result = 'PASS' AND retries = 0) || ',' ||
        sum(result = 'PASS' AND retries > 0) || ']' FROM attempt WHERE try_no = 1")"
[ "$(jq 'select(.event == "yield") | .first_passes' yield.json)" = 2 ] || fail "who started over is a first pass: $(cat yield.json)"

# A lot that is full: who is kept from starting is no board, and counted apart (which slots have the last two places is chance).
run 13 2
judge
jq -e '.not_started >= 1 and .boards + .not_started == 6' end.json >/dev/null || fail "a full lot: $(cat end.json)"

# Each key that is told is written, and the other way round.
sed -n 's/^| `end` | \([^|]*\) | \(.*\) |$/\2/p' "$SOURCE_DIR/docs/json.md" | grep -o '`[A-Za-z_]*`' | tr -d '`' | sort >written
jq -r 'keys[]' end.json | grep -vxE 'v|event|slot|t_ms|time' | sort >told
diff -u written told >diff.out || fail "docs/json.md has other keys of end: $(cat diff.out)"
finish
