#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: screen
# The catalogue holds exactly the sources' texts, and every language all of them.
set -u
cd "$SOURCE_DIR" || exit 1
command -v xgettext >/dev/null || { echo "skipped: gettext is not installed (script/bootstrap test brings it)"; exit 77; }

failures=0
po/update.sh --check || failures=1
for po in po/*.po; do
    statistics=$(msgfmt --check-format --statistics -o /dev/null "$po" 2>&1 | tail -1)
    echo "$po: $statistics"
    case $statistics in
    *untranslated* | *fuzzy*) failures=1 ;;
    esac
    # Every text of the template, so that a language cannot be complete by lacking some.
    [ "$(grep -c '^msgid ' po/flashline.pot)" = "$(($(grep -v '^#~' "$po" | grep -c '^msgid ') - 1))" ] ||
        { echo "$po lacks texts of po/flashline.pot: run po/update.sh"; failures=1; }
    # A remedy names the board's own pin where its language says "the boot pin" (station/print/remedy.c): in those very words.
    python3 - "$po" <<'END' || failures=1
import ast, re, sys
texts = [tuple("".join(ast.literal_eval(q) for q in re.findall(r'"(?:[^"\\]|\\.)*"', part)) for part in entry)
         for entry in re.findall(r'^msgid ((?:"[^\n]*"\n)+)msgstr ((?:"[^\n]*"(?:\n|$))+)', open(sys.argv[1]).read(), re.M)]
any_pin = dict(texts)["the boot pin"]
with_pin = [t for t in texts if "the boot pin" in t[0]]
for english, own in with_pin:
    if any_pin not in own:
        sys.exit(f"{sys.argv[1]}: '{own}' does not say '{any_pin}': the pin's name has no place in it")
if len(with_pin) < 3:
    sys.exit(f"{sys.argv[1]}: {len(with_pin)} texts with the boot pin: is the rule still looked at?")
END
done
exit $failures
