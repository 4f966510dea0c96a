"""Everything that can be learned about a build without a guest, asked once and cached.

Each question gets a process of its own: a build that crashes, hangs or floods its output on one
loses only that answer, and `lost` says so. `answers` reads what the build prints, `contents` what
its files contain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import zstandard

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts, StateDescription
from qcompat.builds.identify import confirm
from qcompat.builds.learn.accelerators import ANY, ask_accelerators
from qcompat.builds.learn.answers import name_states, parse_devices, parse_machines, parse_states
from qcompat.builds.learn.ask import ask
from qcompat.builds.learn.contents import find_markers, names_in
from qcompat.builds.learn.files import binary_of, modules_of
from qcompat.builds.learn.fingerprint import fingerprint
from qcompat.errors import UNDECODABLE, BuildError, StoreError
from qcompat.local.doing import doing
from qcompat.local.whole_file import write_whole

_DUMP = (
    "-machine",
    "none",
    "-nodefaults",
    "-display",
    "none",
    *ANY,
    "-dump-vmstate",
    "/dev/stdout",
)
_LARGEST = 64 << 20
_NO_STATES: Mapping[str, StateDescription] = {}

T = TypeVar("T")


def learn(build: Build, *, cache: Path) -> BuildFacts:
    """The facts of a build, from the cache if its files are unchanged.

    Facts with a part in `lost` are not cached, and asked again each time.
    Errors: BuildError when its files cannot be read, when its binary is not the registered one any
    more, or nothing at all could be learned;
    StoreError when the cache cannot be written.
    """
    kept = cache / "facts" / f"{fingerprint(build)}.zst"
    if (facts := _recall(kept, build)) is not None:
        return facts
    confirm(build)
    with doing(f"asking {build.name} what it has, once"):
        facts = ask_all(build)
    if not facts.lost:
        content = msgspec.msgpack.encode(facts, order="deterministic")
        write_whole(kept, zstandard.compress(content, 6))
    return facts


def ask_all(build: Build) -> BuildFacts:
    """The facts of a build, asked now. Errors: BuildError when it answers nothing."""
    lost: dict[str, str] = {}
    by_type = _try(lost, "states", lambda: parse_states(_output(build, *_DUMP)), _NO_STATES)
    facts = BuildFacts(
        identity=build.identity,
        machines=_try(lost, "machines", lambda: parse_machines(_list(build, "-machine")), ()),
        devices=_try(lost, "devices", lambda: parse_devices(_list(build, "-device")), ()),
        states=name_states(by_type),
        type_states=_state_names(by_type),
        names=_try(lost, "names", lambda: _names(build), frozenset[str]()),
        markers=_try(lost, "markers", lambda: find_markers(_files(build)), {}),
        accelerators=_try(lost, "accelerators", lambda: ask_accelerators(build), ()),
        lost=lost,
    )
    if not facts.machines and not facts.devices:
        raise BuildError(
            f"build {build.name} lists neither machine types nor devices: "
            f"{lost.get('machines') or 'the lists are empty'}",
            f"try it by hand: {build.binary} -machine help",
        )
    return facts


def _try(lost: dict[str, str], what: str, answer: Callable[[], T], otherwise: T) -> T:
    try:
        return answer()
    except (BuildError, OSError, *UNDECODABLE) as error:
        lost[what] = str(error)
        return otherwise


def _output(build: Build, *arguments: str) -> bytes:
    """What it printed. A build that printed nothing gave no answer, whatever its exit code."""
    answer = ask(build, arguments, kvm=True)
    if not answer.output.strip():
        told = answer.errors.strip().splitlines()[-1:] or [f"it ended with code {answer.code}"]
        raise BuildError(f"build {build.name} printed nothing for {arguments[0]}: {told[0]}")
    return answer.output


def _list(build: Build, option: str) -> str:
    return _output(build, option, "help").decode(errors="replace")


def _names(build: Build) -> frozenset[str]:
    return frozenset().union(*(names_in(path) for path in _files(build)))


def _files(build: Build) -> tuple[Path, ...]:
    return (binary_of(build), *modules_of(build))


def _state_names(by_type: Mapping[str, StateDescription]) -> dict[str, str]:
    named = name_states(by_type)
    own = {type_: f"{state.name}@{type_}" for type_, state in by_type.items()}
    return {t: own[t] if own[t] in named else s.name for t, s in sorted(by_type.items())}


def _recall(kept: Path, build: Build) -> BuildFacts | None:
    """The cached facts; a damaged entry counts as none."""
    try:
        content = zstandard.decompress(kept.read_bytes(), max_output_size=_LARGEST)
        facts = msgspec.msgpack.decode(content, type=BuildFacts)
    except FileNotFoundError:
        return None
    except (zstandard.ZstdError, *UNDECODABLE):
        return None
    except OSError as error:
        raise StoreError(f"cannot read {kept}: {error.strerror}") from error
    return facts if facts.identity == build.identity else None
