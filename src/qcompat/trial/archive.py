"""A trial as one file, to be inspected, run again or made a test case elsewhere.

A tar archive, compressed with Zstandard, of flat names in a fixed order, without times, owners
or anything else of this machine; equal trials give equal files.

    trial.json             what was tried and what came of it (`Manifest`)
    portrait-N.qcp         what the build of stop N makes of the guest
    stream-N.mig           what stop N sent
    hop-N-source.log, hop-N-target.log    what either QEMU printed

`archive_reader` reads one, which may come from anybody; `replay` runs it again.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from qcompat import __version__
from qcompat.builds.build import BuildIdentity
from qcompat.guest.guest import Uncovered
from qcompat.local.whole_file import write_whole
from qcompat.portrait.file import pack
from qcompat.portrait.portrait import Accel, Moment, Portrait
from qcompat.trial.repeat import TrialRun
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Hop, Method, Trial, Variant

FORMAT = 2
"""Format 1 named what a cause and a finding are about in words only."""
SUFFIX = ".tar.zst"
MOST_BYTES = 256 << 20
"""The limit of an archive's contents, unpacked; streams that would exceed it are left out."""
_LEVEL = 9


class ArchivedStop(msgspec.Struct, frozen=True):
    """A stop: who the build is, how the guest was started there, and without which parts."""

    build: str
    identity: BuildIdentity
    arguments: tuple[str, ...]
    reset: bool = False
    uncovered: tuple[Uncovered, ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """What was tried and what came of it; `left_out` names the parts that were too large."""

    format: int
    qcompat: str
    method: Method
    variant: Variant
    accel: Accel
    moment: Moment
    contradicts: bool
    stops: tuple[ArchivedStop, ...]
    hops: tuple[Hop, ...]
    outcomes: dict[str, int] = {}
    left_out: tuple[str, ...] = ()
    hotplug: bool = False


class Archive(msgspec.Struct, frozen=True):
    """An archive, read: portraits and streams by the number of their stop, from 1."""

    manifest: Manifest
    portraits: Mapping[int, Portrait]
    streams: Mapping[int, bytes]


def pack_run(
    run: TrialRun,
    stops: Sequence[Stop],
    portraits: Sequence[Portrait | str],
    *,
    accel: Accel,
    moment: Moment = "reset",
    hotplug: bool = False,
) -> tuple[str, bytes]:
    """The archive of a run: a file name made from what happened, and the bytes.

    The same thing happening again makes the same name.
    """
    parts = dict(_portraits(portraits)) | dict(_logs(run.trial))
    size = sum(map(len, parts.values()))
    streams, left_out = _streams(run.streams, MOST_BYTES - size)
    manifest = _manifest(run.trial, stops, accel, moment, left_out)
    manifest = msgspec.structs.replace(manifest, hotplug=hotplug)
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    return _name(manifest), _packed({"trial.json": content} | parts | streams)


def write(path: Path, content: bytes) -> None:
    """Write an archive, complete or not at all. Errors: StoreError."""
    write_whole(path, content)


def _portraits(portraits: Sequence[Portrait | str]) -> Iterator[tuple[str, bytes]]:
    for number, portrait in enumerate(portraits, 1):
        if isinstance(portrait, Portrait):
            yield f"portrait-{number}.qcp", pack(portrait)


def _logs(trial: Trial) -> Iterator[tuple[str, bytes]]:
    for number, hop in enumerate(trial.hops, 1):
        yield f"hop-{number}-source.log", hop.source_log.encode()
        yield f"hop-{number}-target.log", hop.target_log.encode()


def _streams(files: Sequence[BinaryIO], room: int) -> tuple[dict[str, bytes], tuple[str, ...]]:
    kept: dict[str, bytes] = {}
    left_out: list[str] = []
    for number, file in enumerate(files, 1):
        name = f"stream-{number}.mig"
        file.seek(0)
        content = file.read(room + 1)
        if len(content) > room:
            left_out.append(name)
        elif content:
            kept[name] = content
            room -= len(content)
    return kept, tuple(left_out)


def _manifest(
    trial: Trial, stops: Sequence[Stop], accel: Accel, moment: Moment, left_out: tuple[str, ...]
) -> Manifest:
    return Manifest(
        format=FORMAT,
        qcompat=__version__,
        method=trial.method,
        variant=trial.variant,
        accel=accel,
        moment=moment,
        contradicts=trial.contradicts,
        stops=tuple(
            ArchivedStop(
                s.build.name, s.build.identity, s.guest.arguments, s.reset, s.guest.uncovered
            )
            for s in stops
        ),
        hops=tuple(_timeless(hop) for hop in trial.hops),
        outcomes=trial.outcomes,
        left_out=left_out,
    )


def _timeless(hop: Hop) -> Hop:
    return msgspec.structs.replace(hop, downtime=None, total=None, source_log="", target_log="")


def _name(manifest: Manifest) -> str:
    digest = hashlib.sha256(msgspec.json.encode(manifest, order="deterministic")).hexdigest()[:12]
    ends = manifest.stops[0].build, manifest.stops[-1].build
    return f"{ends[0]}-to-{ends[1]}-{digest}{SUFFIX}"


def _packed(parts: Mapping[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return zstandard.ZstdCompressor(level=_LEVEL).compress(raw.getvalue())
