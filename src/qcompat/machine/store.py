"""The files of machine facts: in the cache by what they depend on, and shipped.

Facts of the Debian builds come with qcompat, so that questions about them need no QEMU;
`tools/tables` gathers them again. A file is a Zstandard frame of MessagePack.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import zstandard

from qcompat.builds.build import Build
from qcompat.builds.learn.fingerprint import fingerprint
from qcompat.errors import UNDECODABLE, FileFormatError, StoreError
from qcompat.local.whole_file import write_whole
from qcompat.machine.deltas import Step, from_steps, to_steps
from qcompat.machine.model import MachineFacts

SHIPPED = Path(__file__).parent / "shipped"
SUFFIX = ".mtf"
FORMAT = 1

_LARGEST = 1 << 28
_LEVEL = 19


class _Kept(msgspec.Struct, frozen=True):
    """The facts without what was observed; that is stored as changes, decoded on request."""

    facts: MachineFacts
    steps: msgspec.Raw


_decoder = msgspec.msgpack.Decoder(_Kept)
_steps_decoder = msgspec.msgpack.Decoder(tuple[Step, ...])
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def place_of(build: Build, cache: Path, accel: str = "auto") -> Path:
    """The file of a build's facts, as it was asked with `accel`.

    Errors: BuildError where a file of the build is gone.
    """
    asked = "" if accel == "auto" else f" {accel}"
    digest = hashlib.sha256(f"{FORMAT} {fingerprint(build)}{asked}".encode()).hexdigest()
    return cache / "machines" / f"{digest[:32]}{SUFFIX}"


def shipped() -> dict[str, Path]:
    """The builds whose facts come with qcompat, by name."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(SHIPPED.glob(f"*{SUFFIX}"))}


def write_facts(facts: MachineFacts, path: Path) -> None:
    """Write the facts. Errors: StoreError."""
    steps = msgspec.Raw(_encoder.encode(to_steps(facts.observed.values())))
    kept = _Kept(msgspec.structs.replace(facts, observed={}), steps)
    write_whole(path, zstandard.compress(_encoder.encode(kept), _LEVEL))


def read_facts(path: Path, *, observed: bool = True) -> MachineFacts:
    """Read facts, on request without what was observed, which is most of a file.

    Errors: FileFormatError for a damaged file, StoreError.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    try:
        kept = _decoder.decode(zstandard.decompress(content, max_output_size=_LARGEST))
        steps = _steps_decoder.decode(kept.steps) if observed else ()
    except (zstandard.ZstdError, *UNDECODABLE) as error:
        raise FileFormatError(
            f"{path} does not hold facts of machine types, or is damaged: {error}",
            "remove it; qcompat gathers the facts again",
        ) from error
    return msgspec.structs.replace(kept.facts, observed=from_steps(steps))
