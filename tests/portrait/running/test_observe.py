"""Observing real running guests: what is told, what is not asked, and that they go on running."""

from __future__ import annotations

import asyncio

import pytest

from qcompat.builds.build import Build
from qcompat.errors import BuildError
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Accel, Device
from qcompat.portrait.running.arguments import arguments_of
from qcompat.portrait.running.observe import observe
from qcompat.portrait.running.observed import Observed
from qcompat.portrait.running.reach.running import Socket
from qcompat.portrait.running.twin import survived
from qcompat.portrait.running.virtio import LIST, QUEUE, STATUS, is_served_outside
from tests.running_guest import running

WORDS = [
    *("-machine", "q35", "-nodefaults", "-m", "64", "-S", "-name", "g", "-uuid"),
    *("12345678-1234-1234-1234-123456789abc", "-device", "virtio-rng-pci,id=rng"),
]


async def _untried(_: Observed) -> frozenset[str]:
    raise BuildError("no twin")


@pytest.mark.lab
@pytest.mark.parametrize("version", ["5.2.0", "7.2.22", "10.0.13", "11.1.3"])
async def test_a_running_guest_of_every_build_tells_what_it_has(
    version: str, builds: dict[str, Build], accel: Accel
) -> None:
    if version not in builds:
        pytest.skip(f"needs the build {version}")
    build = builds[version]

    async def twin(seen: Observed) -> frozenset[str]:
        return await survived(build, parse(seen.arguments), accel)

    with running(build, WORDS, accel) as (path, process):
        seen = await observe(Socket(path), twin)
        assert process.poll() is None
        assert (await observe(Socket(path), _untried)).status == "prelaunch"
    assert (seen.version, seen.package) == (build.identity.version, build.identity.package)
    assert (seen.name, seen.uuid) == ("g", WORDS[9])
    assert seen.machine.startswith("pc-q35-")
    assert seen.accel == accel
    assert seen.arguments[-len(WORDS) :] == tuple(WORDS)
    assert any(device.type == "virtio-rng-pci" for device in seen.devices)
    assert any(block.name == "pc.ram" for block in seen.memory)
    assert seen.cpu_words
    sizes = [queue.size for device in seen.virtio for queue in device.queues.values()]
    assert sizes == {"5.2.0": [], "10.0.13": [1024]}.get(version, [8])


@pytest.mark.lab
def test_a_build_that_dies_of_a_question_is_not_asked_it(
    builds: dict[str, Build], accel: Accel
) -> None:
    """Debian's 11.1.3 dies of x-query-virtio-status, 7.2.22 answers all three."""
    guest = parse(WORDS)
    survivals = {
        version: asyncio.run(survived(builds[version], guest, accel))
        for version in ("7.2.22", "11.1.3")
        if version in builds
    }
    expected = {"7.2.22": frozenset({LIST, QUEUE, STATUS}), "11.1.3": frozenset({LIST, QUEUE})}
    assert survivals == {version: expected[version] for version in survivals}


def _device(type_: str, **properties: str) -> Device:
    return Device("pcie.0/01.0/x", type_, "", "pcie.0", "0000:00:01.0", properties)


@pytest.mark.parametrize(
    ("type_", "network", "outside"),
    [
        ("virtio-rng-pci", "", False),
        ("virtio-blk-pci", "", False),
        ("vhost-user-blk-pci", "", True),
        ("vhost-vdpa-device-pci", "", True),
        ("virtio-crypto-pci", "", True),
        ("virtio-net-pci", "user,id=n", False),
        ("virtio-net-pci", "tap,id=n,vhost=on", False),
        ("virtio-net-pci", '{"type":"tap","id":"n"}', False),
        ("virtio-net-pci", "vhost-user,id=n,chardev=c", True),
        ("virtio-net-pci", '{"type":"vhost-vdpa","id":"n"}', True),
        ("virtio-net-pci", "user,id=other", True),
        ("virtio-net-pci", "", True),
    ],
)
def test_queues_that_another_process_may_serve_are_not_asked_for(
    type_: str, network: str, outside: bool
) -> None:
    device = _device(type_, netdev='"n"')
    arguments = ("qemu", "-netdev", network) if network else ("qemu",)
    seen = Observed("1", "", "q35", "kvm", "running", arguments=arguments, devices=(device,))
    assert is_served_outside(device, seen) is outside


def test_arguments_of_a_process_that_is_no_qemu_are_not_taken() -> None:
    import os

    words, gap = arguments_of(os.getpid())
    assert words == ()
    assert gap is not None
    assert "the socket was made by process" in gap.reason


@pytest.mark.lab
def test_a_socket_that_was_handed_over_leads_to_its_qemu_by_the_uuid(
    newest: Build, accel: Accel
) -> None:
    """As with libvirt, whose daemon is the process that the socket names."""
    import os

    with running(newest, WORDS, accel):
        words, gap = arguments_of(os.getpid(), WORDS[9].upper())
    assert gap is None
    assert words[-len(WORDS) :] == tuple(WORDS)
