#!/bin/busybox sh
# The guest's first process: mounts, modules, then the script that the kernel's line names.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mem
exec </dev/console >/dev/console 2>&1
. /devices
echo none >/run/aliases
modprobe -qa $(cat /etc/modules)
probe
exec sh "/$(sed -n 's/.*qcompat\.run=\([^ ]*\).*/\1/p' /proc/cmdline)"
