#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# update: collects the interface's texts into po/flashline.pot and merges them into every po/*.po.
# --check changes nothing and fails when the catalogue is not what the sources say. Needs gettext's tools.
set -euo pipefail
cd "$(dirname "$0")/.."
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
{
    xgettext --from-code=UTF-8 --language=C -k_ -kN_ -kngettext:1,2 --no-location --sort-output --omit-header \
        --add-comments=TRANSLATORS: -o - station/screen/dashboard*.c station/screen/view/*.c station/print/text.c station/print/remedy.c \
        station/run/run_serial.c station/run/run_work.c station/run/run_words.c
    # The failure table: every X(id, number, blame, title, remedy).
    for argument in 4 5; do
        sed -e 's/ \\$//' -e 's/^#define FAILURE_CODES(X)//' base/failure_codes.h |
            xgettext --from-code=UTF-8 --language=C -k -kX:$argument --no-location --sort-output --omit-header -o - -
    done
} | msguniq --sort-output -o "$pot" -
if [ "${1:-}" = --check ]; then
    cmp "$pot" po/flashline.pot || { echo "po/flashline.pot is not what the sources say: run po/update.sh"; exit 1; }
    exit 0
fi
cp "$pot" po/flashline.pot
for po in po/*.po; do
    msgmerge --quiet --no-fuzzy-matching --sort-output --update --backup=none "$po" po/flashline.pot
    echo "$po: $(msgfmt --statistics -o /dev/null "$po" 2>&1)"
done
