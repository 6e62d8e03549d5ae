#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# FT232R, FT230X and FT2232H at once: unplug in mid-write, replug, and each fault of a port with its own code.
. "${SOURCE_DIR:?}/tests/vm/vm.inc.sh"
vm_prepare
vm_firmware 400
vm_serve --chip ft232r,ft230x,ft2232h,ft232r,ft232r --boards 6 --revision 1 --seed 7 --personality 5=no-reset-wire,6=no-reset-wire
vm_boot mixed.sh 1500
