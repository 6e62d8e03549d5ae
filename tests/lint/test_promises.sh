#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each law and each "never", "always" and "only" of the four pages has the name of its test beside it, every test that a page
# or a breakage names exists, and every breakage still finds its text.
set -euo pipefail
cd "${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}"
pages="docs/architecture.md docs/engine.md docs/database.md docs/audit.md"
bad=0

# What a page says in other words than a promise: part of the sentence, as it stands.
no_promise='and what it never does|ptys and sockets only for foreign clients|but never open|Which PASS of 0.1 may be false'

# Prints each item (a paragraph, bullet, table row) of a page on one line, with the number of its first line.
items() {
    awk '
        function out() { if (text != "") print first ": " text; text = "" }
        /^[ \t]*$/ || /^#/ { out(); next }
        /^(\*|-|[0-9]+\.|\|)/ { out() }
        { if (text == "") first = NR; text = text " " $0 }
        END { out() }' "$1"
}

for page in $pages; do
    while IFS= read -r item; do
        echo "$page:${item:0:120}.. has no test beside it"
        bad=1
    done < <(items "$page" | grep -wiE 'never|always|only' | grep -vE "$no_promise" | grep -v '(test_' || true)
done
[ "$(sed -n '/^## Five laws/,/^## Rooms/p' docs/architecture.md | grep -c '(test_')" -ge 5 ] ||
    { echo "docs/architecture.md: a law has no test beside it"; bad=1; }

exists() { # exists NAME: as a test of any kind
    [ -n "$(find tests -name "$1.c" -o -name "$1.sh")" ]
}
while IFS=: read -r where number name; do
    exists "$name" || { echo "$where:$number: there is no $name"; bad=1; }
done < <(grep -noE '\btest_[a-z0-9_]+' $pages tests/mutants/*.mutants | grep -v ':test_support$' | sort -u)

if command -v python3 >/dev/null; then
    script/mutants check || bad=1
fi
exit $bad
