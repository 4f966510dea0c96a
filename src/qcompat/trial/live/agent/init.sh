#!/bin/busybox sh
# The guest's first process: mounts, modules, then the agent.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mem
exec </dev/console >/dev/console 2>&1
while read -r module; do
    insmod "/modules/$module.ko" || echo "no module $module"
done </modules/order
rm -rf /modules
exec sh /agent
