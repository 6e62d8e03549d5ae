#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# The guest's first programme: reaches the host's files, lays memory over them, goes on with second.sh there.
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
for module in $($b cat /modules/order); do $b insmod "/modules/$module"; done
$b mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=1048576,cache=loose root /host || $b poweroff -f
$b mount -t tmpfs tmpfs /memory
$b mkdir /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /root
for word in $($b cat /proc/cmdline); do case $word in vm_init=*) next=${word#vm_init=} ;; esac; done
for dir in proc sys dev; do $b mount --move /$dir /root/$dir; done
exec $b switch_root /root "$next"
