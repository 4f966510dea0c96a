"""The parts of an instance beside devices and processors: machine, firmware, memory, clock."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from qcompat.errors import GuestError
from qcompat.guest.given.kubevirt.resource import RUNNING, Instance, add
from qcompat.guest.given.tree import Node

_OVMF = "/usr/share/OVMF"
_HYPER_V = {
    **{"relaxed": "relaxed", "vapic": "vapic", "vpindex": "vpindex", "runtime": "runtime"},
    **{"synic": "synic", "synictimer": "stimer", "reset": "reset", "frequencies": "frequencies"},
    **{"reenlightenment": "reenlightenment", "tlbflush": "tlbflush", "ipi": "ipi"},
    "evmcs": "evmcs",
}
"""KubeVirt's names and libvirt's."""
_TIMERS = ("rtc", "pit", "kvm", "hpet", "hyperv")
_NAMES = {"kvm": "kvmclock", "hyperv": "hypervclock"}


def name(instance: Instance) -> None:
    metadata = instance.metadata
    full = f"{metadata['namespace'].text('default')}_{metadata['name'].text('vmi')}"
    add(instance.root, "name", full)


def system(instance: Instance) -> None:
    """<os> and the table that SMBIOS makes of <sysinfo>. Errors: GuestError."""
    machine = instance.status.at("machine.type").text()
    machine = machine or instance.domain.at("machine.type").text()
    if not machine:
        instance.open("spec.domain.machine", "the cluster's configuration names the machine type")
    architecture = instance.spec["architecture"].text("amd64")
    if architecture != "amd64":
        raise GuestError(f"an instance is read for amd64 alone, not {architecture[:20]!r}", RUNNING)
    os = add(instance.root, "os")
    add(os, "type", "hvm", arch="x86_64", machine=machine or "q35")
    _boot(instance, os)
    add(os, "smbios", mode="sysinfo")
    if instance.spec["startStrategy"].text() == "Paused":
        add(os, "bootmenu", enable="yes", timeout=10000)
    _identity(instance)


def _boot(instance: Instance, os: Element) -> None:
    firmware = instance.domain["firmware"]
    loader = firmware["bootloader"]
    if loader["efi"]:
        secure = loader.at("efi.secureBoot").flag(True)
        kind = ".secboot" if secure else ""
        code = f"{_OVMF}/OVMF_CODE{kind}.fd"
        add(os, "loader", code, readonly="yes", secure="yes" if secure else "no", type="pflash")
        add(
            os, "nvram", "/var/run/kubevirt-private/VARS.fd", template=f"{_OVMF}/OVMF_VARS{kind}.fd"
        )
    elif loader.at("bios.useSerial").flag():
        add(os, "bios", useserial="yes")
    kernel = firmware["kernelBoot"]
    for tag, key in (("kernel", "kernelPath"), ("initrd", "initrdPath")):
        if path := kernel["container"][key].text():
            add(os, tag, path)
    if arguments := kernel["kernelArgs"].text():
        add(os, "cmdline", arguments)


def _identity(instance: Instance) -> None:
    domain = instance.domain
    info = add(instance.root, "sysinfo", type="smbios")
    table = add(info, "system")
    for key in ("uuid", "serial"):
        if value := domain["firmware"][key].text():
            add(table, "entry", value, name=key)
    what = "manufacturer, product and family are the cluster's, and the same on both ends"
    instance.open("SMBIOS", what, "nothing")
    chassis = add(info, "chassis")
    for key in ("manufacturer", "version", "serial", "asset", "sku"):
        if value := domain["chassis"][key].text():
            add(chassis, "entry", value, name=key)


def state(node: Node) -> str:
    """A feature that is on unless it says otherwise. Errors: GuestError."""
    return "on" if node["enabled"].flag(True) else "off"


def features(instance: Instance) -> None:
    """<features>. Errors: GuestError."""
    given = instance.domain["features"]
    made = add(instance.root, "features")
    if given["acpi"]["enabled"].flag(True):
        add(made, "acpi")
    for key in ("apic", "smm"):
        if given[key] and given[key]["enabled"].flag(True):
            add(made, key)
    _hyper_v(given, made)
    is_dedicated = instance.domain.at("cpu.dedicatedCpuPlacement").flag()
    if given["kvm"] or is_dedicated:
        kvm = add(made, "kvm")
        if given["kvm"]:
            add(kvm, "hidden", state="on" if given["kvm"]["hidden"].flag() else "off")
        if is_dedicated:
            add(kvm, "hint-dedicated", state="on")
    if given["pvspinlock"]:
        add(made, "pvspinlock", state=state(given["pvspinlock"]))
    if instance.domain.at("cpu.realtime"):
        add(made, "pmu", state="off")
    add(made, "vmport", state="off")


def _hyper_v(given: Node, made: Element) -> None:
    source = given["hyperv"]
    if not source:
        if given["hypervPassthrough"]["enabled"].flag():
            add(made, "hyperv", mode="passthrough")
        return
    hyperv = add(made, "hyperv")
    for key, tag in _HYPER_V.items():
        if source[key]:
            element = add(hyperv, tag, state=state(source[key]))
            for more in ("direct", "extended"):
                if source[key][more]:
                    add(element, more, state=state(source[key][more]))
    if spinlocks := source["spinlocks"]:
        retries = spinlocks["spinlocks"].number(4096)
        add(hyperv, "spinlocks", state=state(spinlocks), retries=retries)
    if vendor := source["vendorid"]:
        add(hyperv, "vendor_id", state=state(vendor), value=vendor["vendorid"].text())


def memory_bytes(instance: Instance) -> int:
    """The guest's memory at the start. Errors: GuestError."""
    domain = instance.domain
    asked = (
        domain["memory"]["guest"]
        or domain["resources"]["requests"]["memory"]
        or domain["resources"]["limits"]["memory"]
    )
    if not asked:
        raise GuestError("the instance says no size of its memory", RUNNING)
    return asked.bytes()


