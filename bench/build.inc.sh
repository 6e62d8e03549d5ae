# SPDX-License-Identifier: Apache-2.0
# For the scripts of this folder: $top, $build, and bench_build TARGET..., which builds without sanitizers. BENCH_BUILD names a
# build folder that is there already.
# shellcheck shell=bash
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(realpath -m "${BENCH_BUILD:-$top/build/bench}")

bench_build() {
    [ -z "${BENCH_BUILD:-}" ] || return 0
    cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        ${CMAKE_C_COMPILER_LAUNCHER:+-DCMAKE_C_COMPILER_LAUNCHER=$CMAKE_C_COMPILER_LAUNCHER} >/dev/null
    cmake --build "$build" --target "$@" >/dev/null
}
