"""The processor of a baseline is started by real libvirt, and its guest migrates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from qcompat.cli import run
from qcompat.hosts.cpu.features.names import canonical
from qcompat.hosts.read.recognise import read_host
from qcompat.local.kvm import has_kvm
from tests.libvirtd import Libvirtd, skip_without_libvirt
from tools.libvirt_root import SUITES

pytestmark = pytest.mark.lab
Captured = pytest.CaptureFixture[str]

DOMAIN = """<domain type='kvm'><name>g</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os>
<type machine='pc-q35-7.2'>hvm</type></os>{cpu}<devices>
<emulator>/usr/bin/qemu-system-x86_64</emulator><controller type='usb' model='none'/>
<memballoon model='none'/></devices></domain>"""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Libvirtd]]:
    skip_without_libvirt()
    if not has_kvm():
        pytest.skip("without KVM libvirt has no processor of the host to offer")
    place = tmp_path_factory.mktemp("hosts")
    started = {r: Libvirtd(suite, place, place / "shared") for r, suite in SUITES.items()}
    try:
        yield started
    finally:
        for host in started.values():
            host.end()


@pytest.fixture
def files(hosts: Mapping[str, Libvirtd], tmp_path: Path) -> list[str]:
    """What `virsh domcapabilities` says on each."""
    found = []
    for release, host in hosts.items():
        path = tmp_path / f"{release}.xml"
        path.write_text(host.virsh("domcapabilities", "--virttype", "kvm"))
        found.append(str(path))
    return found


def test_both_libvirts_start_the_baseline_and_the_guest_moves_between_them(
    hosts: Mapping[str, Libvirtd], files: list[str], capsys: Captured
) -> None:
    assert run(["cpu", "baseline", *files, "--form", "xml"]) == 0
    domain = DOMAIN.format(cpu=capsys.readouterr().out)
    shared = hosts["9.0"].shared
    (shared / "g.xml").write_text(domain)
    old, new = hosts["9.0"], hosts["11.3"]
    for host in (new, old):
        host.virsh("create", "/shared/g.xml")
        assert "running" in host.virsh("domstate", "g")
        running = fromstring(host.virsh("dumpxml", "g")).find("cpu")
        assert running is not None
        assert running.get("check") == "full"  # libvirt's own word for what runs
        if host is new:
            host.virsh("destroy", "g")
    old.virsh("migrate", "--live", "--unsafe", "g", new.uri, "--migrateuri", "unix:///shared/m")
    new.virsh("migrate", "--live", "--unsafe", "g", old.uri, "--migrateuri", "unix:///shared/n")
    old.virsh("destroy", "g")


def test_what_does_not_migrate_is_no_part_of_an_offer(files: list[str]) -> None:
    for file in files:
        (capture,) = read_host(Path(file)).builds
        listed = {f.get("name") for f in fromstring(Path(file).read_text()).iter("feature")}
        assert "invtsc" not in capture.features
        assert ("invtsc" in map(canonical, filter(None, listed))) == bool(capture.unmigratable)
