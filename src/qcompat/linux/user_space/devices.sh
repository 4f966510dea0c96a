# What there is: the drivers of all devices, disks and network cards.

# Loads what devices ask for that are not in /run/aliases yet, until no driver brings up a device
# that asks for another.
probe() {
    while
        find /sys/devices -name modalias -exec cat {} + 2>/dev/null | sort -u >/run/aliases.now
        grep -vxFf /run/aliases /run/aliases.now >/run/aliases.new
    do
        mv /run/aliases.now /run/aliases
        xargs modprobe -qa </run/aliases.new
        sleep 0.5 # what is behind USB and SCSI is found in the background
    done
}

# Processors and memory that were plugged are there, and not in use before somebody says so.
take_online() {
    for switch in /sys/devices/system/cpu/cpu*/online /sys/devices/system/memory/memory*/online; do
        [ "$(cat "$switch" 2>/dev/null)" = 0 ] && echo 1 >"$switch" 2>/dev/null
    done
}

disks() {
    for disk in /sys/block/*; do
        case ${disk##*/} in loop* | ram* | zram* | fd* | md*) continue ;; esac
        [ -e "$disk/size" ] && [ "$(cat "$disk/size")" -gt 0 ] && echo "${disk##*/}"
    done
}

cards() {
    for card in /sys/class/net/*; do
        [ -e "$card/device" ] && echo "${card##*/}"
    done
}

has_rng() { [ "$(cat /sys/class/misc/hw_random/rng_current 2>/dev/null || echo none)" != none ]; }
