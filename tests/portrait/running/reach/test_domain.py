"""A domain of a real libvirt is asked by its name alone, and every other one is a clear error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from qcompat.errors import CommandError, LibvirtError, QcompatError, QemuError, UsageError
from qcompat.guest.program import is_emulator
from qcompat.portrait.running.arguments import arguments_of, words_of
from qcompat.portrait.running.device_state import take_device_state
from qcompat.portrait.running.reach.domain import facts_of
from qcompat.portrait.running.reach.process import libvirt_name
from qcompat.portrait.running.reach.reach import reach
from qcompat.portrait.running.reach.running import Domain, Process
from tests.libvirtd import Libvirtd, skip_without_libvirt
from tools.libvirt_root import SUITES

pytestmark = pytest.mark.lab

_DOMAIN = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type machine='pc-q35-7.2'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64
</emulator><video><model type='none'/></video></devices></domain>""".replace("\n", "")


@pytest.fixture(scope="module", params=list(SUITES.values()), ids=list(SUITES))
def daemon(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Libvirtd]:
    skip_without_libvirt()
    shared = tmp_path_factory.mktemp("shared")
    found = Libvirtd(request.param, tmp_path_factory.mktemp("daemon"), shared)
    for name, verb in (("-web 1", "create"), ("off", "define")):
        (shared / "domain.xml").write_text(_DOMAIN.format(name=name))
        found.virsh(verb, "/shared/domain.xml")
    found.install_virsh(shared)
    yield found
    found.end()


@pytest.fixture(autouse=True)
def path(daemon: Libvirtd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{daemon.shared}:{os.environ['PATH']}")


async def test_a_domain_is_asked_by_its_name(daemon: Libvirtd) -> None:
    async with reach(Domain("-web 1", daemon.uri)) as monitor:
        assert (await monitor.ask("query-status"))["status"] == "running"
        assert "q35-pcihost" in await monitor.monitor("info qtree")
        with pytest.raises(CommandError, match="/nowhere"):
            await monitor.ask("qom-get", path="/nowhere", property="type")
        with pytest.raises(ValueError, match="may not be sent"):
            await monitor.ask("quit")
        assert monitor.is_here


async def test_a_domain_is_named_by_its_uuid_and_id_too(daemon: Libvirtd) -> None:
    by_name = await facts_of(Domain("-web 1", daemon.uri))
    assert (await facts_of(Domain(by_name.uuid, daemon.uri))).name == "-web 1"
    assert (await facts_of(Domain("1", daemon.uri))).uuid == by_name.uuid
    assert "<alias name=" in by_name.xml


async def test_its_device_state_is_taken_through_an_open_file(daemon: Libvirtd) -> None:
    async with reach(Domain("-web 1", daemon.uri), stops=True) as monitor:
        state = await take_device_state(monitor)
        assert (await monitor.ask("query-status"))["status"] == "running"
    assert state.content[:4] == b"QEVM"
    assert state.is_told
    assert 0 < state.pause < 1000


async def test_its_process_names_the_domain_where_libvirt_holds_the_monitor(
    daemon: Libvirtd,
) -> None:
    facts = await facts_of(Domain("-web 1", daemon.uri))
    words, gap = arguments_of(None, facts.uuid)
    assert gap is None
    assert libvirt_name(words) == "-web 1"
    with pytest.raises(QcompatError) as caught:
        async with reach(Process(_process_of(facts.uuid))):
            pass
    assert "--domain '-web 1'" in caught.value.hint


def _process_of(uuid: str) -> int:
    pids = (int(place.name) for place in Path("/proc").glob("[0-9]*"))
    is_of = {pid: words for pid in pids if uuid in (words := words_of(pid))}
    return next(pid for pid, words in is_of.items() if is_emulator(words[0]))


@pytest.mark.parametrize(
    ("name", "connect", "message", "hint"),
    [
        ("web", "", "no domain web", "list --all"),
        ("--help", "", "no domain --help", "list --all"),
        ("off", "", "off is not running", "start --domain off"),
        ("test", "test:///default", "its type is test", "qemu:///system"),
        ("web", "qemu+unix:///system?socket=/nowhere", "cannot be asked", "virsh"),
        ("web", "nonsense:///", "cannot be asked", "virsh"),
        ("web", "--version", "cannot be asked", "virsh"),
    ],
)
async def test_what_is_no_running_domain_of_qemu_is_one_clear_error(
    daemon: Libvirtd, name: str, connect: str, message: str, hint: str
) -> None:
    with pytest.raises((UsageError, LibvirtError), match=message) as caught:
        async with reach(Domain(name, connect or daemon.uri)):
            pass
    assert hint in caught.value.hint


async def test_a_domain_on_another_host_is_asked_over_ssh(daemon: Libvirtd) -> None:
    (daemon.shared / "ssh").write_text(_SSH)
    (daemon.shared / "ssh").chmod(0o755)
    (daemon.state / "run/libvirt-sock").symlink_to(f"/shared/{daemon.name}/libvirt-sock")
    there = Domain("-web 1", "qemu+ssh://other/system?command=/shared/ssh&proxy=native&mode=legacy")
    async with reach(there, stops=True) as monitor:
        assert (await monitor.ask("query-status"))["status"] == "running"
        assert not monitor.is_here
        with pytest.raises(QemuError) as caught:
            await take_device_state(monitor)
    assert "own host" in caught.value.hint


_SSH = """#!/bin/sh
ln -sf /run /var/run
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
"""
"""In place of ssh: what it would run on the other host runs here."""
