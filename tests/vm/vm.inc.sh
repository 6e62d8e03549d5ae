# SPDX-License-Identifier: Apache-2.0
# Sourced by test_vm_*.sh: a small emulated PC that runs Debian's own kernel over this machine's files (read-only, by 9p,
# with memory laid over), so that programmes built here meet the kernel's real USB stack. Chips come from
# `flashline-sim --usbip` on this side of the emulated network. Kernel and first file system are kept in a cache.
set -euo pipefail
: "${SOURCE_DIR:?}"
vm_cache=${XDG_CACHE_HOME:-$HOME/.cache}/flashline/vm
vm_dir=$SOURCE_DIR/tests/vm
vm_skip() { echo "skipped: $*"; exit 77; }
vm_fail() { echo "FAIL: $*"; exit 1; }

vm_tools() {
    local tool
    for tool in qemu-system-x86_64 busybox cpio xz usbip modprobe depmod ip apt-get dpkg-deb python3; do
        command -v "$tool" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
            vm_skip "no $tool on this machine (script/bootstrap test brings it on Debian)"
    done
    [ -x /lib/systemd/systemd-udevd ] || vm_skip "no systemd-udevd on this machine"
    [ "$(uname -m)" = x86_64 ] || vm_skip "the virtual machine is an x86_64 PC, this machine is $(uname -m)"
}

# The kernel package that linux-image-amd64 stands for now; the cloud flavour has no USB.
vm_kernel_fetch() {
    local package
    package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
    [ -n "$package" ] || vm_skip "apt does not know linux-image-amd64 (apt-get update, on Debian)"
    vm_release=${package#linux-image-}
    vm_kernel=$vm_cache/$vm_release
    [ -e "$vm_kernel/ready" ] && return
    rm -rf "$vm_kernel" "$vm_kernel.new"
    mkdir -p "$vm_kernel.new"
    (cd "$vm_kernel.new" && apt-get -q download "$package" >fetch.log 2>&1) ||
        vm_skip "$package cannot be fetched: $(tail -n 1 "$vm_kernel.new/fetch.log")"
    dpkg-deb -x "$vm_kernel.new"/*.deb "$vm_kernel.new"
    rm -f "$vm_kernel.new"/*.deb
    vm_unpack_kernel "$vm_kernel.new"
    PATH=$PATH:/usr/sbin:/sbin depmod -b "$vm_kernel.new" "$vm_release"
    vm_initramfs "$vm_kernel.new"
    touch "$vm_kernel.new/ready"
    mv "$vm_kernel.new" "$vm_kernel"
}

# A bare kernel boots in half the time: the emulator need not run the decompressor.
vm_unpack_kernel() {
    local image=$1/boot/vmlinuz-$vm_release at
    for at in $(LC_ALL=C grep -obUaP '\xfd7zXZ\x00' "$image" | cut -d: -f1); do
        tail -c +$((at + 1)) "$image" | xz -dc --single-stream >"$1/vmlinux" 2>/dev/null || true
        [ "$(head -c 4 "$1/vmlinux" | tail -c 3)" = ELF ] && return
    done
    vm_fail "no kernel found inside $image"
}

vm_initramfs() {
    local root=$1/initramfs module file
    mkdir -p "$root"/{bin,modules,proc,sys,dev,host,memory,root}
    cp "$(command -v busybox)" "$root/bin/busybox"
    for module in virtio_pci 9pnet_virtio 9p overlay; do
        PATH=$PATH:/usr/sbin:/sbin modprobe -d "$1" -S "$vm_release" --show-depends "$module"
    done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
        cp "$file" "$root/modules/"
        basename "$file" >>"$root/modules/order"
    done
    install -m 0755 "$vm_dir/guest/first.sh" "$root/init"
    (cd "$root" && find . | cpio -o -H newc --quiet) >"$1/initramfs.cpio"
    rm -rf "$root"
}

# vm_prepare: everything that is needed before vm_boot, and a work folder $vm_work.
vm_prepare() {
    vm_tools
    mkdir -p "$vm_cache"
    exec 8>"$vm_cache/lock"
    flock 8
    vm_kernel_fetch
    flock -u 8
    # An emulated processor is slow enough without sanitizers: the guest runs what ships.
    vm_binary=${FLASHLINE_RELEASE:-$SOURCE_DIR/build/release/flashline}
    (cd "$SOURCE_DIR" && cmake --preset release >/dev/null && cmake --build --preset release >build/release.log 2>&1) ||
        vm_fail "the release build: $(grep -m 3 -E 'error|FAILED' "$SOURCE_DIR/build/release.log")"
    vm_work=$(mktemp -d "${TMPDIR:-/tmp}/flashline-vm.XXXXXX")
    vm_server_pid=
    trap vm_end EXIT
}

vm_end() {
    [ -z "$vm_server_pid" ] || kill "$vm_server_pid" 2>/dev/null || true
    [ -n "${VM_KEEP:-}" ] || rm -rf "$vm_work"
}

# vm_firmware [KILOBYTES]: a stub, and as /mnt/firmware in the guest the real archive where there is one, else one made for
# training. With KILOBYTES one of that size: where it is not the writing that is looked at, little is written.
vm_firmware() {
    vm_archive=${SHARED_DIR:-}/firmware/WiPy-1.18.1.r1.tar.gz
    if [ $# = 1 ]; then
        vm_archive=$vm_work/made.tar.gz
        python3 "$SOURCE_DIR/tests/support/firmware_make.py" "$vm_archive" sound "$1" >/dev/null || vm_fail "no firmware can be made"
    elif [ ! -e "$vm_archive" ]; then
        echo "skipped: no real firmware ($vm_archive): a made archive takes its place"
        vm_archive=$vm_work/demo.tar.gz
        "$vm_binary" archive demo "$vm_archive" >/dev/null || vm_fail "no firmware archive can be made"
    fi
    vm_stub=${XDG_CACHE_HOME:-$HOME/.cache}/flashline/stubs/esp32.json
    [ -e "$vm_stub" ] || { echo "skipped: no stub file ($vm_stub): by the ROM loader only"; vm_stub=no; }
    mkdir -p "$vm_work/out"
    cp "$vm_archive" "$vm_work/out/firmware"
}

# vm_serve OPTION...: chips on this side; sets vm_usbip_port and vm_control_port.
vm_serve() {
    local line
    exec 6< <(exec "$vm_binary-sim" --usbip 0 --control 0 "$@" 2>&1)
    vm_server_pid=$!
    read -r -t 120 line <&6 || vm_fail "the chips' server says nothing"
    case $line in usbip*) ;; *) vm_fail "the chips' server: $line" ;; esac
    vm_usbip_port=$(sed -n 's/^usbip [^:]*:\([0-9]*\).*/\1/p' <<<"$line")
    vm_control_port=$(sed -n 's/.*control=[^:]*:\([0-9]*\).*/\1/p' <<<"$line")
}

# vm_say COMMAND: to the chips' server; prints its answer without the last line, fails on an error.
vm_say() {
    local line
    exec 7<>"/dev/tcp/127.0.0.1/$vm_control_port"
    printf '%s\n' "$1" >&7
    while IFS= read -r -t 120 line <&7; do
        case $line in
        ok) exec 7>&-; return 0 ;;
        error:*) echo "$line" >&2; exec 7>&-; return 1 ;;
        *) printf '%s\n' "$line" ;;
        esac
    done
    exec 7>&-
    return 1
}

