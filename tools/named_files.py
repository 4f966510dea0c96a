"""Finds every property that makes a QEMU open a file, and tries whether a guest can have it.

    python -m tools.named_files [BUILD…]     (all registered builds where none is named)

Each property of a build's types that takes text is given the name of a file, in a QEMU of its own
whose system calls are traced. Then qcompat reads the same guest in every spelling: the name must
be gone. What is found and not yet in `guest/stand_ins/files.toml` or one of its neighbours is
printed as a leak, and the exit code is 1. It takes some three minutes a build.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.builds.run.command import command
from qcompat.errors import CommandError, QemuDiedError
from qcompat.guest.arguments import parse
from qcompat.guest.single import Skipped, single_device
from qcompat.local.home import cache_home, data_home
from qcompat.qemu.launch import launch

FILE = "/no-such-directory/named-by-a-property"
_BOARD = ("-machine", "q35", "-nodefaults")
_NO_MACHINE = ("-machine", "none", "-nodefaults")
# Kinds that no name of a file fits; of the rest, structures have text inside.
_NO_TEXT = re.compile(
    r"bool|u?int\d*(_t)?|size|busnr|On[A-Z]\w+|link<.*|child<.*|strList|.*(Info|Information|Word)"
)
_INSIDE = {"BootConfiguration": ("splash",)}
_SECONDS = 40
_QUIT = b'{"execute":"qmp_capabilities"}{"execute":"quit"}\n'
_TRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-s", "256", "-e", "signal=none")


class Named(msgspec.Struct, frozen=True):
    """A property of a type, and arguments that give it the name of a file."""

    type: str
    name: str
    arguments: tuple[str, ...]


async def named_properties(build: Build, facts: BuildFacts) -> tuple[Named, ...]:
    """Every property of the build that takes text, once for each type that has it."""
    found: list[Named] = []
    seen: set[tuple[str, str]] = set()
    for type_, rows in (await _properties(build)).items():
        for name in _text(rows):
            family = re.sub(r"-\d[\d.]*-machine$", "-machine", type_)
            if (family, name) not in seen:
                seen.add((family, name))
                found += [Named(type_, name, words) for words in _arguments(type_, name, facts)]
    return tuple(found)


def opened(build: Build, arguments: Sequence[str]) -> str:
    """The system call with which the build opens, connects to or looks for FILE; empty: none."""
    words = command(build, kvm=False)
    at = words.index("bwrap")
    with tempfile.NamedTemporaryFile("r", errors="replace") as log:
        trace = (*_TRACE, "-e", "trace=%file,connect,bind", "-o", log.name)
        session = ("-S", "-display", "none", "-qmp", "stdio", "-accel", "tcg")
        subprocess.run(
            [*words[:at], *trace, *words[at:], *session, *arguments],
            input=_QUIT,
            capture_output=True,
            timeout=_SECONDS,
            start_new_session=True,
            check=False,
        )
        calls = (line for line in log if FILE in line and "execve(" not in line)
        return next((call.partition(" ")[2].strip() for call in calls), "")


def leaks(named: Named) -> bool:
    """Whether a guest that is given the property, in any spelling, still has the name."""
    return any(FILE in " ".join(parse(words).arguments) for words in _spellings(named))


def _spellings(named: Named) -> Iterator[tuple[str, ...]]:
    yield named.arguments
    if named.arguments[-2] != "-device":
        return
    type_, name = named.type, named.name
    yield (*_BOARD, "-global", f"{type_}.{name}={FILE}")
    yield (*_BOARD, "-global", f"property={name},driver={type_},value=x,value={FILE}")
    yield (*_BOARD, "-device", json.dumps({"driver": type_, name: FILE}))
    yield (*_BOARD, "-device", f"{type_},id=x", "-set", f"device.x.{name}={FILE}")


async def _properties(build: Build) -> dict[str, list[dict[str, Any]]]:
    """The properties of all types by name; a type that ends the build when asked is left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    waiting: list[tuple[str, str]] | None = None
    while waiting is None or waiting:
        async with launch(command(build, kvm=False), ("-accel", "tcg", *_NO_MACHINE)) as qemu:
            waiting = await _types(qemu) if waiting is None else waiting
            try:
                while waiting:
                    type_, question = waiting.pop()
                    try:
                        found[type_] = await qemu.execute(question, {"typename": type_})
                    except CommandError:
                        continue  # not of this accelerator
            except QemuDiedError:
                continue
    return dict(sorted(found.items()))


async def _types(qemu: Any) -> list[tuple[str, str]]:
    questions: dict[str, str] = {}
    for kind in ("machine", "user-creatable", "device"):
        question = "device-list-properties" if kind == "device" else "qom-list-properties"
        for row in await qemu.execute("qom-list-types", {"implements": kind}):
            questions[row["name"]] = question
    return sorted(questions.items())


def _text(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield from (f"{row['name']}.{inner}" for inner in _INSIDE.get(row["type"], ()))
        if not _NO_TEXT.fullmatch(row["type"]) and row["name"] != "type":
            yield row["name"]


def _arguments(type_: str, name: str, facts: BuildFacts) -> Iterator[tuple[str, ...]]:
    setting = f"{name}={FILE}"
    device = next((each for each in facts.devices if each.type == type_), None)
    guest = single_device("q35", device) if device else None
    if type_.endswith("-machine"):
        yield ("-machine", f"{type_.removesuffix('-machine')},{setting}")
    elif isinstance(guest, Skipped):
        yield (*_BOARD, "-device", f"{type_},{setting}")
    elif guest:
        words = list(guest.arguments)
        last = max((n for n, word in enumerate(words) if word.split(",")[0] == type_), default=-1)
        if last >= 0 and words[last - 1] == "-device":
            words[last] += f",{setting}"
            yield (*words[: last - 1], *words[last + 1 :], *words[last - 1 : last + 1])
    else:
        yield (*_BOARD, "-object", f"{type_},id=o,{setting}")
        yield ("-machine", "q35", "-global", f"{type_}.{setting}")


def main() -> int:
    """Sweep the builds, and print what opens a file."""
    registry = Registry(data_home())
    leaking = 0
    for name in sys.argv[1:] or registry.names():
        build = registry.get(name)
        facts = learn(build, cache=cache_home())
        for named in asyncio.run(named_properties(build, facts)):
            if call := opened(build, named.arguments):
                is_leak = leaks(named)
                leaking += is_leak
                kept = "LEAKS" if is_leak else "left out"
                print(f"{name}  {named.type}.{named.name}  {kept}  {call[:100]}", flush=True)
    return 1 if leaking else 0


if __name__ == "__main__":
    sys.exit(main())
