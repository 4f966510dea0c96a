"""A domain of a real libvirt is carried, rehearsed and then migrated, named by its name alone."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring

from qcompat.builds.build import Build
from qcompat.cli import run
from qcompat.portrait.running.reach.reach import reach
from qcompat.portrait.running.reach.running import Domain
from qcompat.report.remedy.libvirt import NAMESPACE
from tests.libvirtd import Libvirtd, skip_without_libvirt

pytestmark = pytest.mark.lab

Captured = pytest.CaptureFixture[str]
_QEMUS = {"trixie": "10.0.13", "bookworm": "7.2.22"}
_DOMAIN = """<domain type='qemu'><name>web1</name><memory unit='MiB'>128</memory><vcpu>1</vcpu>
<os><type machine='pc-q35-7.2'>hvm</type></os><features><acpi/></features>
<cpu mode='custom' match='exact'><model>qemu64</model></cpu>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file'><driver name='qemu' type='raw'/><source file='/shared/disk'/>
<target dev='vda' bus='virtio'/></disk>
<controller type='usb' model='none'/><video><model type='none'/></video></devices></domain>"""
_RNG = "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"


@pytest.fixture
def hosts(
    tmp_path: Path, builds: Mapping[str, Build], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mapping[str, Libvirtd]]:
    """The daemons of both suites, that of `trixie` with the domain."""
    skip_without_libvirt()
    if missing := [version for version in _QEMUS.values() if version not in builds]:
        pytest.skip(f"QEMU {missing[0]} is not registered: `make test` fetches it")
    shared = tmp_path / "shared"
    shared.mkdir()
    found = {suite: Libvirtd(suite, tmp_path / "state", shared) for suite in _QEMUS}
    found["trixie"].install_virsh(shared)
    monkeypatch.setenv("PATH", f"{shared}:{os.environ['PATH']}")
    (shared / "disk").write_bytes(bytes(1 << 20))
    (shared / "domain.xml").write_text(_DOMAIN)
    (shared / "rng.xml").write_text(_RNG)
    yield found
    for host in found.values():
        host.end()


def _asked(capsys: Captured, *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = run([*words, "--json"])
    out, err = capsys.readouterr()
    assert out, err
    assert "tainted" in err
    return code, json.loads(out)


def test_a_domain_migrates_as_it_was_said_and_rehearsed(
    hosts: Mapping[str, Libvirtd], builds: Mapping[str, Build], capsys: Captured
) -> None:
    source, target = hosts["trixie"], hosts["bookworm"]
    source.virsh("create", "/shared/domain.xml")
    source.virsh("attach-device", "web1", "/shared/rng.xml", "--live")
    guest = ("--domain", "web1", "--connect", source.uri, "--to", builds["7.2.22"].name)

    _, carried = _asked(capsys, "carry", *guest)
    assert carried["verdict"] in ("ok", "drift")
    code, _ = _asked(capsys, "check", *guest, "--promise", "loads")
    assert code == 0
    code, rehearsed = _asked(capsys, "rehearse", *guest)
    assert code in (0, 3), rehearsed
    assert rehearsed["trials"][0]["succeeds"], rehearsed

    given = source.virsh("dumpxml", "web1", "--migratable")
    (source.shared / "target.xml").write_text(_with(given, carried["forms"]["libvirt"]["text"]))
    where = ("--migrateuri", "unix:///shared/m", "--xml", "/shared/target.xml")
    source.virsh("migrate", "--live", "--unsafe", "web1", target.uri, *where)
    asyncio.run(_check_arrived(Domain("web1", target.uri)))


async def _check_arrived(domain: Domain) -> None:
    async with reach(domain) as monitor:
        assert (await monitor.ask("query-status"))["status"] == "running"
        assert "virtio-rng" in await monitor.monitor("info qtree")


def _with(given: str, printed: str) -> str:
    """The domain's XML with what qcompat printed for it, if it printed anything."""
    if not printed:
        return given
    ET.register_namespace("qemu", NAMESPACE)
    domain = fromstring(given)
    domain.extend(fromstring(printed))
    return ET.tostring(domain, encoding="unicode")
