#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# update: collects the interface's texts into po/flashline.pot and merges them into every po/*.po.
# The rooms below the screen say what happened in English with its figures in it: that is what the records keep. Their
# sentences are collected too, and stand in station/print/said.inc, where station/print/phrase.c finds them again.
# --check changes nothing and fails when the catalogue is not what the sources say. Needs gettext's tools.
set -euo pipefail
cd "$(dirname "$0")/.."
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

texts() { xgettext --from-code=UTF-8 --language=C --no-location --sort-output --omit-header -o - "$@"; }
chosen() { msggrep --msgid --extended-regexp --no-wrap "$@" -; }

# Who speaks where the screen hears it. Every literal of theirs that is prose is taken, marked or not, so that what is said anew
# comes into the catalogue by itself, and is missed there until it is translated. What is said of a block of values on its way into a
# pool is said on the command line alone.
speakers() {
    find engine db/desk db/record profiles/plan -name '*.c' ! -name 'pool_*.c' ! -name esp_efuse.c | LC_ALL=C sort # what fuses mean is told by a verb alone
    echo base/plain.c profiles/job/job_require.c db/open/disk_guard.c db/open/sql.c station/run/run_scan.c station/run/run_choice.[ch]
}

# Prose is two words. SQL, lists of columns, what is hashed, and the lines of other programs' files are none.
prose="^a [a-z]+|[a-z%][a-z]?[a-z)][',;:]* ['(]?[a-z%0-9]"
none='^[^A-Za-z]*(%[-+ #0-9.*]*l*[a-z][^A-Za-z]*)*$|[a-z_]_ms( |$)|inode %|%<|^%lld%s|^[a-z_]+( [a-z_]+)* [a-z]*_[a-z_ ]+$|^(flash read err|invalid header|Download boot modes disabled| download\(secure mode\))$|FLOCK|^flashline (attempt|audit|row)|ended in order|^%d released$|^the %s (name )?%s$|^the quick brown fox$'
sql='(^|[^A-Za-z])(SELECT|INSERT|UPDATE|CREATE|DELETE|PRAGMA|BEGIN|COMMIT|ROLLBACK|DROP|WITH|ALTER|FROM|WHERE|AND|OR|NULL|ORDER|LIMIT|AS|RAISE)([^A-Za-z]|$)'
# shellcheck disable=SC2046
texts -a $(speakers) 2>"$made/warnings" >"$made/literals.pot" || { cat "$made/warnings"; exit 1; } # bytes and escapes are no news
# Without what xgettext makes of a literal "": to gettext's tools that is a catalogue's head.
{
    printf 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    awk 'BEGIN { RS = "" } !/(^|\n)msgid ""\nmsgstr ""/ { print "\n" $0 }' "$made/literals.pot"
} | chosen -e "$prose" | chosen --invert-match -e "$none" -e "$sql" | sed '1,/^$/d' >"$made/said.pot"
{
    echo "/* SPDX-License-Identifier: Apache-2.0 */"
    echo "/* Made by po/update.sh of what the sources below the screen say. */"
    LC_ALL=C sed -n 's/^msgid \(".\{1,\}"\)$/\1,/p' "$made/said.pot"
} >"$made/said.inc"
{
    texts -k_ -kN_ -kngettext:1,2 --add-comments=TRANSLATORS: station/screen/dashboard*.c station/screen/view/*.c \
        station/print/text.c station/print/phrase.c station/print/remedy.c station/run/run_choice.[ch] station/run/run_serial.c \
        station/run/attach.c station/run/desk_json.c station/run/gallery.c \
        station/run/run_work.c station/run/run_words.c
    # The failure table: every X(id, number, blame, title, remedy).
    for argument in 4 5; do
        sed -e 's/ \\$//' -e 's/^#define FAILURE_CODES(X)//' base/failure_codes.h | texts -k -kX:$argument -
    done
    cat "$made/said.pot"
} | msguniq --sort-output -o "$made/flashline.pot" -
if [ "${1:-}" = --check ]; then
    for file in po/flashline.pot station/print/said.inc; do
        cmp "$made/${file##*/}" "$file" || { echo "$file is not what the sources say: run po/update.sh"; exit 1; }
    done
    exit 0
fi
cp "$made/flashline.pot" po/flashline.pot
cp "$made/said.inc" station/print/said.inc
for po in po/*.po; do
    msgmerge --quiet --no-fuzzy-matching --sort-output --update --backup=none "$po" po/flashline.pot
    echo "$po: $(msgfmt --statistics -o /dev/null "$po" 2>&1)"
done
