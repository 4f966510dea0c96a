"""The devices that every instance has, in the order of qemu.conf."""

from __future__ import annotations

from qcompat.guest.given.incus.instance import Instance, Topology

_RING = "size=16B"
_SPICE_PORTS = (("qemu_spice", "com.redhat.spice.0"), ("qemu_spicedir", "org.spice-space.webdav.0"))
_GENERIC = "generic"
_SPARE_PORTS = 8


def fixed(instance: Instance) -> None:
    """Everything from the console to the graphics card. Errors: GuestError."""
    instance.write("chardev", "ringbuf,id=console,size=1048576")
    instance.device("vmcoreinfo,id=qemu_vmcoreinfo")
    if instance.flag("security.iommu"):
        place = instance.place(direct=True)
        own = "intel-iommu,id=intel-iommu,intremap=on,caching-mode=on"
        instance.device(own if instance.is_windows else f"virtio-iommu-pci,id=qemu_iommu{place}")
    instance.device(f"virtio-balloon-pci,id=qemu_balloon{_port(instance)}")
    instance.write("object", "rng-random,id=qemu_rng,filename=/dev/urandom")
    instance.device(f"virtio-rng-pci,id=dev-qemu_rng,rng=qemu_rng{_port(instance)}")
    instance.device(f"virtio-keyboard-pci,id=qemu_keyboard{_port(instance)}")
    instance.device(f"virtio-tablet-pci,id=qemu_tablet{_port(instance)}")
    number = instance.key("volatile.vsock_id") or "3"
    instance.device(f"vhost-vsock-pci,id=qemu_vsock,guest-cid={number}{_port(instance)}")
    what = "SPICE, 9p, sound and virtio-vga are taken to be in the host's QEMU, as in Incus's own"
    instance.open("-spice", what, "nothing")
    instance.add("spice", "unix=on,disable-ticketing=on,addr=/run/incus/qemu.spice")
    _serial(instance)
    _usb(instance)
    if not instance.is_windows and not instance.may_move:
        instance.write("audiodev", "spice,id=qemu_sound-audiodev")
        instance.device(
            f"virtio-sound-pci,id=qemu_sound,audiodev=qemu_sound-audiodev{_port(instance)}"
        )
    place = _own_port(instance)
    instance.device(f"virtio-scsi-pci,id=qemu_scsi,num_queues={_queues(instance)}{place}")
    if not instance.is_windows:
        _shared_configuration(instance)
    instance.device(f"virtio-vga,id=qemu_gpu{_own_port(instance)}")


def _port(instance: Instance) -> str:
    return instance.place(_GENERIC)


def _own_port(instance: Instance) -> str:
    """A port of its own; with a BIOS, a place on the root bus, and an empty port."""
    if not instance.flag("security.csm"):
        return instance.place()
    instance.place()
    return instance.place(direct=True)


def _queues(instance: Instance) -> int:
    topology = instance.boot.cpu_topology or Topology()
    return topology.sockets * topology.cores if instance.boot.version != 0 else 1


def _serial(instance: Instance) -> None:
    instance.device(f"virtio-serial-pci,id=dev-qemu_serial{_port(instance)}")
    instance.write("chardev", f"ringbuf,id=qemu_serial-chardev,{_RING}")
    bus = "bus=dev-qemu_serial.0"
    name = "name=org.linuxcontainers.incus,chardev=qemu_serial-chardev"
    instance.device(f"virtserialport,id=qemu_serial,{name},{bus}")
    instance.device(f"virtserialport,id=qemu_serial_legacy,name=org.linuxcontainers.lxd,{bus}")
    for port, name in _SPICE_PORTS:
        kind = "spicevmc,name=vdagent" if port == "qemu_spice" else f"spiceport,name={name}"
        instance.write("chardev", f"{kind},id={port}-chardev")
        instance.device(f"virtserialport,id={port},name={name},chardev={port}-chardev,{bus}")


def _usb(instance: Instance) -> None:
    instance.device(f"qemu-xhci,id=qemu_usb,p2=8,p3=8{_port(instance)}")
    for number in range(1, 4):
        back_end = f"qemu_spice-usb-chardev{number}"
        instance.write("chardev", f"spicevmc,id={back_end},name=usbredir")
        instance.device(f"usb-redir,id=qemu_spice-usb{number},chardev={back_end}")


def _shared_configuration(instance: Instance) -> None:
    """The directory with the agent's configuration, by 9p."""
    place = instance.place("9p")
    instance.write("fsdev", "local,id=qemu_config,security_model=none,readonly=on,path=/run/config")
    own = "mount_tag=config,fsdev=qemu_config"
    instance.device(f"virtio-9p-pci,id=dev-qemu_config-drive-9p,{own}{place}")


def last(instance: Instance) -> None:
    """The generation's number, and ports that wait for devices. Errors: GuestError."""
    if guid := instance.key("volatile.uuid.generation"):
        instance.device(f"vmgenid,id=vmgenid0,guid={guid}")
    else:
        instance.open("vmgenid", "it has one from its first start on")
    for _ in range(_SPARE_PORTS):
        instance.place()
