"""Reading the archive of a trial, which may come from anybody.

Everything is bounded, and nothing is extracted to the file system.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.local.foreign_file import read_foreign
from qcompat.portrait.file import unpack
from qcompat.trial.archive import FORMAT, MOST_BYTES, Archive, Manifest

_MOST_PACKED = 128 << 20
_MOST_MEMBERS = 512
_WINDOW = 1 << 27
_NAMES = re.compile(
    r"trial\.json|portrait-\d{1,3}\.qcp|stream-\d{1,3}\.mig|hop-\d{1,3}-(source|target)\.log"
)


def read_archive(path: Path) -> Archive:
    """Read an archive. Raises FileFormatError for one that is damaged, too large or none at all."""
    packed = read_foreign(path, _MOST_PACKED, "name an archive that `qcompat prove --keep` wrote")
    return _archive(dict(_members(_unpacked(packed, path), path)), path)


def _unpacked(packed: bytes, path: Path) -> bytes:
    most = MOST_BYTES + (1 << 20)
    try:
        decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        with decompressor.stream_reader(packed) as reader:
            raw = reader.read(most + 1)
    except zstandard.ZstdError as error:
        raise FileFormatError(
            f"{path} is not the archive of a trial, or is damaged: {error}",
            "name a file that `qcompat prove --keep` wrote",
        ) from error
    if len(raw) > most:
        raise FileFormatError(f"{path} holds more than {MOST_BYTES >> 20} MiB", "it is not genuine")
    return raw


def _members(raw: bytes, path: Path) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as tar:
            for member in tar:
                _check_member(member, seen, path)
                file = tar.extractfile(member)
                content = file.read() if file else b""
                if len(content) != member.size:
                    raise FileFormatError(f"{path} is cut short in {member.name}")
                yield member.name, content
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise FileFormatError(f"{path} is not the archive of a trial: {error}") from error


def _check_member(member: tarfile.TarInfo, seen: set[str], path: Path) -> None:
    if not member.isreg() or member.issparse() or not _NAMES.fullmatch(member.name):
        raise FileFormatError(
            f"{path} holds {member.name[:80]!r}, which no archive of a trial has",
            "it is not genuine",
        )
    if member.name in seen or len(seen) >= _MOST_MEMBERS:
        raise FileFormatError(f"{path} holds {member.name} twice", "it is not genuine")
    seen.add(member.name)


def _archive(members: Mapping[str, bytes], path: Path) -> Archive:
    if "trial.json" not in members:
        raise FileFormatError(f"{path} holds no trial.json", "it is not the archive of a trial")
    manifest = _read_manifest(members["trial.json"], path)
    stops = range(1, len(manifest.stops) + 1)
    portraits = {n: members[p] for n in stops if (p := f"portrait-{n}.qcp") in members}
    return Archive(
        manifest=manifest,
        portraits={n: unpack(data, f"portrait {n} of {path}") for n, data in portraits.items()},
        streams={n: members[s] for n in stops if (s := f"stream-{n}.mig") in members},
    )


def _read_manifest(content: bytes, path: Path) -> Manifest:
    try:
        number = msgspec.json.decode(content, type=_Format).format
        if number not in (1, FORMAT):
            raise FileFormatError(
                f"{path} has archive format {number}, this qcompat reads formats up to {FORMAT}",
                "use the qcompat release that wrote it",
            )
        told = _without_words(content) if number == 1 else msgspec.json.decode(content)
        manifest = msgspec.convert(told, type=Manifest)
    except UNDECODABLE as error:
        raise FileFormatError(f"{path} does not describe a trial: {error}") from error
    if len(manifest.stops) < 2 or len(manifest.hops) >= len(manifest.stops):
        raise FileFormatError(f"{path} does not describe a trial: its stops and hops do not fit")
    return manifest


def _without_words(content: bytes) -> dict[str, Any]:
    """The manifest of format 1: its findings are words, which nothing reads."""
    told = msgspec.json.decode(content, type=dict[str, Any])
    hops = msgspec.convert(told.get("hops", ()), list[dict[str, Any]])
    return {**told, "hops": [{**hop, "finding": None, "findings": ()} for hop in hops]}


class _Format(msgspec.Struct):
    format: int
