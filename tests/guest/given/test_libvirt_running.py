"""Guests of real libvirt daemons: their XML, file, save image and process are one guest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from qcompat.guest.given.line import guest_given
from qcompat.guest.given.recognise import read_guest
from qcompat.guest.guest import Guest
from tests.libvirtd import Libvirtd, skip_without_libvirt
from tools.libvirt_root import SUITES

pytestmark = pytest.mark.lab

HEAD = "<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>"
EMULATOR = "<emulator>/usr/bin/qemu-system-x86_64</emulator>"
Q35 = "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><features><acpi/></features>"
I440FX = (
    "<os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os><features><acpi/></features>"
)
DISK = """<disk type='file' device='disk'><driver name='qemu' type='raw'/>
<source file='/shared/disk.img'/><target dev='{dev}' bus='{bus}'/></disk>"""
CARD = "<interface type='user'><mac address='52:54:00:00:00:0{n}'/><model type='{m}'/></interface>"
BODIES = {
    "plain": Q35 + "<devices>" + EMULATOR + "</devices>",
    "old": I440FX + "<devices>" + EMULATOR + "</devices>",
    "disks": Q35 + "<devices>" + EMULATOR + DISK.format(dev="vda", bus="virtio")
    + "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk></devices>",
    "scsi": Q35 + "<devices>" + EMULATOR + "<controller type='scsi' model='virtio-scsi'/>"
    + DISK.format(dev="sdb", bus="scsi") + "</devices>",
    "ide": I440FX + "<devices>" + EMULATOR + DISK.format(dev="hda", bus="ide") + "</devices>",
    "cards": Q35 + "<devices>" + EMULATOR + CARD.format(n=1, m="virtio")
    + CARD.format(n=2, m="e1000e") + CARD.format(n=3, m="rtl8139") + "</devices>",
    "seat": Q35 + "<devices>" + EMULATOR + "<graphics type='vnc' autoport='yes'/>"
    "<input type='tablet' bus='usb'/><sound model='ich9'/><video><model type='virtio'/></video>"
    "</devices>",
    "ports": I440FX + "<devices>" + EMULATOR + "<serial type='pty'/><channel type='unix'><target "
    "type='virtio' name='org.qemu.guest_agent.0'/></channel><console type='pty'><target "
    "type='virtio'/></console></devices>",
    "numa": "<maxMemory slots='2' unit='MiB'>512</maxMemory>" + Q35
    + "<cpu><model>Nehalem</model><numa><cell id='0' cpus='0' memory='32' unit='MiB'/>"
    "<cell id='1' cpus='1' memory='32' unit='MiB'/></numa></cpu><devices>" + EMULATOR
    + "<memory model='dimm'><target><size unit='MiB'>128</size><node>1</node></target></memory>"
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices>",
    "clock": Q35 + "<clock offset='utc'><timer name='rtc' tickpolicy='catchup'/><timer name='hpet' "
    "present='no'/></clock><pm><suspend-to-mem enabled='no'/></pm><devices>" + EMULATOR
    + "<memballoon model='none'/><watchdog model='i6300esb'/><panic model='isa'/></devices>",
}  # fmt: skip
"""Ten domains, none with an address."""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Libvirtd]]:
    skip_without_libvirt()
    place = tmp_path_factory.mktemp("hosts")
    started = {r: Libvirtd(suite, place, place / "shared") for r, suite in SUITES.items()}
    (place / "shared" / "disk.img").write_bytes(bytes(1 << 20))
    try:
        yield started
    finally:
        for host in started.values():
            host.end()


def _process(name: str) -> bytes:
    """The words of the QEMU that runs a guest."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if f"guest={name},".encode() in words and b"qemu-system" in words.partition(b"\0")[0]:
            return words
    raise AssertionError(f"no QEMU runs {name}")


def _same(guest: Guest) -> Counter[str]:
    """The options of a guest, without what another release of libvirt writes otherwise.

    Each chooses the names of block nodes anew. The XML of a guest that runs has CPU features that
    QEMU added by itself, and where QEMU put a DIMM. ACPI is on where nothing is said.
    """
    text = "\n".join(guest.arguments)
    text = re.sub(r"libvirt-(\d+)-\w+", r"node-\1", text)
    text = re.sub(r"^-cpu\n([^,\n]+).*$", r"-cpu \1", text, flags=re.MULTILINE)
    text = re.sub(r"(^pc-dimm,.*),addr=\d+$", r"\1", text, flags=re.MULTILINE)
    return Counter(text.replace(",acpi=on", "").split("\n"))


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("release", SUITES)
def test_every_way_to_give_a_running_guest_gives_the_same(
    release: str, body: str, hosts: Mapping[str, Libvirtd], tmp_path: Path
) -> None:
    host, name = hosts[release], f"{body}-{release}"
    xml = HEAD.format(name=name) + BODIES[body] + "</domain>"
    (host.shared / "new.xml").write_text(xml)
    host.virsh("create", "/shared/new.xml")
    ways = {
        "process": _process(name),
        "running": host.virsh("dumpxml", name).encode(),
        "migratable": host.virsh("dumpxml", name, "--migratable").encode(),
        "native": host.virsh("domxml-to-native", "qemu-argv", "--domain", name).encode(),
    }
    host.virsh("save", name, "/shared/saved")
    ways["saved"] = (host.shared / "saved").read_bytes()
    found = {}
    for way, content in ways.items():
        path = tmp_path / way
        path.write_bytes(content)
        found[way] = _same(guest_given(read_guest(path)))
    process = found.pop("process")
    if body == "cards":
        del found["native"]  # libvirt writes each network as a tap there
    differing = {
        way: (added, lost)
        for way, guest in found.items()
        if (added := guest - process - _later(release, way)) + (lost := process - guest)
    }
    assert not differing, "\n".join(f"{way}: {both}" for way, both in differing.items())


def _later(release: str, way: str) -> Counter[str]:
    """What a later libvirt adds to a definition of 9.0: the watchdog that ICH9 has."""
    is_definition = release == "9.0" and way in {"migratable", "saved"}
    return Counter(("-global", "ICH9-LPC.noreboot=off")) if is_definition else Counter()
