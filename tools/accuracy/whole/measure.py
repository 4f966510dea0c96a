"""Loading whole guests for real, and keeping what happened, so that verdicts are scored again."""

from __future__ import annotations

import itertools
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from tools.accuracy.whole.lines import Drawn, Line, on_builds
from tools.accuracy.whole.realise.load import Job, Loaded, command
from tools.accuracy.whole.realise.place import Place
from tools.accuracy.whole.spelling import Reads

AT_ONCE = 2
JOB_SECONDS = 120.0
SOURCES = 2
"""How many sources are tried before a guest counts as one that this machine cannot have."""


class Whole(msgspec.Struct, frozen=True):
    """A guest that was tried: its words, its source, what happened on every target."""

    name: str
    words: tuple[str, ...]
    source: str
    loads: tuple[Loaded, ...]

    @property
    def why_not_had(self) -> str:
        """Why this machine cannot have it; empty where a load was had."""
        if any(load.kind != "not_had" for load in self.loads):
            return ""
        return self.loads[0].message if self.loads else "no two builds have its machine type"


def known(place: Path) -> dict[str, Whole]:
    """What was measured so far, by name."""
    if not place.exists():
        return {}
    lines = place.read_bytes().splitlines()
    return {whole.name: whole for whole in (msgspec.json.decode(t, type=Whole) for t in lines)}


def collect(
    lines: Iterable[Line], builds: Sequence[Build], facts: Mapping[str, BuildFacts], place: Path
) -> None:
    """Try every line that is not known yet; `place` is the file of what is known."""
    done = known(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    roots = [build for build in builds if build.kind == "root"]
    reads = {build.name: what_reads(build, facts[build.name]) for build in roots}
    todo = [line for line in lines if line.name not in done]
    writing = Lock()

    def one(line: Line) -> None:
        whole = try_line(line, roots, reads)
        with writing, place.open("ab") as file:
            file.write(msgspec.json.encode(whole) + b"\n")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(one, todo):
            pass


def try_line(line: Line, builds: Sequence[Build], reads: Mapping[str, Reads]) -> Whole:
    """The first source that starts it and its loads; else the reason of the first."""
    tried: list[Whole] = []
    for drawn in itertools.islice(on_builds(line, builds, reads), SOURCES):
        whole = Whole(line.name, drawn.words, drawn.source.name, loads(drawn, builds))
        if not whole.why_not_had:
            return whole
        tried.append(whole)
    return tried[0] if tried else Whole(line.name, line.words, "", ())


def loads(drawn: Drawn, builds: Sequence[Build]) -> tuple[Loaded, ...]:
    """What really happens to a guest on every target; programs are looked for in the builds."""
    tools = tuple(build.root for build in builds)
    with tempfile.TemporaryDirectory(prefix="whole", ignore_cleanup_errors=True) as directory:
        job, out = Path(directory) / "job.json", Path(directory) / "out.json"
        job.write_bytes(msgspec.json.encode(Job(drawn.words, drawn.source, drawn.targets, tools)))
        try:
            done = subprocess.run(
                command(job, out),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=JOB_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return tuple(Loaded(t.name, "not_had", "takes too long") for t in drawn.targets)
        if done.returncode:
            raise RuntimeError(f"{drawn.name}: {done.stderr.decode(errors='replace')[-2000:]}")
        return msgspec.json.decode(out.read_bytes(), type=tuple[Loaded, ...])


def what_reads(build: Build, facts: BuildFacts) -> Reads:
    """What a build reads, of its own help and from a device in JSON that no build has."""
    with tempfile.TemporaryDirectory(prefix="reads") as directory:
        place = Place(Path(directory))
        place.enter(build)
        try:
            told = _output([*place.wrapped(build), "-help"])
            line = [*place.wrapped(build), "-machine", "none", "-nographic", "-nodefaults"]
            device = _output([*line, "-device", '{"driver":"no-such-type"}'])
        finally:
            place.leave()
    options = frozenset(re.findall(r"^--?([a-zA-Z0-9-]+)", told, re.MULTILINE))
    names = (machine.name for machine in facts.machines)
    machines = frozenset(name for name in names if re.fullmatch(r"pc-(q35|i440fx)-[0-9.]+", name))
    has_json = "'no-such-type' is not a valid" in device
    return Reads(options, has_json, "reconnect-ms" in told, machines)


def _output(line: Sequence[str]) -> str:
    done = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr
