"""The hook of docs/how-to/hooks, called by real libvirt: what it makes of every life of a guest."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build
from qcompat.local.kvm import has_kvm
from tests.libvirtd import Libvirtd, Qcompat, skip_without_libvirt
from tools.libvirt_root import SUITES

pytestmark = pytest.mark.lab

HOOK = Path(__file__).parents[2] / "docs/how-to/hooks/libvirt-qemu"
QEMUS = {"bookworm": "7.2.22", "trixie": "10.0.13"}
# A boot sector that powers off when the power button is pressed, by the ACPI registers of q35's
# PM block where SeaBIOS puts it: enable (0x602) and wait for (0x600) bit 8, then S5 (0x604).
BOOT = bytes.fromhex("ba0206b80001ef ba0006ed a9000174f7 ba0406b80020ef f4ebfd")
DOMAIN = """<domain type='{kind}'><name>g</name><uuid>{uuid}</uuid>
<memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type machine='pc-q35-7.2'>hvm</type></os>
<features><acpi/></features><cpu mode='custom' match='exact' check='none'><model>qemu64</model>
</cpu><devices><emulator>/usr/bin/qemu-system-x86_64</emulator><disk type='file' device='disk'>
<driver name='qemu' type='raw' cache='none'/><source file='/shared/boot.img'/>
<target dev='sda' bus='sata'/><shareable/></disk><controller type='usb' model='none'/>
<memballoon model='none'/></devices></domain>"""


class Fleet:
    """The hosts by libvirt's release, and the qcompat that all of them share."""

    def __init__(self, place: Path, builds: Mapping[str, Build]) -> None:
        shared = place / "shared"
        self.qcompat = Qcompat(shared, f"sqlite:///{place}/store.db")
        sector = BOOT.ljust(510, b"\0") + b"\x55\xaa"
        (shared / "boot.img").write_bytes(sector.ljust(1 << 20, b"\0"))
        kind = "kvm" if has_kvm() else "qemu"
        self.uuid = str(uuid.uuid4())
        (shared / "g.xml").write_text(DOMAIN.format(kind=kind, uuid=self.uuid))
        self.qcompat.start()
        self.names = {release: builds[QEMUS[suite]].name for release, suite in SUITES.items()}
        self.hosts = {
            release: Libvirtd(suite, place, shared, self._hook(release))
            for release, suite in SUITES.items()
        }
        for host in self.hosts.values():
            host.virsh("define", "/shared/g.xml")

    def _hook(self, release: str) -> str:
        text = HOOK.read_text()
        for name, place in (("TOLD", "/var/log"), ("SPOOL", "/run")):
            text = text.replace(f"{name}={place}/", f"{name}=/var/log/libvirt/")
        return text.replace("BUILD=debian-10.0.13 ", f"BUILD={self.names[release]} ")

    def end(self) -> None:
        """End every host, then qcompat."""
        for host in self.hosts.values():
            host.end()
        self.qcompat.end()

    def runs_on(self) -> str:
        """Where the guest is recorded, once no hook is at work any more."""
        until = time.monotonic() + 60
        while time.monotonic() < until and (self.qcompat.is_busy() or self._has_events()):
            time.sleep(0.2)
        rows = self.qcompat.ask("guest", "list").stdout.splitlines()
        return next((row.split()[1] for row in rows if row.startswith("g ")), "")

    def told(self) -> list[str]:
        """What the hooks have told qcompat since the last question."""
        self.runs_on()
        found = [" ".join(words[1:]).removesuffix(" --") for words in self.qcompat.told]
        self.qcompat.told.clear()
        return found

    def _has_events(self) -> bool:
        return any(any(h.state.glob("log/qcompat-hook/g/*.event")) for h in self.hosts.values())


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, builds: Mapping[str, Build]) -> Iterator[Fleet]:
    skip_without_libvirt()
    if missing := [version for version in QEMUS.values() if version not in builds]:
        pytest.skip(f"QEMU {missing[0]} is not registered: `make test` fetches it")
    fleet = Fleet(tmp_path_factory.mktemp("fleet"), builds)
    try:
        yield fleet
    finally:
        fleet.end()


@pytest.fixture(params=SUITES)
def release(request: pytest.FixtureRequest, fleet: Fleet) -> Iterator[str]:
    yield request.param
    for host in fleet.hosts.values():
        if "running" in host.virsh("domstate", "g"):
            host.virsh("destroy", "g")
    fleet.told()


