"""The lines that are printed, started on real builds, and a guest moved with and without them.

Unlike hosts are imitated on this one: a mask turns features off in `-cpu host` (`max` under
TCG), and the capture of such a host is this one's with the same features taken out.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.run.command import command
from qcompat.guest.arguments import parse
from qcompat.hosts.ask.build import MODEL, capture_build
from qcompat.hosts.ask.host import capture_host
from qcompat.hosts.capture import BuildCapture, HostCapture
from qcompat.hosts.cpu.baseline import baseline
from qcompat.hosts.cpu.features.dependencies import lost_with
from qcompat.hosts.cpu.features.masks import FeatureMasks
from qcompat.hosts.cpu.lines import lines
from qcompat.hosts.cpu.offer import offers_of
from qcompat.local.kvm import has_kvm
from qcompat.portrait.cpu import ask_cpu
from qcompat.portrait.portrait import Accel, FeatureWord, Portrait
from qcompat.portrait.take import take
from qcompat.qemu.launch import launch
from qcompat.trial.canary import load_canary

pytestmark = pytest.mark.lab

MACHINE = "pc-q35-5.2"
ACCELS: Sequence[Accel] = ("kvm", "tcg") if has_kvm() else ("tcg",)
MASKS = {"a": ("clflushopt",), "b": ("tsc-deadline", "umip", "arat")}
"""What each imitated host lacks: features of the processors that tests run on, and TCG's."""


@pytest.fixture(scope="module")
def here(builds: Mapping[str, Build]) -> HostCapture:
    return asyncio.run(capture_host(tuple(builds.values()), ACCELS, name="here"))


@pytest.fixture(params=ACCELS)
def each_accel(request: pytest.FixtureRequest) -> Accel:
    found: Accel = request.param
    return found


def _words(portrait_words: Sequence[FeatureWord]) -> Mapping[tuple[object, ...], int]:
    return {(w.eax, w.ecx, w.register): w.value for w in portrait_words if w.value}


async def _started(build: Build, accel: Accel, cpu: str) -> tuple[Mapping[str, object], str]:
    """The CPUID words and values that a guest sees, and what QEMU complained of."""
    arguments = ["-machine", MACHINE, "-cpu", cpu, "-nodefaults", "-m", "16"]
    prefix = command(build, kvm=accel == "kvm")
    async with launch(prefix, ["-accel", accel, *arguments]) as qemu:
        found, gaps = await ask_cpu(qemu, arguments)
        assert found is not None and not gaps
        names = ("vendor", "family", "model", "stepping", "level", "xlevel", "phys-bits")
        seen = {name: found.properties.get(name) for name in names}
        return {"words": _words(found.words), **seen}, qemu.log


async def test_baselines_start_with_enforce_and_all_guests_see_one_cpu(
    here: HostCapture, builds: Mapping[str, Build], each_accel: Accel
) -> None:
    masks = FeatureMasks()
    offers = offers_of([here], masks, accelerator=each_accel)
    found = baseline(masks, offers)
    await _check(builds, each_accel, [o.capture for o in offers], found.lines)


async def test_lines_start_with_enforce_and_all_guests_see_one_cpu(
    here: HostCapture, builds: Mapping[str, Build], each_accel: Accel
) -> None:
    masks = FeatureMasks()
    offers = offers_of([here], masks, accelerator=each_accel)
    told = [f"{line.cpu},enforce" for line in lines(masks, offers).lines]
    await _check(builds, each_accel, [o.capture for o in offers], told)


async def _check(
    builds: Mapping[str, Build],
    accel: Accel,
    captures: Sequence[BuildCapture],
    told: Sequence[str],
) -> None:
    by_name = {build.name: build for build in builds.values()}
    seen = []
    for capture, line in zip(captures, told, strict=True):
        found, log = await _started(by_name[capture.build], accel, line)
        assert "doesn't support requested feature" not in log
        seen.append(found)
    assert all(each == seen[0] for each in seen)


