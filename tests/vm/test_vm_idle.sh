#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 32 ports waiting for boards, wired for reset and not, make at most five IN transfers a second each, as the chips count them.
. "${SOURCE_DIR:?}/tests/vm/vm.inc.sh"
vm_prepare
vm_firmware 24
vm_serve --chip ft4232h --boards 32 --personality "$(seq -s, -f '%g=silent' 32)"
vm_boot idle.sh 1200
