"""Many portraits in one file: equal parts are kept once, numbered and referred to.

The portraits of one build differ from guest to guest in a few sections and devices only, so
a bundle of a hundred is hardly larger than ten portrait files.

    offset  bytes
    0       8     magic `QCBUND\\r\\n`
    8       2     format number, big endian
    10      32    SHA-256 of all that follows
    42      …     Zstandard frame of the MessagePack form of `_Bundle`

Facts of a build are a part like any other; a bundle of one build holds them once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from qcompat.builds.facts import BuildFacts
from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.local.whole_file import write_whole
from qcompat.portrait.portrait import Portrait

MAGIC = b"QCBUND\r\n"
FORMAT = 1
_HEADER = len(MAGIC) + 2 + 32
_MOST_BYTES = 512 * 1024 * 1024
_LEVEL = 19

# Members that are split into their elements, and those that are a part as a whole.
_LISTS = ("devices", "pci", "virtio", "memory", "firmware")
_WHOLES = ("identity", "guest", "cpu", "facts", "gaps")

_NOTHING: Mapping[str, Any] = {
    "machines": (),
    "devices": (),
    "states": {},
    "type_states": {},
    "names": frozenset(),
    "markers": {},
    "lost": {},
}

_encoder = msgspec.msgpack.Encoder(order="deterministic")
_portrait_decoder = msgspec.msgpack.Decoder(Portrait)


class _Bundle(msgspec.Struct, frozen=True):
    """The distinct parts, and for each portrait's key its outline with numbers for parts."""

    parts: tuple[msgspec.Raw, ...]
    outlines: Mapping[str, dict[str, Any]]


_bundle_decoder = msgspec.msgpack.Decoder(_Bundle)


class _Parts:
    """Distinct parts in the order of their first use, found again by their content."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def put(self, value: object) -> int:
        """The number of this part."""
        return self._numbers.setdefault(_encoder.encode(value), len(self._numbers))

    def all(self) -> tuple[msgspec.Raw, ...]:
        """The parts, by number."""
        return tuple(msgspec.Raw(content) for content in self._numbers)


def write_bundle(portraits: Iterable[tuple[str, Portrait]], path: Path) -> None:
    """Write (key, portrait) pairs as one bundle."""
    parts = _Parts()
    outlines = {key: _outline(portrait, parts) for key, portrait in portraits}
    content = _encoder.encode(_Bundle(parts.all(), outlines))
    body = zstandard.ZstdCompressor(level=_LEVEL).compress(content)
    write_whole(path, MAGIC + FORMAT.to_bytes(2, "big") + hashlib.sha256(body).digest() + body)


def _outline(portrait: Portrait, parts: _Parts) -> dict[str, Any]:
    outline: dict[str, Any] = msgspec.to_builtins(
        portrait, builtin_types=(bytes,), order="deterministic"
    )
    for name in _WHOLES:
        outline[name] = parts.put(outline[name])
    for name in _LISTS:
        outline[name] = [parts.put(element) for element in outline[name]]
    if outline["stream"] is not None:
        sections = outline["stream"]["sections"]
        outline["stream"]["sections"] = [parts.put(section) for section in sections]
    return outline


class Bundle:
    """A bundle that was read; portraits are put together when asked for."""

    def __init__(self, content: _Bundle) -> None:
        self._content = content
        self._facts: dict[int, BuildFacts] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the portraits in it."""
        return tuple(self._content.outlines)

    def get(self, key: str) -> Portrait:
        """The portrait of that key; `KeyError` where there is none."""
        outline = dict(self._content.outlines[key])
        facts = self._known(outline["facts"])
        outline["facts"] = msgspec.structs.replace(facts, **_NOTHING)
        for name in _WHOLES:
            if name != "facts":
                outline[name] = self._content.parts[outline[name]]
        for name in _LISTS:
            outline[name] = [self._content.parts[number] for number in outline[name]]
        if outline["stream"] is not None:
            sections = [self._content.parts[number] for number in outline["stream"]["sections"]]
            outline["stream"] = outline["stream"] | {"sections": sections}
        portrait = _portrait_decoder.decode(_encoder.encode(outline))
        return msgspec.structs.replace(portrait, facts=facts)

    def _known(self, number: int) -> BuildFacts:
        """The facts of a build, half a megabyte that all its portraits share, decoded once."""
        if number not in self._facts:
            part = self._content.parts[number]
            self._facts[number] = msgspec.msgpack.decode(part, type=BuildFacts)
        return self._facts[number]


def read_bundle(path: Path) -> Bundle:
    """Read a bundle whole; `FileFormatError` where it is none, or is damaged."""
    data = path.read_bytes()
    body = data[_HEADER:]
    if data[: len(MAGIC)] != MAGIC or int.from_bytes(data[8:10], "big") != FORMAT:
        raise FileFormatError(f"{path} is not a bundle of portraits", "install qcompat again")
    if hashlib.sha256(body).digest() != data[10:_HEADER]:
        raise FileFormatError(f"{path} is damaged", "install qcompat again")
    try:
        raw = zstandard.ZstdDecompressor().decompress(body, max_output_size=_MOST_BYTES)
        return Bundle(_bundle_decoder.decode(raw))
    except (zstandard.ZstdError, *UNDECODABLE) as error:
        raise FileFormatError(f"{path} is damaged: {error}", "install qcompat again") from error
