"""Measuring what really happens: portraits of both ends, and a real load for every cell.

Everything goes to a directory, so that verdicts can be scored again without any QEMU. An
interrupted run continues where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.errors import HostLacksError, QcompatError
from qcompat.guest.guest import Guest
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.portrait import Accel, Portrait
from qcompat.portrait.take import take
from qcompat.qemu.outcome import Outcome
from qcompat.trial.canary import load_canary
from tools.accuracy.cases import Case, Result

AT_ONCE = 3


class GroundTruth:
    """The directory of what was measured: `portraits/` and `results.jsonl`."""

    def __init__(self, place: Path, facts: Mapping[str, BuildFacts]) -> None:
        self._place = place
        self.facts = facts
        self._results = place / "results.jsonl"
        (place / "portraits").mkdir(parents=True, exist_ok=True)

    def results(self) -> list[Result]:
        """All results so far."""
        if not self._results.exists():
            return []
        lines = self._results.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=Result) for line in lines]

    def add(self, results: Sequence[Result]) -> None:
        """Append results."""
        with self._results.open("ab") as file:
            file.write(b"".join(msgspec.json.encode(result) + b"\n" for result in results))

    def _path(self, build: str, guest: Guest) -> Path:
        digest = hashlib.sha256("\0".join(guest.arguments).encode()).hexdigest()[:24]
        return self._place / "portraits" / f"{build}-{digest}.qcp"

    def put(self, portrait: Portrait) -> None:
        """Keep a portrait, without the facts of its build, which are kept elsewhere."""
        bare = BuildFacts(portrait.identity, (), (), {}, frozenset(), {})
        path = self._path(portrait.build, portrait.guest)
        write_portrait(msgspec.structs.replace(portrait, facts=bare), path)

    def get(self, build: str, guest: Guest) -> Portrait:
        """The portrait of `guest` on `build`, with the facts put back."""
        portrait = read_portrait(self._path(build, guest))
        return msgspec.structs.replace(portrait, facts=self.facts[build])


async def collect(
    cases: Iterable[Case], builds: Sequence[Build], truth: GroundTruth, accel: Accel
) -> int:
    """Try every case on every ordered pair of builds; returns how many loads were done."""
    done = {result.key for result in truth.results()}
    gate = asyncio.Semaphore(AT_ONCE)
    todo = [case for case in cases if case.key not in done]

    async def one(case: Case) -> int:
        async with gate:
            try:
                results = await _try(case, builds, truth, accel)
            except HostLacksError as error:
                print(f"{case.label} is left out: {error.message}", flush=True)
                return 0
        truth.add(results)
        return len(results)

    return sum(await asyncio.gather(*(one(case) for case in todo)))


async def renew(
    cases: Iterable[Case], builds: Sequence[Build], truth: GroundTruth, accel: Accel
) -> None:
    """Take again the portraits of cases whose loads are known."""
    known = {result.key for result in truth.results()}
    guests = {
        "\0".join(guest.arguments): guest
        for case in cases
        if case.key in known
        for guest in (case.source, case.target)
    }
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(build: Build, guest: Guest) -> None:
        async with gate:
            await _portray(build, guest, truth, accel)

    await asyncio.gather(*(one(build, g) for build in builds for g in guests.values()))


async def _try(
    case: Case, builds: Sequence[Build], truth: GroundTruth, accel: Accel
) -> list[Result]:
    streams: dict[str, io.BytesIO] = {}
    for build in builds:
        stream = await _portray(build, case.source, truth, accel)
        if stream:
            streams[build.name] = stream
        if case.target != case.source:
            await _portray(build, case.target, truth, accel)
    results = []
    for source, target in itertools.product(builds, builds):
        if source == target and not case.differs:
            continue
        outcome = await _load(case, streams.get(source.name), target, accel)
        results.append(
            Result(
                case.key,
                case.label,
                case.machine,
                source.name,
                target.name,
                outcome.kind,
                outcome.message[-600:],
                case.differs,
            )
        )
    return results


async def _portray(
    build: Build, guest: Guest, truth: GroundTruth, accel: Accel
) -> io.BytesIO | None:
    keep = io.BytesIO()
    portrait = await take(build, guest, truth.facts[build.name], accel=accel, keep=keep)
    truth.put(portrait)
    return keep if portrait.refusal is None else None


async def _load(case: Case, stream: io.BytesIO | None, target: Build, accel: Accel) -> Outcome:
    if stream is None:
        return Outcome("no_stream")
    try:
        return await load_canary(target, case.target, stream, accel=accel)
    except QcompatError as error:
        return Outcome("crashed", error.message)