def _imitated(name: str, capture: BuildCapture) -> HostCapture:
    """A host whose processor lacks the masked features, and what hangs on them."""
    masks = FeatureMasks()
    lacks = masks.mask(MASKS[name])
    has = masks.mask(capture.features)
    left = masks.names(has & ~lacks & ~lost_with(masks, lacks, has))
    unavailable = {
        model: " ".join({*lacking.split(), *(set(MASKS[name]) & set(_features(capture, model)))})
        for model, lacking in capture.unavailable.items()
    }
    return HostCapture(
        name, (msgspec.structs.replace(capture, features=left, unavailable=unavailable),)
    )


def _features(capture: BuildCapture, model: str) -> tuple[str, ...]:
    definition = capture.definitions.get(capture.aliases.get(model, model))
    return definition.names if definition else ()


def _masked(name: str, cpu: str) -> str:
    """The CPU as the imitated host would start it: its own features are off already."""
    return ",".join([cpu, *(f"{feature}=off" for feature in MASKS[name])])


async def _pair(
    build: Build, facts: BuildFacts, accel: Accel, source: str, target: str
) -> tuple[Portrait, Portrait, bool]:
    """Both guests' portraits, and whether the target loads what the source saved."""
    stream = io.BytesIO()
    guests = [
        parse(["-machine", "q35", "-nodefaults", "-m", "64", "-cpu", cpu])
        for cpu in (source, target)
    ]
    one = await take(build, guests[0], facts, accel=accel, keep=stream)
    other = await take(build, guests[1], facts, accel=accel)
    outcome = await load_canary(build, guests[1], stream, accel=accel)
    return one, other, outcome.loads


async def test_a_guest_moves_between_unlike_hosts_with_the_lines_and_sees_no_change(
    newest: Build, newest_facts: BuildFacts, each_accel: Accel
) -> None:
    capture = await capture_build(newest, each_accel)
    masks = FeatureMasks()
    offers = offers_of([_imitated(name, capture) for name in MASKS], masks, accelerator=each_accel)
    told = [line.cpu for line in lines(masks, offers).lines]
    assert told[0] != told[1]
    cpus = [_masked(name, cpu) for name, cpu in zip(MASKS, told, strict=True)]
    one, other, loads = await _pair(newest, newest_facts, each_accel, cpus[0], cpus[1])
    assert loads
    assert one.cpu is not None and other.cpu is not None
    assert _words(one.cpu.words) == _words(other.cpu.words)


async def test_without_the_lines_the_guest_sees_another_cpu(
    newest: Build, newest_facts: BuildFacts, each_accel: Accel
) -> None:
    cpus = [_masked(name, MODEL[each_accel]) for name in MASKS]
    one, other, _ = await _pair(newest, newest_facts, each_accel, cpus[0], cpus[1])
    assert one.cpu is not None and other.cpu is not None
    assert _words(one.cpu.words) != _words(other.cpu.words)


async def test_the_baseline_of_unlike_hosts_starts_on_both_and_is_one_cpu(
    newest: Build, each_accel: Accel
) -> None:
    capture = await capture_build(newest, each_accel)
    masks = FeatureMasks()
    offers = offers_of([_imitated(name, capture) for name in MASKS], masks, accelerator=each_accel)
    found = baseline(masks, offers)
    assert {name for mask in MASKS.values() for name in mask}.isdisjoint(found.features)
    seen, log = await _started_on_newest(newest, each_accel, found.lines[0])
    assert "doesn't support requested feature" not in log
    for name in MASKS:
        again, _ = await _started_on_newest(newest, each_accel, _masked(name, found.lines[0]))
        assert again == seen


async def _started_on_newest(
    build: Build, accel: Accel, cpu: str
) -> tuple[Mapping[str, object], str]:
    arguments = ["-machine", "q35", "-cpu", cpu, "-nodefaults", "-m", "16"]
    prefix = command(build, kvm=accel == "kvm")
    async with launch(prefix, ["-accel", accel, *arguments]) as qemu:
        found, _ = await ask_cpu(qemu, arguments)
        assert found is not None
        return {"words": _words(found.words)}, qemu.log
