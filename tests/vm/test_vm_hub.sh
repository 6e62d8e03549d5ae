#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A place behind a hub opens; a waiting slot starts by itself when its adapter is plugged in, or its switch closes.
. "${SOURCE_DIR:?}/tests/vm/vm.inc.sh"
vm_prepare
vm_firmware 60
vm_serve --chip ft230x --boards 1 --revision 1
vm_boot hub.sh 1200 -device qemu-xhci,id=usb -device usb-hub,bus=usb.0,port=1 -chardev null,id=nothing \
    -device usb-serial,bus=usb.0,port=1.2,chardev=nothing,always-plugged=on
