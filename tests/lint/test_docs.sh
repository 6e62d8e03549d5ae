#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every page under docs/ stands in docs/README.md, no link between our own pages is dead, and what a page or a comment calls
# a file of ours is one.
set -euo pipefail
cd "${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}"
bad=0
for page in docs/*.md; do
    name=${page#docs/}
    [ "$name" = README.md ] || grep -qF "($name)" docs/README.md ||
        echo "report: docs/README.md does not name $name"
done
while IFS=: read -r page link; do
    target=${link#](}
    target=${target%)}
    target=${target%%#*}
    [ -n "$target" ] || continue
    [ -e "$(dirname "$page")/$target" ] || { echo "$page: dead link to $target"; bad=1; }
done < <(grep -oHE '\]\([^):]+\)' ./*.md docs/*.md bench/*.md)
rooms='base|profiles|engine|db|sim|station|bench|tests|script'
while IFS=: read -r place line path; do
    case $path in *NAME*) continue ;; esac
    [ -e "$path" ] || { echo "$place:$line: there is no $path"; bad=1; }
done < <(git ls-files -- '*.md' 'base/*.[ch]' 'profiles/*.[ch]' 'engine/*.[ch]' 'db/*.[ch]' 'sim/*.[ch]' 'station/*.[ch]' 'bench/*.[ch]' |
    xargs grep -noHP "(?<![\\w/.*-])(?:$rooms)/[\\w./-]*\\w\\.(?:[ch]|sh|py|awk)(?![\\w*/])")
exit $bad
