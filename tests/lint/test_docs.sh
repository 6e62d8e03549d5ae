#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every page under docs/ stands in docs/README.md, and no link between our own pages is dead.
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
done < <(grep -oHE '\]\([^):]+\)' ./*.md docs/*.md)
exit $bad