def memory(instance: Instance) -> None:
    """<memory>, <maxMemory> and <memoryBacking>. Errors: GuestError."""
    given = instance.domain["memory"]
    size = memory_bytes(instance)
    most = given["maxGuest"].bytes(size)
    if most != size:
        add(instance.root, "maxMemory", str(most), unit="b")
    add(instance.root, "memory", str(size), unit="b")
    if given["hugepages"] or _shares_files(instance):
        backing = add(instance.root, "memoryBacking")
        if given["hugepages"]:
            add(backing, "hugepages")
        if needs_memfd(instance):
            add(backing, "source", type="memfd")
        if _shares_files(instance):
            add(backing, "access", mode="shared")


def _shares_files(instance: Instance) -> bool:
    filesystems = instance.domain.at("devices.filesystems")
    interfaces = instance.domain.at("devices.interfaces")
    return any(each["virtiofs"] for each in filesystems) or any(
        each["passtBinding"] for each in interfaces
    )


def needs_memfd(instance: Instance) -> bool:
    huge = instance.domain["memory"]["hugepages"]
    return _shares_files(instance) or (bool(huge) and instance.annotation("memfd") != "false")


def clock(instance: Instance) -> None:
    """<clock>. Errors: GuestError."""
    given = instance.domain["clock"]
    if not given:
        return
    made = add(instance.root, "clock")
    if utc := given["utc"]:
        made.set("offset", "utc")
        made.set("adjustment", utc["offsetSeconds"].text("reset"))
    elif zone := given["timezone"].text():
        made.set("offset", "timezone")
        made.set("timezone", zone)
    for key in _TIMERS:
        timer = given["timer"][key]
        if timer:
            present = "yes" if timer["present"].flag(True) else "no"
            policy, track = timer["tickPolicy"].text() or None, timer["track"].text() or None
            own = _NAMES.get(key, key)
            add(made, "timer", name=own, tickpolicy=policy, present=present, track=track)
    if frequency := instance.status.at("topologyHints.tscFrequency").text():
        add(made, "timer", name="tsc", frequency=frequency)
