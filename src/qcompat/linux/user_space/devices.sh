# What there is: the drivers of all devices, disks and network cards.

# Loads what the devices ask for, until no driver brings up a device that asks for another.
probe() {
    : >/run/aliases
    while
        find /sys/devices -name modalias -exec cat {} + 2>/dev/null | sort -u >/run/aliases.now
        ! cmp -s /run/aliases /run/aliases.now
    do
        mv /run/aliases.now /run/aliases
        xargs modprobe -qa </run/aliases
        sleep 0.5 # what is behind USB and SCSI is found in the background
    done
}

disks() {
    for disk in /sys/block/*; do
        case ${disk##*/} in loop* | ram* | zram* | fd* | md*) continue ;; esac
        [ "$(cat "$disk/size")" -gt 0 ] && echo "${disk##*/}"
    done
}

cards() {
    for card in /sys/class/net/*; do
        [ -e "$card/device" ] && echo "${card##*/}"
    done
}

has_rng() { [ "$(cat /sys/class/misc/hw_random/rng_current 2>/dev/null || echo none)" != none ]; }
