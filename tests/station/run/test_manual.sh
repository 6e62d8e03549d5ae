#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The manual says what the programme says: verbs and options of flashline(1), keys of station.yaml.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

"$SOURCE_DIR/script/man" "$FLASHLINE" | diff -u "$SOURCE_DIR/docs/man/flashline.1" - >diff.out ||
    fail "docs/man/flashline.1 is stale (script/man FLASHLINE >docs/man/flashline.1): $(head -n 20 diff.out)"

"$SOURCE_DIR/script/man" "$FLASHLINE-sim" | diff -u "$SOURCE_DIR/docs/man/flashline-sim.1" - >diff.out ||
    fail "docs/man/flashline-sim.1 is stale (script/man FLASHLINE-sim >docs/man/flashline-sim.1): $(head -n 20 diff.out)"
[ "$("$FLASHLINE-sim" --version)" = "$("$FLASHLINE" --version | sed 's/flashline/&-sim/')" ] || fail "two versions"

# What moved out of the station says where it is, and serves nothing.
code=0
timeout 20 "$FLASHLINE" sim serve --pty >out 2>err || code=$?
[ $code = 2 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] && grep -q "'flashline-sim'" err ||
    fail "sim serve: exit $code: $(cat out err)"

"$FLASHLINE" --help | sed -n 's/^  \([a-z]*\)  *.*/\1/p' >verbs
[ "$(wc -l <verbs)" -ge 4 ] || fail "the help lists few verbs: $(cat verbs)"
while read -r verb; do
    for option in db config json help; do
        "$FLASHLINE" "$verb" --help | grep -q -- "--$option" || fail "$verb has no --$option"
    done
done <verbs

# A bound that is told is the one that holds.
bound=$("$FLASHLINE" run --help | sed -n 's/^  --sim N .*(1 to \([0-9]*\)).*/\1/p')
expect 2 "*'$((bound + 1))' is not between 1 and $bound" "$FLASHLINE" run --sim $((bound + 1))
grep -q "run --sim N\`, up to $bound boards" "$SOURCE_DIR/docs/simulator.md" || fail "docs/simulator.md has another bound than $bound"

# Each word that a tile may say stands in the operator's guide.
sed -n '/^static const char \*act_word/,$p' "$SOURCE_DIR/station/screen/dashboard_face.c" | grep -oE '_\("[A-Z][A-Z ]+"\)' |
    sed 's/_("\(.*\)")/\1/' | sort -u >words
[ "$(wc -l <words)" -ge 15 ] || fail "found few words of tiles: $(cat words)"
while read -r word; do
    grep -qE "^\|.*\b$word\b" "$SOURCE_DIR/docs/operator-guide.md" || fail "the table of docs/operator-guide.md lacks the tile's word $word"
done <words

# Each key the schema knows stands in both pages about station.yaml.
sed -n 's/.*RULE("\([a-z_]*\)".*/\1/p' "$SOURCE_DIR/station/config/config.c" | sort -u >keys
[ "$(wc -l <keys)" -ge 15 ] || fail "found few keys in config.c: $(cat keys)"
while read -r key; do
    for page in docs/station.yaml.md docs/man/flashline.yaml.5; do
        grep -q "\b$key\b" "$SOURCE_DIR/$page" || fail "$page does not mention $key"
    done
done <keys

# Each key of a job, as the documentation's table lists them, stands in its page.
sed -n '/^| key /,/^$/s/^| `\([a-z_0-9]*\)` .*/\1/p' "$SOURCE_DIR/docs/profiles.md" | sed '/^.$/d' >keys
[ "$(wc -l <keys)" -ge 12 ] || fail "found few keys in docs/profiles.md: $(cat keys)"
while read -r key; do
    grep -qE "^\.B(R)? $key" "$SOURCE_DIR/docs/man/flashline-job.5" || fail "flashline-job(5) lacks $key"
done <keys

if command -v groff >/dev/null; then
    for page in "$SOURCE_DIR"/docs/man/*.[15]; do
        said=$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null) || true
        [ -z "$said" ] || fail "$page: $said"
    done
else
    skip_row "groff is not installed: how the pages are set was not looked at"
fi
finish
