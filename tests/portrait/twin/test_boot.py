"""Linux boots in a real twin, uses its devices, and the portrait shows what it left there."""

from __future__ import annotations

import asyncio
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import pytest

from qcompat.arch.architecture import usual
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.errors import FetchError, GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.guest import Guest
from qcompat.linux.kernel import obtain_kernel
from qcompat.local.home import cache_home
from qcompat.portrait.accel_choice import at_moment
from qcompat.portrait.portrait import PciFunction, Portrait
from qcompat.portrait.take import take
from qcompat.stream.model import SectionDescription
from qcompat.trial.canary import LOADED, load_canary
from qcompat.verdict.judge import judge

pytestmark = pytest.mark.lab
GUEST = (
    "-machine pc-q35-7.2 -m 256 -smp {} -nodefaults -netdev user,id=n"
    " -drive id=d,if=none,format=raw,file=/nowhere,size=64M"
    " -device virtio-net-pci,netdev=n -device virtio-blk-pci,drive=d"
    " -device qemu-xhci -device usb-tablet"
)


@pytest.fixture(scope="module", autouse=True)
def kernel() -> None:
    try:
        obtain_kernel(usual())
    except FetchError as error:
        pytest.skip(error.message)


def guest(processors: int) -> Guest:
    return parse(shlex.split(GUEST.format(processors)))


@pytest.fixture(scope="module")
def build(builds: Mapping[str, Build]) -> Build:
    if "10.0.13" not in builds:
        pytest.skip("no build 10.0.13 is registered")
    return builds["10.0.13"]


@pytest.fixture(scope="module")
def streams() -> Iterator[Mapping[int, BinaryIO]]:
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as two:
        yield {1: one, 2: two}


@pytest.fixture(scope="module")
def booted(build: Build, streams: Mapping[int, BinaryIO]) -> Mapping[int, Portrait]:
    """Of the guest with one processor and with two; their streams are in `streams`."""
    facts = learn(build, cache=cache_home())

    async def of(processors: int) -> Portrait:
        return await take(
            build, guest(processors), facts, moment="booted", accel="tcg", keep=streams[processors]
        )

    return {processors: asyncio.run(of(processors)) for processors in (1, 2)}


async def test_what_a_build_offers_is_what_it_offers_before(
    booted: Mapping[int, Portrait], build: Build
) -> None:
    after = booted[1]
    before = await take(build, guest(1), after.facts, accel="tcg")

    assert after.moment == "booted"
    for part in ("devices", "memory", "cpu", "virtio", "firmware", "machine", "gaps"):
        assert getattr(after, part) == getattr(before, part), part
    # A reset leaves what the firmware wrote into the chipset (PAM, SMRAM, locks), and nothing else.
    assert [f.address for f in after.pci] == [f.address for f in before.pci]
    assert [f for f in after.pci if _is_card(f)] == [f for f in before.pci if _is_card(f)]


def _is_card(function: PciFunction) -> bool:
    return "0000:00:00.0" < function.address < "0000:00:1f"


def test_the_build_loads_its_own_booted_guest(booted: Mapping[int, Portrait]) -> None:
    assert all(portrait.own_load == LOADED for portrait in booted.values())


def test_the_state_is_that_of_devices_in_use(booted: Mapping[int, Portrait]) -> None:
    stream = booted[1].stream
    assert stream is not None
    names = {s.idstr: set(_subsections(s.description)) for s in stream.sections if s.description}

    assert "ich9_pm/cpuhp" in names["0000:00:1f.0/ICH9LPC"]
    assert "hpet/offset" in names["hpet"]


def _subsections(description: SectionDescription) -> Iterator[str]:
    for subsection in description.subsections:
        yield subsection.vmsd_name
        yield from _subsections(subsection)
    for field in description.fields:
        if field.nested:
            yield from _subsections(field.nested)


def test_another_number_of_processors_is_refused(booted: Mapping[int, Portrait]) -> None:
    forward = judge(booted[1], booted[2]).forward
    refusing = [f for f in forward.findings if f.promise == "loads" and f.certainty == "certain"]

    assert forward.verdict == "blocked"
    assert ["ich9_pm/cpuhp" in repr(f) for f in refusing if f.rule == "field_layout_changed"] == [
        True
    ]


async def test_and_so_it_is_by_the_build(
    booted: Mapping[int, Portrait], build: Build, streams: Mapping[int, BinaryIO]
) -> None:
    assert booted[1].stream
    outcome = await load_canary(build, guest(2), streams[1], accel="tcg")

    assert outcome.kind == "refused"
    assert "Missing section footer for 0000:00:1f.0/ICH9LPC" in outcome.message


async def test_queues_in_use_are_refused_where_they_are_too_large(
    booted: Mapping[int, Portrait], newest: Build, streams: Mapping[int, BinaryIO]
) -> None:
    """Debian's 11.1.3 gives the disk of a guest of 7.2 another maximum than 10.0.13 does."""
    assert booted[1].stream
    outcome = await load_canary(newest, guest(1), streams[1], accel="tcg")

    assert outcome.kind == "refused"
    assert "vring.num 1024 exceeds allocated max 256" in outcome.message


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("-machine q35 -m 32", "the guest has 32 MB"),
        ("-machine pc -m 256 -cpu 486", "no 64-bit mode"),
        ("-machine microvm -m 256", "does not boot on its machine type, microvm"),
        ("-machine isapc -m 256 -cpu qemu64", "does not boot on its machine type, isapc"),
    ],
)
async def test_what_cannot_be_booted_says_why(
    newest: Build, newest_facts: BuildFacts, arguments: str, reason: str
) -> None:
    with pytest.raises(GuestError, match=reason) as caught:
        guest = parse(shlex.split(arguments))
        await take(newest, guest, newest_facts, moment="booted", accel="tcg")

    assert "--moment firmware" in caught.value.hint


def test_a_guest_is_booted_by_tcg_unless_kvm_is_asked_for() -> None:
    assert at_moment("auto", "booted") == "tcg"
    assert at_moment("kvm", "booted") == "kvm"
    assert at_moment("auto", "firmware") == "auto"
