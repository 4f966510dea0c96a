"""Canaries the plain way, both QEMUs started for every cell; and what `matrix` would try.

It is the peer of `canary` and the judge of `matrix --verify`.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import random
from collections.abc import Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.qemu.outcome import Outcome
from qcompat.trial.canary import load_canary, save_canary
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.selection import Selection, spec_of
from qcompat.trial.matrix.question.spec import MatrixSpec

MACHINE = "pc-q35-7.2"


def ask(names: Sequence[str], machine: str) -> MatrixSpec:
    """All devices on a machine type, over these builds or all that are registered."""
    registry = Registry(data_home())
    builds = [registry.get(name) for name in names or registry.names()]
    facts = {build.name: learn(build, cache=cache_home()) for build in builds}
    selection = Selection(machines=(machine,), every=True)
    return spec_of(selection, builds, facts, "kvm" if has_kvm() else "tcg")


def sample(spec: MatrixSpec, number: int, seed: int) -> MatrixSpec:
    """The spec with so many of its guests, processor types in the proportion that they have."""
    entries = list(spec.entries)
    if not number or number >= len(entries):
        return spec
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    packed = [entry for entry in entries if entry.setup is not None]
    lone = [entry for entry in entries if entry.setup is None]
    share = round(number * len(packed) / len(entries))
    chosen = [*chance.sample(packed, share), *chance.sample(lone, number - share)]
    return msgspec.structs.replace(spec, entries=tuple(sorted(chosen, key=lambda e: e.name)))


async def plainly(spec: MatrixSpec, jobs: int) -> dict[tuple[str, str, str, str], Outcome]:
    """Every cell by itself: two QEMUs, one save, one load."""
    gate = asyncio.Semaphore(jobs)

    async def one(entry: MatrixEntry, source: Build, target: Build) -> Outcome:
        async with gate:
            stream = io.BytesIO()
            saved = await save_canary(source, entry.guest, stream, accel=spec.accel)
            if not saved.loads:
                return Outcome("no_stream", saved.message)
            return await load_canary(target, entry.guest, stream, accel=spec.accel)

    ways = [
        (entry, source, target)
        for entry in spec.entries
        for source, target in itertools.permutations(spec.able[entry.machine], 2)
    ]
    outcomes = await asyncio.gather(*(one(*way) for way in ways))
    keys = ((*entry.key, source.name, target.name) for entry, source, target in ways)
    return dict(zip(keys, outcomes, strict=True))
