#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The guest's init: what every script needs (folders, network, udev, modules), then the script, then the end.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 TZ=UTC
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /dev/shm
ln -sf /proc/self/fd /dev/fd
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /mnt
modules() { modprobe -d "$VM_KERNEL" -S "$VM_RELEASE" "$@"; }
mount -t 9p -o rw,trans=virtio,version=9p2000.L,msize=1048576,cache=none out /mnt
set -a
. /mnt/environment
set +a
# An empty /tmp, unless what is tested lies in this machine's: then that one, with memory laid over like all the rest.
case $SOURCE_DIR/ in /tmp/*) ;; *) mount -t tmpfs tmpfs /tmp ;; esac
export HOME=/tmp/home XDG_STATE_HOME=/tmp/state XDG_CONFIG_HOME=/tmp/config XDG_CACHE_HOME=/tmp/cache
mkdir -p "$HOME"
ip link set lo up
modules virtio_net
modules ftdi_sio
ip addr add 10.0.2.15/24 dev eth0 && ip link set eth0 up
rm -f /etc/udev/rules.d/*flashline* 2>/dev/null
/lib/systemd/systemd-udevd --daemon 2>/dev/null
echo "GUEST-UP $(cut -d' ' -f1 /proc/uptime)"
. "$SOURCE_DIR/tests/vm/guest/words.inc.sh"
(set -e; . "$SCRIPT")
echo "GUEST-END $?"
sync
echo o >/proc/sysrq-trigger
while :; do sleep 60; done
