#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/failures.md is what the programme says of itself.
set -euo pipefail
"$FLASHLINE" explain --all --markdown | diff -u "$SOURCE_DIR/docs/failures.md" - || {
    echo "docs/failures.md is stale: flashline explain --all --markdown > docs/failures.md"
    exit 1
}
