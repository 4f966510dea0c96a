"""An instance of Incus, as the QEMU that its daemon would start.

`instance` reads what `incus config show --expanded` says, `machine` and `devices` write the options
that Incus puts into qemu.conf, `plugged` those that it adds through the monitor before the guest
runs (internal/server/instance/drivers/driver_qemu*.go of Incus 7).
"""
