# SPDX-License-Identifier: Apache-2.0
# Words for the guest's scripts. Waits end by what the kernel or udev says, with a limit.
fail() { echo "FAIL: $*"; exit 1; }

# attach N...: chips 1-N of the host's server, one hub port each, in this order; returns when their ttys are there.
attach() {
    local n try
    modules vhci-hcd
    for n in "$@"; do
        # usbip refuses while the device attached before is still being enumerated.
        for ((try = 0; try < 240; try++)); do
            usbip --tcp-port "$USBIP_PORT" attach -r 10.0.2.2 -b "1-$n" >/tmp/usbip.log 2>&1 && continue 2
            sleep 0.5
        done
        fail "usbip attach 1-$n: $(cat /tmp/usbip.log)"
    done
    settle
}

# settle: until the number of USB serial interfaces has been the same for two looks, and udev has done its work.
settle() {
    local before=-1 now i
    for ((i = 0; i < 50; i++)); do
        now=(/sys/bus/usb/devices/*:*.*)
        [ ${#now[@]} = "$before" ] && break
        before=${#now[@]}
        sleep 0.4
    done
    udevadm settle -t 30
}

# say COMMAND: to the host's server; prints the answer's lines but the final ok.
say() {
    local line
    exec 7<>"/dev/tcp/10.0.2.2/$CONTROL_PORT" || fail "no control connection"
    printf '%s\n' "$1" >&7
    while IFS= read -r -t 120 line <&7; do
        case $line in
        ok) exec 7>&-; return 0 ;;
        error:*) exec 7>&-; fail "$1: $line" ;;
        *) printf '%s\n' "$line" ;;
        esac
    done
    exec 7>&-
    fail "$1: no answer"
}

# places: every FTDI interface as ftdi:PLACE, in the order of their places. No programmes are started: they are slow here.
places() {
    local dir name vendor number letters=ABCD
    for dir in /sys/bus/usb/devices/*:*.*; do
        read -r vendor <"$dir/../idVendor" || continue
        [ "$vendor" = 0403 ] || continue
        read -r number <"$dir/bInterfaceNumber"
        name=${dir##*/}
        echo "ftdi:${name%%:*}:${letters:$((16#$number)):1}"
    done 2>/dev/null | sort -V
}

ttys() { local all=(/dev/ttyUSB[0-9]*); [ -e "${all[0]}" ] && echo ${#all[@]} || echo 0; }
