"""Two hosts whose taps differ, imitated by their kernels' answers, and guests between them.

The source's taps take USO, the target's do not. What qcompat says of it is put to real QEMUs:
the load is refused where a driver agreed on USO, with the words that `host features` explains;
with the printed lines both ends offer the same and the guest gets there.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from qcompat.arch.architecture import PciPorts, usual
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.builds.run.command import command
from qcompat.builds.run.sandbox import can_make_taps
from qcompat.compare.hosts.differences import HostPair
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.hosts.backends.ask import ask_backends
from qcompat.hosts.backends.ask_tap import ask_tap
from qcompat.hosts.backends.model import Tap
from qcompat.hosts.capture import HostCapture
from qcompat.hosts.devices.agreed import agreed_in, host_answers
from qcompat.hosts.devices.asked import parse_device
from qcompat.hosts.devices.explain import explain
from qcompat.hosts.devices.feature_words import find_words
from qcompat.hosts.devices.lines import DeviceLines, device_lines
from qcompat.hosts.devices.members import machine_for, members_of
from qcompat.local.home import cache_home
from qcompat.portrait.config_space import ConfigSpace, Place
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.take import take
from qcompat.qemu.incoming import receive
from qcompat.qemu.launch import launch
from qcompat.qemu.migration import save
from qcompat.qemu.outcome import Outcome
from qcompat.qemu.process import Qemu
from qcompat.stream.reader.whole import read
from qcompat.verdict.judge import judge
from tests.hosts.driver import agree
from tests.hosts.kernels import UDP_TUNNEL, USO, imitate_kernel

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(not can_make_taps(), reason="no tap can be made here"),
]

DEVICE = "virtio-net-pci"
USO_FEATURES = {"guest_uso4", "guest_uso6", "host_uso"}


@pytest.fixture(params=["10.0.13", "11.1.3"])
def build(request: pytest.FixtureRequest, builds: Mapping[str, Build]) -> Build:
    tap = ask_tap()
    if not isinstance(tap, Tap) or "uso" not in tap.offloads:
        pytest.skip("this kernel has no USO to take away")
    if request.param not in builds:
        pytest.skip(f"QEMU {request.param} is not registered")
    return builds[request.param]


@pytest.fixture
def facts(build: Build) -> BuildFacts:
    return learn(build, cache=cache_home())


@pytest.fixture
def move_to_older_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """From the call on everything runs on the host whose taps lack USO and UDP tunnels."""
    return lambda: imitate_kernel(monkeypatch, tmp_path / "filter", without=USO | UDP_TUNNEL)


def guest(netdev: str = "", device: str = DEVICE) -> Guest:
    network = ("-netdev", f"tap,id=n{netdev}", "-device", f"{device},netdev=n,addr=8")
    return parse(["-machine", "q35", "-m", "16M", "-nodefaults", *network])


async def captured(name: str, build: Build, facts: BuildFacts) -> HostCapture:
    backends = await ask_backends([build], lambda _: facts)
    return HostCapture(name, (), kernel=backends.kernel, backends=backends)


def lines_for(hosts: list[HostCapture]) -> DeviceLines:
    device = parse_device(DEVICE)
    members = members_of(hosts, device)
    return device_lines(members, device, machine_for(members))


async def portrait(build: Build, asked: Guest, facts: BuildFacts, accel: Accel) -> Portrait:
    taken = await take(build, asked, facts, accel=accel)
    assert taken.refusal is None, taken.refusal
    return taken


async def saved(build: Build, asked: Guest, accel: Accel, *, is_driven: bool) -> io.BytesIO:
    """The guest's stream; driven, after a driver agreed on all that its device offers."""
    stream = io.BytesIO()
    async with started(build, asked, accel) as qemu:
        if is_driven:
            space = ConfigSpace(qemu.qtest, usual().pci or PciPorts(0, 0))
            await agree(space, Place(0, 8 << 3, "0000:00:08.0"))
        await save(qemu, stream)
    return stream


@asynccontextmanager
async def started(build: Build, asked: Guest, accel: Accel) -> AsyncIterator[Qemu]:
    prefix = command(build, kvm=accel == "kvm", network_namespace=True)
    async with launch(prefix, ["-accel", accel, *asked.arguments]) as qemu:
        yield qemu


async def loaded(build: Build, asked: Guest, stream: io.BytesIO, accel: Accel) -> Outcome:
    prefix = command(build, kvm=accel == "kvm", network_namespace=True)
    return await receive(prefix, ["-accel", accel, *asked.arguments], stream)


