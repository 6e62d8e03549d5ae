#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No circles: neither of calls between the files of the programme, as the linker sees them in what was built, nor of
# includes between headers. tests/lint/circles.known names the circles there still are: a new one fails, and so does a
# line that no longer is one. With --figures it prints what the house measures instead; docs/architecture.md tells them.
set -euo pipefail
top=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${BUILD_DIR:-$top/build/dev}
circles=$top/tests/lint/circles.awk
rooms="base profiles engine db sim station"

# Prints "FILE.c name defined" or "FILE.c name used" of each object whose source is still there.
symbols() { # symbols TREE BUILD
    local room
    for room in $rooms; do
        [ -d "$2/$room" ] && find "$2/$room" -name '*.c.o' -print0 | LC_ALL=C sort -z
    done | xargs -0r nm -A | awk -v tree="$1/" -v skip="$(printf %s "$2/" | wc -c)" '
        {
            split($0, part, ":")
            file = substr(part[1], skip + 1)
            sub(/CMakeFiles\/[^\/]*\.dir\//, "", file)
            sub(/\.o$/, "", file)
            if (!(file in there)) {
                there[file] = (getline line < (tree file)) > 0
                close(tree file)
            }
        }
        !there[file] || $NF ~ /^(__|_sub_)/ { next }
        $(NF - 1) == "U" { print file, $NF, "used" }
        $(NF - 1) ~ /^[TDBRCVW]$/ && NF == 3 { print file, $NF, "defined" }'
}

calls() { # calls TREE BUILD: "A.c B.c", A uses what B defines
    symbols "$1" "$2" | awk '
        $3 == "defined" { owner[$2] = $1; next }
        { user[++n] = $1; name[n] = $2 }
        END { for (i = 1; i <= n; i++) if (name[i] in owner) print user[i], owner[name[i]] }' | LC_ALL=C sort -u
}

includes() { # includes TREE PATTERN: "A B.h", A includes B.h
    (cd "$1" && find $rooms -name "$2" -print0 2>/dev/null | xargs -0r grep -HoE '^[ \t]*#[ \t]*include[ \t]*"[^"]+"') |
        sed -E 's/^([^:]+):.*"([^"]+)"/\1 \2/' | LC_ALL=C sort -u
}

found() { # found TREE BUILD: the circles of both kinds, one a line
    { calls "$1" "$2" | awk -f "$circles"; includes "$1" '*.h' | awk -f "$circles"; } | LC_ALL=C sort
}

# Prints what is wrong: a circle that is not known, a line of the list that is no circle.
judge() { # judge TREE BUILD KNOWN
    LC_ALL=C comm -3 <(found "$1" "$2") <(grep -v '^#' "$3" | LC_ALL=C sort) |
        sed -E '/^\t/ { s/^\t(.*)/no circle any more, take the line out of the list: \1/; b }; s/^/a circle: /'
}

longest_chain() { # of includes, from a .c file; prints "FILES: A.c B.h C.h"
    includes "$top" '*.[ch]' | awk '
        function chain(file,    i, best, deep) {
            if (file in length_of) return length_of[file]
            length_of[file] = 1; best = ""
            for (i = 1; i <= n[file]; i++) {
                deep = 1 + chain(to[file, i])
                if (deep > length_of[file]) { length_of[file] = deep; best = to[file, i] }
            }
            next_of[file] = best
            return length_of[file]
        }
        { to[$1, ++n[$1]] = $2; if ($1 ~ /\.c$/) from[$1] }
        END {
            for (file in from) if (chain(file) > most || (chain(file) == most && file < start)) { most = chain(file); start = file }
            line = most " files:"
            for (file = start; file != ""; file = next_of[file]) line = line " " file
            print line
        }'
}

figures() {
    local room
    echo "room files lines"
    for room in $(cd "$top" && find $rooms -name '*.c' | sed 's,/[^/]*$,,' | sort -u); do
        printf '%-18s %4d %6d\n' "$room" "$(find "$top/$room" -maxdepth 1 -name '*.c' | wc -l)" \
            "$(find "$top/$room" -maxdepth 1 -name '*.c' -exec cat {} + | wc -l)"
    done
    echo "circles of calls: $(calls "$top" "$build" | awk -f "$circles" | awk '{ n++; files += NF } END { print n + 0 " of " files + 0 " files" }')"
    echo "circles of includes: $(includes "$top" '*.h' | awk -f "$circles" | wc -l)"
    echo "longest chain of includes: $(longest_chain)"
    (cd "$top" && find $rooms -name '*.c' -print0 | xargs -0 awk '
        /^{$/ { from = FNR } /^}$/ && from { print FNR - from - 1; from = 0 }') | sort -n | awk '
        { lines[NR] = $1 }
        END { print "functions: " NR ", lines of a body: median " lines[int((NR + 1) / 2)] ", p90 " lines[int(NR * 0.9 + 0.5)] ", most " lines[NR] }'
}

if [ "${1:-}" = --figures ]; then
    figures
    exit
fi

# First the lint itself: a circle of calls and one of includes, made up and built, and a list that tells of none of it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/db/deep" "$work/build/db/CMakeFiles/db.dir/deep"
plant() { # plant FILE TEXT: a source, and its object where the build would put it
    printf '%s\n' "$2" >"$work/$1"
    ${CC:-cc} -c "$work/$1" -o "$work/build/db/CMakeFiles/db.dir/${1#db/}.o"
}
expect() { # expect WHAT LINES KNOWN: what judge() shall say of the planted tree
    printf '%s' "$3" >"$work/known"
    local said
    said=$(judge "$work" "$work/build" "$work/known")
    [ "$said" = "$2" ] || { echo "the lint misses $1; it says: ${said:-nothing}"; exit 1; }
}
plant db/a.c 'int b(void); int a(void); int a(void) { return b(); }'
plant db/deep/b.c 'int c(void); int b(void); int b(void) { return c(); }'
plant db/c.c 'int c(void); int c(void) { return 1; }'
expect "that calls go down" "" ""
expect "a stale line" "no circle any more, take the line out of the list: db/a.c db/deep/b.c" $'db/a.c db/deep/b.c\n'
plant db/c.c 'int a(void); int c(void); int c(void) { return a(); }'
expect "a circle of calls" "a circle: db/a.c db/c.c db/deep/b.c" ""
expect "a known circle" "" $'# why\ndb/a.c db/c.c db/deep/b.c\n'
rm "$work/db/c.c" # its object stays, as after a move
expect "that an object has lost its source" "" ""
echo '#include "db/y.h"' >"$work/db/x.h"
echo '#include "db/x.h"' >"$work/db/y.h"
expect "a circle of includes" "a circle: db/x.h db/y.h" ""

# Then the house.
calls=$(calls "$top" "$build" | wc -l)
[ "$calls" -gt 100 ] || { echo "only $calls calls between files in $build: build it first"; exit 1; }
wrong=$(judge "$top" "$build" "$top/tests/lint/circles.known")
[ -z "$wrong" ] || { printf '%s\n' "$wrong" "Calls go down: see docs/architecture.md."; exit 1; }
echo "circles: $calls pairs of files that call, $(grep -vc '^#' "$top/tests/lint/circles.known" || true) circles still known"
