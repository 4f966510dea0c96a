# Uses every device once and leaves all in use, then says so and waits.
#
# What it says stands in a page of memory that the kernel leaves alone, and that the host reads: the
# guest needs no port for it. "up": user space runs; "used SECONDS": done, so long after the start.

. /devices
place=$(sed -n 's/.*qcompat\.mailbox=\([^ ]*\).*/\1/p' /proc/cmdline)
tell() { printf '%s\n' "$1" | dd of=/dev/mem bs=1 seek=$((place)) conv=notrunc 2>/dev/null; }

use_disk() {
    dd if="/dev/$1" of=/dev/null bs=64k count=16 iflag=direct
    if [ "$(cat "/sys/block/$1/ro")" = 0 ] && [ "$(cat "/sys/block/$1/size")" -ge 4096 ]; then
        dd if=/dev/zero of="/dev/$1" bs=4096 seek=256 count=16 oflag=direct conv=notrunc
    fi
}

use_card() {
    ip link set "$1" up
    ip address add "10.77.$2.2/24" dev "$1"
    ping -c 1 -W 1 "10.77.$2.1"
}

tell up
take_online
for input in /dev/input/event*; do
    [ -e "$input" ] && cat "$input" >/dev/null & # what nobody has open is not polled
done
(
    exec >/dev/null 2>&1
    number=0
    for card in $(cards); do
        use_card "$card" $number &
        number=$((number + 1))
    done
    for disk in $(disks); do
        use_disk "$disk" &
    done
    for port in /dev/ttyS[0-3] /dev/hvc[0-9] /dev/vport*; do
        [ -e "$port" ] && echo qcompat >"$port" &
    done
    has_rng && dd if=/dev/hwrng of=/dev/null bs=16 count=1 &
    wait
) &
work=$!
# A device that does not answer must not stop the rest.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 $work 2>/dev/null || break
    sleep 0.5
done
tell "used $(cut -d' ' -f1 /proc/uptime)"
while :; do sleep 1000; done