async def test_agreed_features_are_refused_as_predicted(
    build: Build,
    facts: BuildFacts,
    accel: Accel,
    move_to_older_host: Callable[[], None],
) -> None:
    newer = await captured("newer", build, facts)
    stream = await saved(build, guest(), accel, is_driven=True)
    shown = await portrait(build, guest(), facts, accel)
    move_to_older_host()
    older = await captured("older", build, facts)
    outcome = await loaded(build, guest(), stream, accel)

    assert outcome.kind == "refused"
    explained = explain(find_words(outcome.message)[0])
    told = explained.possible if explained.words.is_cut else explained.refused
    assert {bit.name for bit in told} >= USO_FEATURES
    assert (explained.kind, explained.told_by) in {("virtio-net", "log"), ("virtio-net", "bits")}

    stream.seek(0)
    running = read(stream)
    device = parse_device(DEVICE)
    (agreed,) = agreed_in(running, device.kind)
    members = members_of([newer, older], device)
    fates = host_answers(members, device, machine_for(members), agreed)
    assert [each.answer for each in fates] == ["drift", "blocked"]
    assert {bit.name for bit in told} >= set(fates[1].features) >= USO_FEATURES

    source = msgspec.structs.replace(shown, stream=running)
    verdict = judge(source, source, HostPair(newer, older)).forward
    assert verdict.verdict == "blocked"
    assert verdict.findings[0].rule == "host_feature_missing_on_target"


async def test_offered_features_alone_load_and_drift(
    build: Build,
    facts: BuildFacts,
    accel: Accel,
    move_to_older_host: Callable[[], None],
) -> None:
    here = await portrait(build, guest(), facts, accel)
    stream = await saved(build, guest(), accel, is_driven=False)
    newer = await captured("newer", build, facts)
    move_to_older_host()
    older = await captured("older", build, facts)
    there = await portrait(build, guest(), facts, accel)
    assert (await loaded(build, guest(), stream, accel)).kind == "loaded"

    foreseen = judge(here, here, HostPair(newer, older)).forward
    seen = judge(here, there).forward
    assert "host_feature_missing_on_target" in {each.rule for each in foreseen.findings}
    assert "virtio_feature_missing_on_target" in {each.rule for each in seen.findings}
    assert seen.verdict == "drift"


async def test_with_the_lines_both_hosts_offer_the_same_and_a_driven_guest_moves(
    build: Build,
    facts: BuildFacts,
    accel: Accel,
    move_to_older_host: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer = await captured("newer", build, facts)
    with monkeypatch.context():
        move_to_older_host()
        older = await captured("older", build, facts)
    found = lines_for([newer, older])
    assert {each.feature.name for each in found.lost} >= USO_FEATURES
    (source_line, target_line) = (line.device for line in found.lines)

    monkeypatch.undo()
    here = await portrait(build, guest(device=source_line), facts, accel)
    stream = await saved(build, guest(device=source_line), accel, is_driven=True)
    move_to_older_host()
    there = await portrait(build, guest(device=target_line), facts, accel)
    assert here.virtio[0].features == there.virtio[0].features
    assert judge(here, there).forward.verdict == "ok"
    assert (await loaded(build, guest(device=target_line), stream, accel)).kind == "loaded"


async def test_a_tap_without_a_header_refuses_whatever_the_device_is_given(
    build: Build, facts: BuildFacts, accel: Accel
) -> None:
    """The netdev's own `vnet_hdr=off` takes all away, as a kernel without it does."""
    newer = await captured("newer", build, facts)
    assert newer.backends is not None
    bare = Tap(vnet_hdr=False, multiqueue=False, queues=1, offloads=())
    oldest = HostCapture("oldest", (), backends=msgspec.structs.replace(newer.backends, tap=bare))
    found = lines_for([newer, oldest])
    assert {line.netdev for line in found.lines} == {(("vnet_hdr", "off"),)}

    plain = guest(",vnet_hdr=off")
    every = ",".join(f"{each.feature.property}=off" for each in found.lost)
    masked = guest(device=f"{DEVICE},{every}")
    stream = await saved(build, masked, accel, is_driven=False)
    outcome = await loaded(build, guest(",vnet_hdr=off", f"{DEVICE},{every}"), stream, accel)
    assert outcome.kind == "refused"
    assert "vnet_hdr=on" in outcome.message

    shown = await portrait(build, guest(), facts, accel)
    verdict = judge(shown, shown, HostPair(newer, oldest)).forward
    assert verdict.findings[0].rule == "host_tap_missing_on_target"

    stream = await saved(build, plain, accel, is_driven=True)
    assert (await loaded(build, plain, stream, accel)).kind == "loaded"
