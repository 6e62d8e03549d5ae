#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How the records do with a million attempts: tests/bench/bench.sh [ATTEMPTS] [FOLDER]. Builds without sanitizers first.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
attempts=${1:-1000000}
folder=${2:-$(mktemp -d)}
build=$top/build/bench
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release ${CMAKE_C_COMPILER_LAUNCHER:+-DCMAKE_C_COMPILER_LAUNCHER=$CMAKE_C_COMPILER_LAUNCHER} >/dev/null
cmake --build "$build" --target flashline bench_records >/dev/null
cd "$folder"
[ -e bench.db ] || "$build/bench_records" fill bench.db "$attempts"
ls -l bench.db | awk '{printf "database                   %8.1f MiB\n", $5 / 1048576}'
start=$(date +%s.%N)
"$build/flashline" lots open WARM --db bench.db
echo "station opens, checks      $(echo "$(date +%s.%N) $start" | awk '{printf "%8.2f s", $1 - $2}')"
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
echo "left in $folder"
