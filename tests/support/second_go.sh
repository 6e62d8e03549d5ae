#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# second_go.sh TEST: runs a test of the labels vm and screen. With FLASHLINE_SECOND_GO=1 (script/test sets it) one that
# failed has a second go, and says so in a line that script/test repeats; what fails twice has failed.
set -u
code=0
"$@" || code=$?
[ $code != 0 ] && [ $code != 77 ] && [ "${FLASHLINE_SECOND_GO:-}" = 1 ] || exit $code
echo "second go: failed once with status $code, and what it said is above"
exec "$@"
