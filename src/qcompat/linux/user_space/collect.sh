# Gathers in /run/report what the guest can see of its machine, and whether its devices work.
#
# A device that does not answer must not stop the rest: each is asked in the background, and what
# is not there in time is missing from the report.
SECONDS_TO_ANSWER=5

report=/run/report
rm -rf $report
mkdir -p $report/pci $report/acpi $report/dmi $report/cpu $report/virtio $report/usb $report/disk \
    $report/net $report/answers

for function in /sys/bus/pci/devices/*; do
    [ -e "$function/config" ] || continue
    cat "$function/config" >"$report/pci/${function##*/}"
    [ -e "$function/driver" ] || echo "${function##*/}" >>$report/idle
done

for table in /sys/firmware/acpi/tables/*; do
    [ -f "$table" ] && cat "$table" >"$report/acpi/${table##*/}"
done
cp /sys/firmware/dmi/tables/* $report/dmi 2>/dev/null

cp /proc/cpuinfo $report/cpu/cpuinfo
leaves() { dd if=/dev/cpu/0/cpuid bs=$((16 * $2)) count=1 skip=$1 iflag=skip_bytes 2>/dev/null; }
if [ -e /dev/cpu/0/cpuid ]; then
    # The device counts leaves where a file counts bytes; a subleaf is 2^32 further on.
    leaves 0 32 >$report/cpu/0x0
    leaves $((0x40000000)) 8 >$report/cpu/0x40000000
    leaves $((0x80000000)) 32 >$report/cpu/0x80000000
    for subleaf in 1 2; do
        leaves $(((subleaf << 32) + 7)) 1 >$report/cpu/0x7.$subleaf
        leaves $(((subleaf << 32) + 13)) 1 >$report/cpu/0xd.$subleaf
    done
fi

tell() { for name in $2; do [ -f "$1/$name" ] && echo "$name $(cat "$1/$name" 2>/dev/null)"; done; }
for device in /sys/bus/virtio/devices/*; do
    [ -e "$device" ] || continue
    tell "$device" "device vendor features status" >"$report/virtio/${device##*/}"
done
for device in /sys/block/*; do
    case ${device##*/} in loop* | ram* | zram* | "*") continue ;; esac
    tell "$device" "size ro removable serial queue/logical_block_size \
queue/physical_block_size queue/write_cache queue/rotational queue/discard_max_bytes \
queue/max_segments" >"$report/disk/${device##*/}"
done
for device in /sys/class/net/*; do
    [ -e "$device/device" ] || continue
    tell "$device" "address mtu carrier" >"$report/net/${device##*/}"
done
for device in /sys/bus/usb/devices/*; do
    [ -e "$device/idVendor" ] || continue
    tell "$device" "idVendor idProduct product speed bConfigurationValue" >"$report/usb/${device##*/}"
done
cp /proc/iomem $report/iomem
cat /sys/devices/system/clocksource/clocksource0/current_clocksource >$report/clocksource
cat /sys/class/misc/hw_random/rng_current >$report/rng 2>/dev/null

before=$(cat /run/messages)
dmesg -r | tail -n +$((before + 1)) | grep '^<[0-3]>' >$report/messages
dmesg | wc -l >/run/messages

# --- what needs an answer

answer() {
    name=$1
    shift
    echo "$name" >>/run/asked
    ("$@" >"/run/answer.$name" 2>/dev/null && mv "/run/answer.$name" "$report/answers/$name") &
}
memory() { echo "$(cut -d' ' -f1 /run/kept.sum) $(md5sum </mem/kept | cut -d' ' -f1)"; }
disk() { dd if="/dev/$1" bs=64k count=16 iflag=direct | md5sum | cut -d' ' -f1; }
card() {
    answered=0
    for _ in 1 2 3; do
        ping -c 1 -W 1 "$1" >/dev/null 2>&1 && answered=$((answered + 1))
    done
    echo $answered 3
}
rng() { dd if=/dev/hwrng bs=16 count=1 status=none | wc -c; }

: >/run/asked
cp /run/damage $report/damage 2>/dev/null
cat /run/rounds >$report/rounds 2>/dev/null
answer memory memory
for rounds in /run/disk/*.block /run/disk/*.rounds; do
    [ -e "$rounds" ] || continue
    name=${rounds##*/}
    name=${name%.*}
    grep -qx "disk.$name" /run/asked || answer "disk.$name" disk "$name"
done
for peer in /run/net/*.peer; do
    [ -e "$peer" ] || continue
    name=${peer##*/}
    answer "net.${name%.peer}" card "$(cat "$peer")"
done
[ -s $report/rng ] && [ "$(cat $report/rng)" != none ] && answer rng rng
ticks=$((SECONDS_TO_ANSWER * 10))
while [ $ticks -gt 0 ] && [ "$(ls $report/answers | wc -l)" -lt "$(wc -l </run/asked)" ]; do
    sleep 0.1
    ticks=$((ticks - 1))
done
cp /run/asked $report/asked
for counts in /run/net/*.count /run/disk/*.rounds; do
    [ -e "$counts" ] && echo "${counts##*/} $(cat "$counts")"
done >$report/work
read -r uptime _ </proc/uptime
echo "$uptime $(date +%s)" >$report/time