# vm_boot SCRIPT SECONDS [QEMU OPTION...]: runs tests/vm/guest/SCRIPT as root in the guest; its output goes to
# $vm_work/console and what it writes to /mnt to $vm_work/out. Fails if the guest does not boot or the script fails.
vm_boot() {
    local script=$1 seconds=$2 code
    shift 2
    mkdir -p "$vm_work/out"
    printf '%s\n' "VM_RELEASE=$vm_release" "VM_KERNEL=$vm_kernel" "USBIP_PORT=${vm_usbip_port:-0}" \
        "CONTROL_PORT=${vm_control_port:-0}" "FLASHLINE=$vm_binary" "SOURCE_DIR=$SOURCE_DIR" "SHARED_DIR=${SHARED_DIR:-}" \
        "STUB=${vm_stub:-no}" "SCRIPT=$vm_dir/guest/$script" >"$vm_work/out/environment"
    # /dev/kvm is never used: it can be there, answer, and still be unable to run a guest.
    timeout "$seconds" qemu-system-x86_64 -M pc -accel tcg -cpu max -smp 1 -m 1536 -nodefaults -no-user-config \
        -display none -no-reboot -kernel "$vm_kernel/vmlinux" -initrd "$vm_kernel/initramfs.cpio" \
        -append "console=ttyS0 quiet loglevel=4 panic=-1 rdinit=/init mitigations=off nokaslr clocksource=acpi_pm tsc=unstable vm_init=$vm_dir/guest/second.sh" \
        -serial "file:$vm_work/console" \
        -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=root,mount_tag=root \
        -fsdev "local,id=out,path=$vm_work/out,security_model=none" -device virtio-9p-pci,fsdev=out,mount_tag=out \
        -netdev user,id=net -device virtio-net-pci,netdev=net,romfile= "$@" </dev/null >"$vm_work/qemu.log" 2>&1 &&
        code=0 || code=$?
    grep -q '^GUEST-UP' "$vm_work/console" || {
        tail -n 20 "$vm_work/console" "$vm_work/qemu.log"
        vm_fail "the guest did not boot (qemu ended with $code)"
    }
    sed -n '/^GUEST-UP/,/^GUEST-END/p' "$vm_work/console" | tr -d '\r'
    grep -q '^GUEST-END' "$vm_work/console" || vm_fail "the guest was ended under way (qemu: $code): $(tail -n 1 "$vm_work/qemu.log")"
    grep -q '^GUEST-END 0' "$vm_work/console" || vm_fail "the guest's script failed (qemu ended with $code)"
}
