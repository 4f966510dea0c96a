"""The cells of an architecture: what is tried, really loaded, and judged.

`cases` of devices are loaded without the states that the table cuts out; whole guests as they are.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.dataset import parse_table
from qcompat.errors import HostLacksError, QcompatError
from qcompat.guest.arguments import parse
from qcompat.portrait.portrait import Portrait
from qcompat.portrait.take import take
from qcompat.qemu.outcome import Outcome
from qcompat.rules.subject import state_of
from qcompat.stream.model import Section
from qcompat.trial.canary import load_canary
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Verdict
from tools.accuracy.cases import Case, Result, equal_cases
from tools.accuracy.measure import GroundTruth
from tools.accuracy.score import Scored

TABLE = Path(__file__).with_name("architectures.toml")
AT_ONCE = 3
_FOOTER = 5
_HEAD = 14


class Tried(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of `architectures.toml`."""

    machines: tuple[str, ...]
    whole: tuple[str, ...]
    cut: tuple[str, ...] = ()


def tried() -> dict[str, Tried]:
    """The table."""
    return parse_table(TABLE.read_bytes(), dict[str, Tried], TABLE.name)


def able(builds: Sequence[Build], facts: dict[str, BuildFacts], machine: str) -> list[Build]:
    """The builds that have a machine type."""
    return [b for b in builds if machine in {each.name for each in facts[b.name].machines}]


def cases_of(entry: Tried, machine: str, facts: Sequence[BuildFacts]) -> Iterator[Case]:
    """The guests on one machine type: one for every device type, then the whole ones."""
    yield from equal_cases(machine, facts)
    for line in entry.whole:
        guest = parse(["-machine", machine, "-nodefaults", "-m", "256", *_smp(line), *line.split()])
        yield Case(line, f"{machine}{WHOLE}", guest, guest)


WHOLE = ", processors"
"""Behind the machine type of cells whose stream is loaded as it was saved."""


def _smp(line: str) -> list[str]:
    return [] if "-smp" in line else ["-smp", "2"]


def cut_of(entry: Tried, case: Case) -> tuple[str, ...]:
    """The states that are cut out for a case."""
    return () if case.machine.endswith(WHOLE) else entry.cut


def without(portrait: Portrait, states: Sequence[str]) -> Portrait:
    """The portrait as if the guest had no such states."""
    if not states or portrait.stream is None:
        return portrait
    kept = tuple(s for s in portrait.stream.sections if state_of(s.idstr) not in states)
    stream = msgspec.structs.replace(portrait.stream, sections=kept)
    return msgspec.structs.replace(portrait, stream=stream)


def cut_out(content: bytes, portrait: Portrait, states: Sequence[str]) -> bytes:
    """The stream without these states; the later ones go first, so that offsets stay true."""
    sections = portrait.stream.sections if portrait.stream else ()
    for section in sorted(sections, key=lambda each: -each.offset):
        if state_of(section.idstr) in states:
            content = _without(content, section)
    return content


def _without(content: bytes, section: Section) -> bytes:
    start = section.offset - _HEAD - len(section.idstr)
    return content[:start] + content[section.offset + len(section.payload) + _FOOTER :]


async def collect(
    entry: Tried, cases: Sequence[Case], builds: Sequence[Build], truth: GroundTruth
) -> None:
    """Load what is not known yet of these cases, on every ordered pair of builds."""
    done, gate = {result.key for result in truth.results()}, asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> None:
        async with gate:
            try:
                truth.add(await _loads(case, cut_of(entry, case), builds, truth))
            except HostLacksError as error:
                print(f"{case.label} is left out: {error.message}", flush=True)

    await asyncio.gather(*(one(case) for case in cases if case.key not in done))


async def _loads(
    case: Case, cut: Sequence[str], builds: Sequence[Build], truth: GroundTruth
) -> list[Result]:
    streams: dict[str, bytes] = {}
    for build in builds:
        keep = io.BytesIO()
        facts = truth.facts[build.name]
        portrait = await take(build, case.source, facts, accel="tcg", keep=keep)
        truth.put(portrait)
        if portrait.refusal is None:
            streams[build.name] = cut_out(keep.getvalue(), portrait, cut)
    results = []
    for source, target in itertools.permutations(builds, 2):
        outcome = await _load(case, streams.get(source.name), target)
        ends = (source.name, target.name)
        results.append(
            Result(case.key, case.label, case.machine, *ends, outcome.kind, outcome.message[-600:])
        )
    return results


async def _load(case: Case, stream: bytes | None, target: Build) -> Outcome:
    if stream is None:
        return Outcome("no_stream", "")
    try:
        return await load_canary(target, case.target, io.BytesIO(stream), accel="tcg")
    except HostLacksError:
        raise
    except QcompatError as error:
        return Outcome("crashed", error.message)


def score(entry: Tried, cases: Sequence[Case], truth: GroundTruth) -> list[Scored]:
    """The verdict of every cell that is known."""
    known: dict[str, list[Result]] = {}
    for result in truth.results():
        known.setdefault(result.key, []).append(result)
    return [
        Scored(result, _verdict(entry, case, result, truth))
        for case in cases
        for result in known.get(case.key, [])
        if result.kind != "no_stream"
    ]


def _verdict(entry: Tried, case: Case, result: Result, truth: GroundTruth) -> Verdict:
    cut = cut_of(entry, case)
    source, target = (
        without(truth.get(name, case.source), cut) for name in (result.source, result.target)
    )
    return judge(source, target).forward
