#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What an errno means is said by base/errno_text alone: strerror() and its kin speak the language of whoever started the
# station, and their words stood in records.
set -euo pipefail
top=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}

# check DIR: the lines of a tree that speak the locale's language. In "%m" the letter may follow flags and a width; "%m-" and
# "%m/" are a month's place in a date.
check() {
    (cd "$1" && grep -rnE --include='*.[ch]' \
        '\<(strerror|strerror_r|strerror_l|perror|strsignal|psignal|psiginfo)\>|"[^"]*%[-#0-9.]*m([^-/a-z]|$)' \
        base profiles engine db sim station 2>/dev/null | grep -vE '^base/errno_text\.[ch]:' || true)
}

planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
bad=0
while IFS='|' read -r verdict file text; do
    rm -rf "${planted:?}"/*
    mkdir -p "$planted/$(dirname "$file")"
    printf '%s\n' "$text" >"$planted/$file"
    found=$(check "$planted")
    if [ "$verdict" = bad ] && [ -z "$found" ]; then echo "the rule misses: $file: $text"; bad=1; fi
    if [ "$verdict" = ok ] && [ -n "$found" ]; then echo "the rule refuses wrongly: $found"; bad=1; fi
done <<'LIST'
bad|db/a.c|    return cannot(f, strerror(errno));
bad|engine/port/a.c|    strerror_r(errno, text, sizeof text);
bad|station/cli/a.c|    perror("open");
bad|station/cli/a.c|    fprintf(stderr, "cannot: %m\n");
bad|sim/serve/a.c|    snprintf(out, 9, "%8m");
ok|station/cli/a.c|    strftime(day, sizeof day, "%Y-%m-%d", &local);
ok|engine/port/ftdi/a.c|    libusb_strerror((int)n);
ok|base/errno_text.c|    strerrordesc_np(error);
ok|station/cli/a.c|    printf("%d %s\n", n, m);
LIST
found=$(check "$top")
[ -z "$found" ] || { printf 'errno_text() says it (base/errno_text.h):\n%s\n' "$found"; bad=1; }
exit $bad
