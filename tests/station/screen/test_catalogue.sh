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
done
exit $failures
