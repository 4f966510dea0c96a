"""The devices of an instance, those it names and those that every instance gets."""

from __future__ import annotations

from qcompat.guest.given.kubevirt.disks import TARGETS, boot, pci_address, virtio_model
from qcompat.guest.given.kubevirt.processors import topology
from qcompat.guest.given.kubevirt.resource import Instance, add

_PORTS = 4
_MOST_QUEUES = 256


def interfaces(instance: Instance) -> None:
    """Network cards, each on a tap of its pod. Errors: GuestError."""
    queues = instance.domain.at("devices.networkInterfaceMultiqueue").flag()
    sockets, cores, threads = topology(instance)
    for each in instance.domain.at("devices.interfaces"):
        if each["state"].text() == "absent":
            continue
        if each["sriov"] or each["binding"]:
            what = "its binding decides what the guest gets, and it is left out"
            instance.open(f"interface {each['name'].text()}", what)
            continue
        made = add(instance.devices, "interface", type="ethernet")
        model = each["model"].text("virtio")
        add(made, "model", type=virtio_model(instance) if model == "virtio" else model)
        if queues and model == "virtio":
            count = min(sockets * cores * threads, _MOST_QUEUES)
            add(made, "driver", name="vhost", queues=count)
        if address := each["macAddress"].text():
            add(made, "mac", address=address)
        else:
            name = f"interface {each['name'].text()}"
            instance.open(name, "its MAC address is the pod's", "nothing")
        pci_address(made, each["pciAddress"])
        if index := each["acpiIndex"].number():
            add(made, "acpi", index=index)
        boot(made, each)
        if not each["bootOrder"]:
            add(made, "rom", enabled="no")
        add(made, "alias", name=f"ua-{each['name'].text()}")


def controllers(instance: Instance) -> None:
    """The controllers that every instance has. Errors: GuestError."""
    devices = instance.domain["devices"]
    needs_usb = (
        any(each["bus"].text("usb") == "usb" for each in devices["inputs"])
        or any(each["disk"]["bus"].text() == "usb" for each in devices["disks"])
        or bool(devices["clientPassthrough"])
    )
    model = "qemu-xhci" if needs_usb else "none"
    add(instance.devices, "controller", type="usb", index=0, model=model)
    on_scsi = any(
        each[kind]["bus"].text() == "scsi" for each in devices["disks"] for kind in TARGETS
    )
    if on_scsi or not devices["disableHotplug"].flag():
        own = virtio_model(instance)
        add(instance.devices, "controller", type="scsi", index=0, model=own)
    if devices["autoattachSerialConsole"].flag(True):
        own = virtio_model(instance)
        add(instance.devices, "controller", type="virtio-serial", index=0, model=own)


def consoles(instance: Instance) -> None:
    """The agent's channel, the serial console, graphics and input. Errors: GuestError."""
    devices, made = instance.domain["devices"], instance.devices
    channel = add(made, "channel", type="unix")
    add(channel, "target", type="virtio", name="org.qemu.guest_agent.0")
    if devices["downwardMetrics"]:
        channel = add(made, "channel", type="unix")
        add(channel, "target", type="virtio", name="org.github.vhostmd.1")
    if devices["autoattachSerialConsole"].flag(True):
        serial = add(made, "serial", type="unix")
        add(serial, "source", mode="bind", path="/var/run/kubevirt-private/virt-serial0")
        add(serial, "target", port=0)
        add(add(made, "console", type="pty"), "target", type="serial", port=0)
    for each in devices["inputs"]:
        bus = each["bus"].text("usb")
        kind = each["type"].text("tablet")
        own = "virtio" if bus == "virtio" else None
        given = add(made, "input", type=kind, bus=bus, model=own)
        add(given, "alias", name=f"ua-{each['name'].text()}")
    if devices["autoattachGraphicsDevice"].flag(True):
        listen = add(made, "graphics", type="vnc")
        add(listen, "listen", type="socket", socket="/var/run/kubevirt-private/virt-vnc")
        _video(instance)


def _video(instance: Instance) -> None:
    given = instance.domain.at("devices.video.type").text()
    memory: int | None = 16384
    if not given and instance.domain.at("firmware.bootloader.efi"):
        given, memory = "bochs", None
        instance.open("video", "bochs, unless the cluster has VGA for guests with UEFI", "state")
    add(add(instance.devices, "video"), "model", type=given or "vga", heads=1, vram=memory)


def others(instance: Instance) -> None:
    """TPM, random numbers, watchdog, sound, balloon, …. Errors: GuestError."""
    devices, made = instance.domain["devices"], instance.devices
    if devices["tpm"] and devices["tpm"]["enabled"].flag(True):
        keeps = devices["tpm"]["persistent"].flag()
        tpm = add(made, "tpm", model="tpm-crb" if keeps else "tpm-tis")
        add(tpm, "backend", type="emulator", version="2.0")
    if devices["rng"]:
        rng = add(made, "rng", model=virtio_model(instance))
        add(rng, "backend", "/dev/urandom", model="random")
    if watchdog := devices["watchdog"]["i6300esb"]:
        action = watchdog["action"].text("reset")
        add(made, "watchdog", model="i6300esb", action=action)
    if devices["sound"]:
        add(made, "sound", model=devices["sound"]["model"].text("ich9"))
    for each in devices["panicDevices"]:
        add(made, "panic", model=each["model"].text("isa"))
    for _ in range(_PORTS if devices["clientPassthrough"] else 0):
        port = add(made, "redirdev", type="unix", bus="usb")
        add(port, "source", mode="bind", path="/var/run/kubevirt-private/virt-usbredir")
    for each in devices["filesystems"]:
        if each["virtiofs"]:
            shared = add(made, "filesystem", type="mount", accessmode="passthrough")
            add(shared, "driver", type="virtiofs", queue=1024)
            add(shared, "source", socket="/var/run/kubevirt/virtiofs.sock")
            add(shared, "target", dir=each["name"].text())
    if devices["autoattachVSOCK"].flag():
        vsock = add(made, "vsock", model="virtio-non-transitional")
        add(vsock, "cid", auto="no", address=instance.status["VSOCKCID"].number(3))
    for kind in ("gpus", "hostDevices"):
        for each in devices[kind]:
            instance.open(f"{kind}: {each['name'].text()}", "a device of the node is left out")
    _balloon(instance)


def _balloon(instance: Instance) -> None:
    if not instance.domain.at("devices.autoattachMemBalloon").flag(True):
        add(instance.devices, "memballoon", model="none")
        return
    is_busy = (
        instance.domain.at("cpu.dedicatedCpuPlacement").flag()
        or bool(instance.domain.at("cpu.realtime"))
        or bool(instance.domain.at("memory.hugepages"))
    )
    off = is_busy or instance.annotation("free-page-reporting-disabled") == "true"
    balloon = add(instance.devices, "memballoon", model=virtio_model(instance))
    balloon.set("freePageReporting", "off" if off else "on")
    add(balloon, "stats", period=10)
