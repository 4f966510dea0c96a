"""`-machine`, `-accel`, firmware and boot (libvirt: qemuBuildMachineCommandLine and others)."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.guest.given.domain.domain import Domain
from qcompat.guest.given.domain.firmware import Flash, Loader
from qcompat.guest.given.domain.line.words import Words, escaped, option
from qcompat.guest.given.domain.memory import default_block, has_cells
from qcompat.guest.given.domain.values import count, part, size, switch, text
from qcompat.guest.guest import Uncovered

_GIC_OF_HOST = (
    "libvirt takes the newest interrupt controller that the host's KVM has, and version 3 stands "
    "in; give the XML that virsh dumpxml NAME writes, which names it"
)
_IRQCHIP = {"qemu": "split", "kvm": "on"}


def machine(domain: Domain, loader: Loader) -> Words:
    """The words for the machine, with the block nodes of its flash in front."""
    for flash in loader.flashes:
        yield from _nodes(flash)
    yield from ("-machine", ",".join((domain.machine, "usb=off", *_settings(domain, loader))))
    yield from ("-accel", "kvm" if domain.is_kvm else "tcg")
    tseg = domain.element.find("features/smm/tseg")
    if tseg is not None:
        yield from ("-global", f"mch.extended-tseg-mbytes={(size(tseg, 'MiB') or 0) >> 20}")


def loader_words(loader: Loader) -> Words:
    """`-bios`, and whether only SMM may write to the flash."""
    if loader.bios:
        yield from ("-bios", loader.bios)
    elif loader.is_secure:
        yield from ("-global", "driver=cfi.pflash01,property=secure,value=on")


def _settings(domain: Domain, loader: Loader) -> Iterator[str]:
    switches = {"vmport": domain.feature("vmport"), "smm": _smm(domain, loader)}
    for name, state in switches.items():
        if state is not None:
            yield f"{name}={_on(state)}"
    if irqchip := _irqchip(domain):
        yield f"kernel_irqchip={irqchip}"
    if (ps2 := domain.feature("ps2")) is not None:
        yield f"i8042={_on(ps2)}"
    if domain.is_virt:
        yield from _of_arm(domain)
    yield f"dump-guest-core={_on(switch(domain.part('memory'), 'dumpCore') is True)}"
    if domain.element.find("memoryBacking/nosharepages") is not None:
        yield "mem-merge=off"
    yield from _memory_devices(domain)
    if not has_cells(domain):
        yield f"memory-backend={default_block(domain)}"
    if domain.element.find("launchSecurity") is not None:
        yield "confidential-guest-support=lsec0"
    for number, flash in enumerate(loader.flashes):
        yield f"pflash{number}={flash.node}"
    if domain.element.find("cpu/numa/interconnects") is not None:
        yield "hmat=on"
    if switch(domain.part("os/bios"), "useserial"):
        yield "graphics=off"
    for timer in domain.element.iterfind("clock/timer[@name='hpet']"):
        if (present := switch(timer, "present")) is not None:
            yield f"hpet={_on(present)}"
    for sound in domain.all("sound"):
        if sound.model == "pcspk":
            yield f"pcspk-audiodev=audio{part(sound.element, 'audio').get('id', '1')}"
    yield f"acpi={_on(domain.feature('acpi') is True)}"


def _of_arm(domain: Domain) -> Iterator[str]:
    """The interrupt controller: libvirt takes the newest that KVM has, and GICv2 without KVM."""
    gic = domain.part("features/gic").get("version", "")
    if not gic and domain.is_kvm:
        domain.leave_out(Uncovered("<gic>", _GIC_OF_HOST))
    yield f"gic-version={gic or ('3' if domain.is_kvm else '2')}"
    for name in ("ras", "mte"):
        if (state := domain.feature(name)) is not None:
            yield f"{name}={_on(state)}"
    if any(each.model == "smmuv3" for each in domain.all("iommu")):
        yield "iommu=smmuv3"


def _memory_devices(domain: Domain) -> Iterator[str]:
    if any(each.model == "nvdimm" for each in domain.all("memory")):
        yield "nvdimm=on"
    enclaves = [each for each in domain.all("memory") if each.model == "sgx-epc"]
    for number, each in enumerate(enclaves):
        node = each.node or 0
        yield f"sgx-epc.{number}.memdev=mem{each.alias}"
        yield f"sgx-epc.{number}.node={node}"


def _smm(domain: Domain, loader: Loader) -> bool | None:
    return True if loader.needs_smm else domain.feature("smm")


def _irqchip(domain: Domain) -> str:
    """libvirt gives a guest with interrupt remapping a split interrupt controller."""
    driver = domain.part("features/ioapic").get("driver", "")
    remaps = any(switch(part(each.element, "driver"), "intremap") for each in domain.all("iommu"))
    return _IRQCHIP.get(driver, "split" if remaps else "")


def _on(state: bool) -> str:
    return "on" if state else "off"


def _nodes(flash: Flash) -> Words:
    storage = flash.node.removesuffix("-format").removesuffix("-storage") + "-storage"
    yield from option(
        "blockdev",
        {
            "driver": flash.driver,
            "filename" if flash.driver in {"file", "host_device"} else "path": flash.path,
            "node-name": storage,
            "read-only": flash.is_read_only,
        },
    )
    if storage != flash.node:
        yield from option(
            "blockdev",
            {
                "node-name": flash.node,
                "read-only": flash.is_read_only,
                "driver": flash.format,
                "file": storage,
            },
        )


def boot(domain: Domain) -> Words:
    """`-boot`, a kernel that is booted directly, and ACPI tables of the user."""
    menu, bios = domain.part("os/bootmenu"), domain.part("os/bios")
    given = {
        "menu": {True: "on", False: "off"}.get(switch(menu, "enable")),  # type: ignore[arg-type]
        "reboot-timeout": count(bios, "rebootTimeout"),
        "splash-time": count(menu, "timeout") if switch(menu, "enable") else None,
    }
    said = [f"{key}={value}" for key, value in given.items() if value is not None]
    yield from ("-boot", ",".join((*said, "strict=on")))
    options = {"kernel": "kernel", "initrd": "initrd", "cmdline": "append", "shim": "shim"}
    for tag, name in {**options, "dtb": "dtb"}.items():
        if value := text(domain.element, f"os/{tag}"):
            yield from (f"-{name}", value)
    for table in domain.element.iterfind("os/acpi/table"):
        kind = {"slic": "SLIC", "msdm": "MSDM"}.get(table.get("type", ""), "")
        prefix = f"sig={kind}," if kind else ""
        yield from ("-acpitable", f"{prefix}file={escaped((table.text or '').strip())}")
