#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# A time that a list prints, given back to --time, finds that row and no other: in five zones, and on the days on which
# their clocks change, where two rows an hour apart have the same time of day.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
[ -e /usr/share/zoneinfo/Pacific/Chatham ] || skip "there are no zones here (package tzdata)"
command -v sqlite3 >/dev/null || skip "sqlite3 is not installed"

make_archive good.tar.gz
"$FLASHLINE" run --job good.tar.gz --sim 8 --sim-time virtual --once --headless --db made.db >out 2>err || fail "run: $(tail -n 2 err)"
# Read by a copy in which an attempt may be given another time.
"$FLASHLINE" backup --db made.db -o copy.db >out || fail "backup: $(cat out)"
sqlite3 copy.db "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_master WHERE type = 'trigger'" >drop.sql
sqlite3 copy.db <drop.sql

# rows ZONE TIME...: the attempts are opened then; what the list says is found again, alone, and by a programme's UTC too.
rows() {
    local zone=$1 id=0 text
    shift
    for text in "$@"; do
        id=$((id + 1))
        echo "UPDATE attempt SET opened_ms = $(date -d "$text" +%s%3N) WHERE id = $id;"
    done | sqlite3 copy.db
    TZ=$zone "$FLASHLINE" attempts --db copy.db --training >list
    for id in $(seq $#); do
        text=$(awk -v id="$id" '$1 == id { print $2 }' list)
        [ "$(date -d "$text" +%s%3N)" = "$(date -d "${!id}" +%s%3N)" ] || fail "$zone: attempt $id is of ${!id}, not of $text"
        [ "$(TZ=$zone date -d "$text" +%FT%H:%M)" = "${text:0:16}" ] || fail "$zone: $text is not that zone's time"
        found=$(TZ=$zone "$FLASHLINE" attempts --db copy.db --training --time "$text" --json)
        [ "$(jq .attempt <<<"$found")" = "$id" ] || fail "$zone: $text found: $found"
    done
    text=$(jq -r .opened <<<"$found")
    found=$(TZ=$zone "$FLASHLINE" attempts --db copy.db --training --time "$text" --json | jq .attempt)
    [[ $text == *Z && $found == "$id" ]] || fail "$zone: $text found attempts $found, not $id"
}

rows UTC 2026-11-20T00:00:00.000Z 2026-11-20T00:00:00.001Z 2026-11-19T23:59:59.999Z
rows Europe/Berlin 2026-10-25T02:30:15.123+02:00 2026-10-25T02:30:15.123+01:00 2026-10-25T01:59:59.999+02:00 \
    2026-10-25T03:00:00.000+01:00 2026-03-29T01:59:59.999+01:00 2026-03-29T03:00:00.000+02:00 2026-03-29T00:00:00.000+01:00
rows Asia/Kolkata 2026-10-25T02:30:15.123+05:30 2026-03-29T02:30:00.000+05:30
rows America/St_Johns 2026-11-01T01:30:00.500-02:30 2026-11-01T01:30:00.500-03:30 2026-03-08T01:59:59.999-03:30 \
    2026-03-08T03:00:00.000-02:30
rows Pacific/Chatham 2026-04-05T03:00:00.007+13:45 2026-04-05T03:00:00.007+12:45 2026-09-27T02:44:59.999+12:45 \
    2026-09-27T03:45:00.000+13:45

# A day has all its hours, each once.
for day in 2026-10-25:25 2026-03-29:23 2026-07-01:24; do
    begin=$(TZ=Europe/Berlin date -d "${day%:*}" +%s)
    end=$((begin + ${day#*:} * 3600))
    sqlite3 copy.db "UPDATE attempt SET opened_ms = 0; UPDATE attempt SET opened_ms = 1000 * $begin - 1 WHERE id = 1; UPDATE attempt SET opened_ms = 1000 * $begin WHERE id = 2;
        UPDATE attempt SET opened_ms = 1000 * $end - 1 WHERE id = 3; UPDATE attempt SET opened_ms = 1000 * $end WHERE id = 4"
    found=$(TZ=Europe/Berlin "$FLASHLINE" attempts --db copy.db --training --time "${day%:*}" --json | jq .attempt | tr '\n' ' ')
    [ "$found" = '2 3 ' ] || fail "$day: attempts $found, not 2 3"
done

# Alone a time that comes twice, or never, is asked about; a time of another zone is that zone's.
export TZ=Europe/Berlin
expect 2 "*'2026-10-25T02:30' comes twice*2026-10-25T02:30:00.000+02:00 or 2026-10-25T02:30:00.000+01:00" \
    "$FLASHLINE" attempts --db copy.db --time 2026-10-25T02:30
expect 2 "*'2026-03-29 02:30' never comes*" "$FLASHLINE" units --db copy.db --time '2026-03-29 02:30'
expect 2 '*tomorrow*not understood*as the lists print it' "$FLASHLINE" yield --db copy.db --time tomorrow
expect 2 '*2026-02-31*calendar*' "$FLASHLINE" db archive --db copy.db --before 2026-02-31

# What the station and its people did is told the same way.
"$FLASHLINE" lots open A-17 --db made.db >out 2>err || fail "lots open: $(cat err)"
"$FLASHLINE" db audit --db made.db | grep -qE '^1  20[0-9-]+T[0-9:]+\.[0-9]{3}\+0[12]:00  ' || fail "audit: $("$FLASHLINE" db audit --db made.db)"
"$FLASHLINE" db audit --db made.db --json | jq -r .at | grep -qv 'Z$' && fail "audit --json: $("$FLASHLINE" db audit --db made.db --json)"
finish
