#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: scenario
# slots label and forget on two hundred files in every style of YAML: another reader (PyYAML) finds the one change only.
set -euo pipefail
. "$SOURCE_DIR/tests/support/lib.inc.sh"
python3 -c 'import yaml' 2>/dev/null || skip "PyYAML is not installed"
[ -x "$BUILD_DIR/hostile_yaml" ] || skip "hostile_yaml is not built here"

mkdir files
"$BUILD_DIR/hostile_yaml" --write files --runs 200 --seed 1
slots() { "$FLASHLINE" slots "$@" --config s.yaml --db none.db; }
for ((i = 0; i < 200; i++)); do
    word=label
    [ $((i % 4)) != 3 ] || word=forget
    cp "files/$i.yaml" s.yaml
    name='neu "1" # é'
    if [ $word = label ]; then slots label 1 "$name" >out 2>err || fail "$i: $(cat err)"; else slots forget 1 >out 2>err || fail "$i: $(cat err)"; fi
    cp s.yaml "files/$i.$word"
    # It is what a run would read.
    slots list >out 2>err || fail "$i: not read again: $(cat err)"
done
python3 - "$name" <<'END' || fail "PyYAML found something else changed"
import sys, yaml
bad = 0
for i in range(200):
    word = "forget" if i % 4 == 3 else "label"
    old = open(f"files/{i}.yaml", "rb").read()
    new = open(f"files/{i}.{word}", "rb").read()
    before, after = yaml.safe_load(old), yaml.safe_load(new)
    slots = before["slots"]
    first = next(s for s in slots if s["number"] == 1)
    if word == "label":
        first["label"] = sys.argv[1]
        # Comments, and whatever else people wrote, are bytes outside the change.
        lost = old.count(b"#") + 1 != new.count(b"#")
    else:
        slots.remove(first)
        lost = False
    if before != after or lost or old[:3] == b"\xef\xbb\xbf" != new[:3]:
        print(f"{i} {word}:\n{old.decode()}\n--- became\n{new.decode()}")
        bad += 1
sys.exit(bad > 0)
END

# Refused: the line, exit code 4, the file as it was, and nothing in the audit.
printf 'slots:\n  - number: 1\n    port: tty:/dev/x\n    label: &l here\nstation: *l\n' >s.yaml
cp s.yaml before.yaml
"$FLASHLINE" lots open L --db s.db --planned 5 >out 2>err || fail "lots open: $(cat err)"
expect 4 '*s.yaml:4: label: line 5 takes it*nothing was changed*' "$FLASHLINE" slots label 1 x --config s.yaml --db s.db
expect 4 '*s.yaml:2: line 5 takes*nothing was changed*' "$FLASHLINE" slots forget 1 --config s.yaml --db s.db
cmp -s s.yaml before.yaml || fail "a refused edit changed the file"
[ "$(sqlite3 -readonly s.db "SELECT count(*) FROM audit WHERE action = 'slot.change'")" = 0 ] || fail "a refused edit is in the audit"
expect 2 '*not written in UTF-8*' "$FLASHLINE" slots label 1 $'x\xff' --config s.yaml --db s.db
expect 2 '*control character*' "$FLASHLINE" slots label 1 $'x\x1b[2J' --config s.yaml --db s.db
# Edited at the end of a link, and recorded.
printf 'slots: [{number: 1, port: "tty:/dev/x"}] # all' >s.yaml
ln -s s.yaml link.yaml
chmod 640 s.yaml
"$FLASHLINE" slots label 1 y --config link.yaml --db s.db >out 2>err || fail "through a link: $(cat err)"
[ -L link.yaml ] && [ "$(stat -c %a s.yaml)" = 640 ] || fail "link or mode is lost"
[ "$(cat s.yaml)" = 'slots: [{label: "y", number: 1, port: "tty:/dev/x"}] # all' ] || fail "became $(cat s.yaml)"
[ "$(sqlite3 -readonly s.db "SELECT count(*) FROM audit WHERE action = 'slot.change'")" = 1 ] || fail "an edit is not in the audit"
finish
