#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# npm esptool-js, a client nobody here wrote, in Node through a small Web Serial port, against virtual boards: over RFC
# 2217, where its reset sequence reaches the board, and over a pty, where there are no lines. Identity, writing with its
# own stub and with the ROM loader, two clients at once; MD5; then the boards' flash is compared byte for byte.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
skip() { echo "skipped: $*"; exit 77; }
command -v node >/dev/null || skip "node is not installed (script/bootstrap test installs it)"
command -v python3 >/dev/null || skip "python3 is not installed (script/bootstrap test installs it)"
[ -d "$here/node_modules/esptool-js" ] || skip "esptool-js is not there (script/bootstrap test brings it)"

work=$(mktemp -d)
server=
stop_server() {
    [ -n "$server" ] || return 0
    kill -TERM "$server"
    wait "$server" || { echo "flashline-sim ended with status $?"; cat "$work/log"; return 1; }
    server=
}
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# Bytes that compress and bytes that hardly do, at an application's and a file system's place.
seq 1 52000 >"$work/app.bin"
truncate -s 300000 "$work/app.bin"
python3 -c 'import random, sys; random.seed(7); sys.stdout.buffer.write(random.randbytes(50001))' >"$work/fs.bin"
images=("$work/app.bin@0x10000" "$work/fs.bin@0x200000")

# start_server ARGS...: the ports it announces, one a line, in $ports
start_server() {
    rm -f "$work/ready"
    mkfifo "$work/ready"
    mkdir -p "$work/dump"
    "$FLASHLINE-sim" "$@" --boards 2 --dump "$work/dump" >"$work/ready" 2>"$work/log" &
    server=$!
    exec 3<"$work/ready"
    ports=()
    while [ ${#ports[@]} -lt 2 ] && IFS= read -r -t 60 -u 3 line; do ports+=("$line"); done
    [ ${#ports[@]} = 2 ] || { echo "flashline-sim $* announced ${#ports[@]} ports"; cat "$work/log"; exit 1; }
}

check_client() { # check_client PORT STUB BAUD
    local answer
    answer=$(timeout 120 node "$here/client.mjs" "$1" "$2" "$3" "${images[@]}") || { echo "$answer"; exit 1; }
    echo "$1 $2: $answer"
    python3 - "$answer" "$2" <<'PY'
import json, sys
a = json.loads(sys.argv[1])
assert a["chip"].startswith("ESP32-D0WDQ6"), a["chip"]
assert a["mac"].startswith("02:f1:a5:"), a["mac"]          # the prefix of boards that do not exist
assert a["flash_id"] == "1740ef", a["flash_id"]            # Winbond, 8 MB
assert a["stub"] == (sys.argv[2] == "stub"), a["stub"]
assert len(a["md5"]) == 2
PY
}

check_dump() { # check_dump FILE: both images are at their offsets
    cmp -n 300000 -i 0:$((0x10000)) "$work/app.bin" "$1"
    cmp -n 50001 -i 0:$((0x200000)) "$work/fs.bin" "$1"
    echo "${1##*/}: byte for byte as written"
}

check_both() { # check_both HOW...: the first board with the stub, the second by its ROM
    start_server "$@"
    check_client "${ports[0]}" stub 921600 &
    check_client "${ports[1]}" rom 460800
    wait $!
    stop_server
    check_dump "$work/dump/slot-1.bin"
    check_dump "$work/dump/slot-2.bin"
    rm -r "$work/dump"
}

check_both --rfc2217 0
check_both --pty
