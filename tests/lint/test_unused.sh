#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every global name of the rooms is used by an object of a room other than its own: what only its own file calls is static,
# what nobody calls goes. Names that only tests call stand in unused.allow with a reason, and none there that need not.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
top=${SOURCE_DIR:-$here/../..}
build=${BUILD_DIR:-$top/build/dev}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The objects of the sources that are there: a build folder keeps those of removed files.
rooms="base profiles engine db sim station"
(cd "$build" && find $rooms -name '*.c.o' 2>/dev/null) | sort | while IFS= read -r object; do
    source=$(sed -E 's|CMakeFiles/[^/]*\.dir/||; s|\.o$||' <<<"$object")
    [ -e "$top/$source" ] && echo "$build/$object"
done >"$work/objects" || true
sources=$(cd "$top" && find base profiles engine db sim station -name '*.c' | wc -l)
[ "$(wc -l <"$work/objects")" -ge "$sources" ] || { echo "skipped: not every room is built in $build"; exit 77; }

xargs nm -A --defined-only <"$work/objects" | awk '$2 ~ /^[TDRBC]$/ { print $3 }' | grep -v -e '^main$' -e '^__odr' | sort -u >"$work/defined"
xargs nm -A --undefined-only <"$work/objects" | awk '{ print $NF }' | sort -u >"$work/used"
comm -23 "$work/defined" "$work/used" >"$work/unused"
[ "$(wc -l <"$work/defined")" -gt 300 ] || { echo "only $(wc -l <"$work/defined") global names were found"; exit 1; }

bad=0
sed -n 's/^\([a-z0-9_]*\)  *[^ ].*/\1/p' "$here/unused.allow" | sort >"$work/allowed"
while IFS= read -r name; do
    echo "$name: no other file of the rooms uses it: make it static, or remove it"
    bad=1
done < <(comm -23 "$work/unused" "$work/allowed")
while IFS= read -r name; do
    echo "unused.allow: $name is used, or is no more: the line can go"
    bad=1
done < <(comm -13 "$work/unused" "$work/allowed")
while IFS= read -r name; do
    grep -rqw --include='*.[ch]' "$name" "$top/tests" || { echo "$name: no test uses it either: it can go"; bad=1; }
done <"$work/allowed"
[ $bad = 0 ] && echo "unused: $(wc -l <"$work/defined") global names, $(wc -l <"$work/allowed") of them for tests alone"
exit $bad
