"""Turns an archived trial into a test case: `python -m tools.case FILE.tar.zst [NAME]`.

What becomes `tests/data/cases/NAME/` is one bundle with the portraits of every hop that really
went out, the source's with the stream that went, and `case.toml` with what came of it. From then
on `tests/trial/test_cases.py` holds the verdict against the outcome.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import msgspec

from qcompat.errors import QcompatError, UsageError
from qcompat.portrait.bundle import read_bundle, write_bundle
from qcompat.portrait.portrait import Portrait
from qcompat.qemu.outcome import Outcome
from qcompat.stream.reader.whole import read
from qcompat.trial import archive
from qcompat.trial.archive import Archive
from qcompat.trial.archive_reader import read_archive

CASES = Path(__file__).parent.parent / "tests" / "data" / "cases"
BUNDLE, FACTS = "portraits.qcb", "case.toml"


class CaseHop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One hop: its number in the trial, the builds, and what really came of it."""

    number: int
    source: str
    target: str
    outcome: str
    message: str = ""

    @property
    def really(self) -> Outcome:
        """The outcome that was recorded."""
        return msgspec.convert({"kind": self.outcome, "message": self.message}, Outcome)


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`case.toml`: the guest's arguments at the first stop, and the hops."""

    arguments: tuple[str, ...]
    hop: tuple[CaseHop, ...]


def main(words: list[str]) -> int:
    """Write the case; say where it is."""
    if len(words) not in (1, 2):
        print(f"usage: python -m tools.case FILE{archive.SUFFIX} [NAME]", file=sys.stderr)
        return UsageError.exit_code
    path = Path(words[0])
    try:
        place = write_case(read_archive(path), CASES / (words[1:] or [_name(path)])[0])
    except QcompatError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    print(f"{place}: try it with pytest tests/trial/test_cases.py -k {place.name}")
    return 0


def write_case(kept: Archive, place: Path) -> Path:
    """Write the case of an archive into the directory `place`, which is made."""
    ends = dict(_ends(kept))
    if not ends:
        raise UsageError("the archive holds no hop with the portraits of both its ends")
    portraits = ((f"{n}-{end}", p) for n, pair in ends.items() for end, p in pair.items())
    write_bundle(portraits, place / BUNDLE)
    (place / FACTS).write_text("\n".join(_facts(kept, ends)) + "\n")
    return place


def read_case(place: Path) -> Case:
    """What `place` says of its trial."""
    return msgspec.toml.decode((place / FACTS).read_bytes(), type=Case)


def portraits_of(place: Path, hop: CaseHop) -> tuple[Portrait, Portrait]:
    """The source's portrait, with the stream that went, and the target's."""
    bundle = read_bundle(place / BUNDLE)
    return bundle.get(f"{hop.number}-source"), bundle.get(f"{hop.number}-target")


def _ends(kept: Archive) -> Iterator[tuple[int, dict[str, Portrait]]]:
    for number, hop in enumerate(kept.manifest.hops, 1):
        source, target = kept.portraits.get(number), kept.portraits.get(number + 1)
        if source and target and hop.outcome.kind != "no_stream":
            yield number, {"source": _carrying(source, kept, number), "target": target}


def _carrying(source: Portrait, kept: Archive, number: int) -> Portrait:
    """A guest that was born at the first stop is what its portrait shows."""
    is_fresh = number == 1 and not kept.manifest.stops[0].reset
    stream = kept.streams.get(number)
    if is_fresh or stream is None:
        return source
    return msgspec.structs.replace(source, stream=read(BytesIO(stream)))


def _facts(kept: Archive, numbers: dict[int, dict[str, Portrait]]) -> Iterator[str]:
    yield f"# Made by tools.case from a trial that qcompat {kept.manifest.qcompat} kept."
    yield f"arguments = {json.dumps(kept.manifest.stops[0].arguments)}"
    for number in numbers:
        hop = kept.manifest.hops[number - 1]
        yield ""
        yield "[[hop]]"
        yield f"number = {number}"
        yield f"source = {json.dumps(hop.source)}"
        yield f"target = {json.dumps(hop.target)}"
        yield f"outcome = {json.dumps(hop.outcome.kind)}"
        yield f"message = {json.dumps(hop.outcome.message)}"


def _name(path: Path) -> str:
    return path.name.removesuffix(archive.SUFFIX)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
