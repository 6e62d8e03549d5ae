#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# One version from one place, told alike by both programmes and whole by --json.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

version=$(sed -n 's/^project(flashline VERSION \([0-9.]*\) .*/\1/p' "$SOURCE_DIR/CMakeLists.txt")
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "CMakeLists.txt: '$version' is no semantic version"
[ "$("$FLASHLINE" --version)" = "flashline $version" ] || fail "flashline says $("$FLASHLINE" --version), CMakeLists.txt $version"
[ "$("$FLASHLINE-sim" --version)" = "flashline-sim $version" ] || fail "flashline-sim says $("$FLASHLINE-sim" --version)"
# What is released stands in the changelog, what is not yet above it.
released=$(sed -n 's/^## \([0-9.]*\) - .*/\1/p' "$SOURCE_DIR/CHANGELOG.md" | head -n 1)
[ "${released:-$version}" = "$version" ] || fail "the newest version in CHANGELOG.md is $released, not $version"

"$FLASHLINE" --version --json >out 2>err || fail "--version --json: $(cat err)"
[ "$(wc -l <out)" = 1 ] && [ ! -s err ] || fail "--version --json: $(cat out err)"
if command -v jq >/dev/null; then
    jq -e --arg v "$version" '.v == 1 and .event == "version" and .version == $v and .json == 1 and
        (.commit == null or (.commit | test("^[0-9a-f]{7,40}$"))) and (.features | length > 0) and
        ([.libraries[] | test("^[0-9]+[.][0-9]")] | all) and (.libraries | length >= 8)' out >/dev/null || fail "--version --json: $(cat out)"
    "$FLASHLINE" lots open A --db a.db >/dev/null 2>&1
    if command -v sqlite3 >/dev/null; then
        [ "$(sqlite3 a.db 'PRAGMA user_version')" = "$(jq .schema out)" ] || fail "schema is $(jq .schema out), the file's $(sqlite3 a.db 'PRAGMA user_version')"
        [ "$(sqlite3 --version | cut -d ' ' -f 1)" = "$(jq -r .libraries.sqlite out)" ] || skip_row "sqlite3 is of another version than the library"
    else
        skip_row "sqlite3 is not installed: the file's format was not asked"
    fi
else
    skip_row "jq is not installed: what --json says was not looked at"
fi
expect 2 "flashline version: 'x' is not understood*" "$FLASHLINE" --version x
expect 2 "flashline version: 'x' is not understood*" "$FLASHLINE" --version --json x
finish
