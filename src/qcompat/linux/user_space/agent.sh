# The agent: keeps the guest at work and answers on a serial port.
#
# What it says is one line each, beginning with "@", in one write:
#   @ready                  the guest is up and its devices are at work
#   @beat NUMBER UPTIME     ten times a second
#   @report SUM             then "@+ BASE64" lines, then "@end": what `collect` gathered
#   @probed                 what was plugged has its driver, or lost it
# What it understands: "report", "probe". While it gathers one, the work waits (/run/quiet); on a slow
# host the report would never be done otherwise.

port=$(sed -n 's/.*qcompat\.port=\([^ ]*\).*/\1/p' /proc/cmdline)
stty -F "/dev/$port" raw -echo
exec 3>"/dev/$port" 4<"/dev/$port"
mkdir -p /run/disk /run/net
. /devices

pause() {
    sleep "$1"
    while [ -e /run/quiet ]; do sleep 0.2; done
}

beat() {
    number=0
    while read -r uptime _ </proc/uptime; do
        echo "@beat $number $uptime" >&3
        number=$((number + 1))
        sleep 0.1
    done
}

# Two patterns take turns, so a page that is lost on the way shows the one before.
rewrite() {
    round=0
    while :; do
        pattern=/mem/turn$((round % 2))
        dd if=$pattern of=/mem/changing bs=64k conv=notrunc status=none
        cmp -s $pattern /mem/changing || echo "memory written in round $round" >>/run/damage
        round=$((round + 1))
        echo $round >/run/rounds
        pause 0.02
    done
}

sum() { dd if="/dev/$1" bs=64k count=16 iflag=direct 2>/dev/null | md5sum | cut -d' ' -f1; }

# Reads the pattern in the first MiB; writes behind it where there is room and it is allowed.
use_disk() {
    first=$(sum "$1")
    round=0
    writable=$([ "$(cat "/sys/block/$1/ro")" = 0 ] && [ "$(cat "/sys/block/$1/size")" -ge 4096 ] &&
        echo yes)
    while :; do
        [ "$(sum "$1")" = "$first" ] || echo "a read of $1 in round $round" >>/run/damage
        if [ -n "$writable" ]; then
            yes "round $round" | head -c 4096 >"/run/disk/$1.block"
            write="dd if=/run/disk/$1.block of=/dev/$1 bs=4096 seek=256 oflag=direct conv=notrunc"
            $write status=none || echo "a write to $1 in round $round" >>/run/damage
            pause 0.05
            dd if="/dev/$1" bs=4096 skip=256 count=1 iflag=direct status=none |
                cmp -s - "/run/disk/$1.block" ||
                echo "what was written to $1 in round $round" >>/run/damage
        fi
        round=$((round + 1))
        echo $round >"/run/disk/$1.rounds"
        pause 0.1
    done
}

use_card() {
    sent=0 received=0
    while :; do
        sent=$((sent + 1))
        ping -c 1 -W 1 "$2" >/dev/null 2>&1 && received=$((received + 1))
        echo "$sent $received" >"/run/net/$1.count"
        pause 0.2
    done
}

use_rng() {
    while dd if=/dev/hwrng of=/dev/null bs=16 count=1 status=none; do pause 0.2; done
}

fill() { { echo "qcompat $1" && head -c "$2" /dev/urandom; } >"/mem/$1"; }

# An eighth of what is free, at most 8 MiB.
free=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
kept=$((free / 8 > 8192 ? 8192 : free / 8))
fill kept ${kept}k
fill turn0 512k
fill turn1 512k
cp /mem/turn1 /mem/changing
md5sum </mem/kept >/run/kept.sum

rewrite &
number=0
for card in $(cards); do
    address=10.77.$number
    ip link set "$card" up
    ip address add "$address.2/24" dev "$card"
    echo "$address.1" >"/run/net/$card.peer"
    use_card "$card" "$address.1" &
    number=$((number + 1))
done
for disk in $(disks); do
    use_disk "$disk" &
done
has_rng && use_rng &
dmesg | wc -l >/run/messages
dmesg -n 1
echo "@ready" >&3
beat &

while read -r command <&4; do
    case $command in
    probe)
        probe >/dev/null 2>&1
        take_online
        echo "@probed" >&3
        ;;
    report)
        touch /run/quiet
        sh /collect
        tar -c -C /run/report . | gzip -1 | base64 -w 600 >/run/report.text
        echo "@report $(md5sum </run/report.text | cut -d' ' -f1)" >&3
        while read -r line; do echo "@+ $line" >&3; done </run/report.text
        echo "@end" >&3
        rm /run/quiet
        ;;
    esac
done
