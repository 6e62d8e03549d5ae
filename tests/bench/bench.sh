#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How the records do with a million attempts, and what 32 waiting ports cost: tests/bench/bench.sh [ATTEMPTS] [FOLDER].
# Builds without sanitizers first. "tests/bench/bench.sh usb" measures the ports alone.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
only=
[ "${1:-}" != usb ] || only=usb
attempts=${1:-1000000}
folder=${2:-}
build=$top/build/bench
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release ${CMAKE_C_COMPILER_LAUNCHER:+-DCMAKE_C_COMPILER_LAUNCHER=$CMAKE_C_COMPILER_LAUNCHER} >/dev/null
ports() {
    command -v umockdev-wrapper >/dev/null || { echo "waiting ports are not measured: umockdev is not installed"; return; }
    cmake --build "$build" --target bench_usb_idle >/dev/null
    umockdev-wrapper "$build/bench_usb_idle"
}
[ -z "$only" ] || { ports; exit; }
[ -n "$folder" ] || folder=$(mktemp -d)
cmake --build "$build" --target flashline bench_records >/dev/null
cd "$folder"
[ -e bench.db ] || "$build/bench_records" fill bench.db "$attempts"
ls -l bench.db | awk '{printf "database                   %8.1f MiB\n", $5 / 1048576}'
# wall TEXT COMMAND...: how long a whole verb takes
wall() {
    local text=$1 start
    shift
    start=$(date +%s.%N)
    "$@" >/dev/null
    echo "$(date +%s.%N) $start" | awk -v text="$text" '{printf "%-26s %8.2f s\n", text, $1 - $2}'
}
wall 'station opens, looks' "$build/flashline" lots open "WARM-$(date +%s%N)" --db bench.db
wall 'station opens, as left' "$build/flashline" lots open "AGAIN-$(date +%s%N)" --db bench.db
wall 'verb unit MAC' "$build/flashline" unit 24:0a:c4:01:23:45 --db bench.db
wall 'verb units --mac' "$build/flashline" units --mac 240ac4.01-2345 --db bench.db
wall 'verb attempts --mac' "$build/flashline" attempts --mac 24-0A-C4-01-23-45 --db bench.db
wall 'verb yield --lot' "$build/flashline" yield --lot LOT-0003 --db bench.db
wall 'verb units --newest 20' "$build/flashline" units --newest 20 --db bench.db
wall 'verb lots' "$build/flashline" lots --db bench.db
"$build/bench_records" ask bench.db "$attempts"
for format in csv jsonl; do
    python3 - "$build/flashline" $format <<'PYTHON'
import os, resource, subprocess, sys, time
start = time.time()
subprocess.run([sys.argv[1], 'export', '--db', 'bench.db', '--format', sys.argv[2], '-o', 'out.' + sys.argv[2]], check=True, stdout=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f'export {sys.argv[2]:<5} {time.time() - start:10.1f} s, {os.path.getsize("out." + sys.argv[2]) / 1048576:.0f} MiB, peak memory {peak:.1f} MiB (goal: under 64)')
PYTHON
done
ports
echo "left in $folder"
