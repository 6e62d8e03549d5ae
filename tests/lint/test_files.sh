#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every source file names its licence first; no production file grows past 700 lines. Files over 600 are reported.
set -euo pipefail
top=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$top"
bad=0

while IFS= read -r -d '' file; do
    [ "$(head -n 1 "$file")" = '/* SPDX-License-Identifier: Apache-2.0 */' ] ||
        { echo "$file:1: first line must be /* SPDX-License-Identifier: Apache-2.0 */"; bad=1; }
    # A header's guard follows from its path, so two headers never share one.
    case $file in
    tests/*) ;;
    *.h)
        guard=$(echo "$file" | tr 'a-z/.' 'A-Z__')
        grep -q "^#define $guard\$" "$file" || { echo "$file: include guard must be $guard"; bad=1; }
        ;;
    esac
done < <(find base profiles engine db sim station bench tests -name '*.[ch]' -print0 | sort -z)

while IFS= read -r -d '' file; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
        { echo "$file:2: second line must be # SPDX-License-Identifier: Apache-2.0"; bad=1; }
    [ -x "$file" ] || [ "${file%.inc.sh}" != "$file" ] || { echo "$file: must be executable"; bad=1; }
done < <(find script .ci bench tests -type f \( -name '*.sh' -o -path 'script/*' -o -path '.ci/*' -o -path 'bench/*' ! -name '*.*' \) -print0 | sort -z)

while read -r lines file; do
    if [ "$lines" -gt 700 ]; then
        echo "$file: $lines lines; 700 is the limit (which second noun is in it?)"
        bad=1
    elif [ "$lines" -gt 600 ]; then
        echo "report: $file: $lines lines, over 600"
    fi
done < <(find base profiles engine db sim station bench -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total"')
[ $bad = 0 ] && echo "files: licence lines, guards and lengths are in order"
exit $bad