def _started(fleet: Fleet, release: str) -> Callable[..., str]:
    virsh = fleet.hosts[release].virsh
    virsh("start", "g")
    assert fleet.told()[-1] == f"start g {fleet.names[release]}"
    assert fleet.runs_on() == fleet.names[release]
    return virsh


def _wait_until_off(virsh: Callable[..., str], *press: str) -> None:
    """Press the power button until the boot sector is there to see it."""
    until = time.monotonic() + 180
    while "shut off" not in virsh("domstate", "g"):
        assert time.monotonic() < until
        if press:
            with contextlib.suppress(RuntimeError):  # it went off meanwhile
                virsh(*press)
        time.sleep(0.5)


def test_a_destroyed_guest_is_off(fleet: Fleet, release: str) -> None:
    _started(fleet, release)("destroy", "g")
    assert fleet.told() == ["off g"]
    assert fleet.runs_on() == "off"


def test_a_guest_that_shuts_itself_down_is_off(fleet: Fleet, release: str) -> None:
    virsh = _started(fleet, release)
    _wait_until_off(virsh, "shutdown", "g", "--mode", "acpi")
    assert fleet.told() == ["off g"]


def _is_guest(path: Path, own: str) -> bool:
    """Whether it is the QEMU of libvirt's guest; its twin has no name."""
    with contextlib.suppress(OSError):
        words = path.read_text().split("\0")
        return words[0].endswith("qemu-system-x86_64") and "-name" in words and own in words
    return False


def test_a_guest_that_crashed_is_off(fleet: Fleet, release: str) -> None:
    virsh = _started(fleet, release)
    (pid,) = (
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if _is_guest(path, fleet.uuid)
    )
    os.kill(int(pid), signal.SIGKILL)
    _wait_until_off(virsh)
    assert fleet.told() == ["off g"]


def test_a_saved_guest_is_not_off_and_its_restore_is_no_start(fleet: Fleet, release: str) -> None:
    virsh = _started(fleet, release)
    virsh("save", "g", "/shared/g.save")
    assert fleet.told() == []
    virsh("restore", "/shared/g.save")
    assert fleet.told() == []
    virsh("managedsave", "g")
    virsh("start", "g")
    assert fleet.told() == []
    assert fleet.runs_on() == fleet.names[release]


def test_a_saved_guest_that_is_started_afresh_was_off(fleet: Fleet, release: str) -> None:
    virsh = _started(fleet, release)
    virsh("save", "g", "/shared/g.save")
    virsh("start", "g")
    assert fleet.told() == ["off g", f"start g {fleet.names[release]}"]


def test_a_reboot_or_reset_leaves_it_on(fleet: Fleet, release: str) -> None:
    virsh = _started(fleet, release)
    virsh("reboot", "g", "--mode", "acpi")
    virsh("reset", "g")
    assert fleet.told() == []
    assert fleet.runs_on() == fleet.names[release]


@pytest.mark.parametrize("way", ["live", "p2p"])
def test_a_migration_is_recorded_where_the_guest_arrives(
    fleet: Fleet, release: str, way: str
) -> None:
    virsh = _started(fleet, release)
    (other,) = fleet.hosts.keys() - {release}
    socket = f"unix:///shared/{release}-{way}.sock"
    how = ("--p2p",) if way == "p2p" else ()
    uri = fleet.hosts[other].uri
    virsh("migrate", "--live", "--unsafe", *how, "g", uri, "--migrateuri", socket)
    if way == "p2p":
        assert fleet.told() == [f"moved g {fleet.names[other]}"]
    assert fleet.runs_on() == fleet.names[other]
    back = f"unix:///shared/{release}-{way}-back.sock"
    fleet.hosts[other].virsh(
        "migrate", "--live", "--unsafe", *how, "g", fleet.hosts[release].uri, "--migrateuri", back
    )
    assert fleet.runs_on() == fleet.names[release]


def test_a_migration_that_fails_leaves_it_where_it_is(fleet: Fleet, release: str) -> None:
    virsh = _started(fleet, release)
    (other,) = fleet.hosts.keys() - {release}
    with pytest.raises(RuntimeError):
        nowhere = "unix:///shared/nowhere/g.sock"
        virsh("migrate", "--live", "--unsafe", "g", fleet.hosts[other].uri, "--migrateuri", nowhere)
    assert fleet.told() == []
    assert fleet.runs_on() == fleet.names[release]
