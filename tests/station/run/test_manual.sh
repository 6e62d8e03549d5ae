#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# The manual says what the programme says: its overview, a page for each verb, the keys of station.yaml.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"

"$SOURCE_DIR/script/man" "$(dirname "$FLASHLINE")" pages
{ diff -ru "$SOURCE_DIR/docs/man" pages || true; } | grep -v '^Only in .*docs/man: .*\.\([58]\|head\|tail\)$\|^Only in .*docs/man: examples$' >diff.out &&
    fail "pages of docs/man are stale (script/man BUILD): $(head -n 20 diff.out)"

# Each verb has its page, with a NAME that man -k finds; an example names a verb, words and options that there are.
"$FLASHLINE" --describe >described
while IFS=$'\t' read -r _ verb _; do
    page=$SOURCE_DIR/docs/man/flashline-$verb.1
    [ "$verb" != sim ] || page=$SOURCE_DIR/docs/man/flashline-sim-replay.1
    [ -e "$page" ] || fail "$verb has no page"
    cut -f 1 "$SOURCE_DIR/docs/man/examples" | grep -qx "$verb" || fail "docs/man/examples has none of $verb"
    "$FLASHLINE" "$verb" --describe | awk -F '\t' '$1 == "option" || $1 == "word" { print $2 }' >"known-$verb"
done <described
"$FLASHLINE" sim replay --describe | awk -F '\t' '$1 == "option" { print $2 }' >>known-sim
while IFS=$'\t' read -r verb call _; do
    [[ $call == "flashline $verb"* ]] || fail "docs/man/examples: '$call' is no example of $verb"
    known=known-$verb
    read -ra parts <<<"$call"
    if grep -qv '^--' "$known" && [[ ${parts[2]} != --* ]] && ! grep -qx -- "${parts[2]}" "$known"; then
        fail "docs/man/examples: $verb has no word ${parts[2]}"
    fi
    for part in "${parts[@]}"; do
        [[ $part != --* ]] || grep -qx -- "$part" "$known" || fail "docs/man/examples: $verb has no $part"
    done
done <"$SOURCE_DIR/docs/man/examples"
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
    said=$(groff -man -Tutf8 -ww "$SOURCE_DIR"/docs/man/*.[158] 2>&1 >/dev/null) || true
    [ -z "$said" ] || fail "groff: $said"
else
    skip_row "groff is not installed: how the pages are set was not looked at"
fi
if command -v mandoc >/dev/null; then
    said=$(mandoc -T lint "$SOURCE_DIR"/docs/man/*.[158]) || true
    [ -z "$said" ] || fail "mandoc: $said"
else
    skip_row "mandoc is not installed: it was not asked about the pages"
fi
if man --version 2>/dev/null | grep -q '^man [0-9]'; then # man-db's
    said=$(man --warnings -E UTF-8 -l -Tutf8 -Z "$SOURCE_DIR"/docs/man/*.[158] 2>&1 >/dev/null) || true
    [ -z "$said" ] || fail "man: $said"
else
    skip_row "man-db is not installed: man was not asked about the pages"
fi
finish
