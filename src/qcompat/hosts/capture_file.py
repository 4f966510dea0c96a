"""The file of a capture: JSON of the schema `qcompat.host/1`, written whole, read with checks.

Captures come from other hosts, so reading trusts nothing: the size is bounded, every value is
checked against its type, and names must be printable.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.hosts.capture import HostCapture
from qcompat.local.whole_file import write_whole

SCHEMA = "qcompat.host/1"
_FAMILY = "qcompat.host/"


class _Document(msgspec.Struct, frozen=True, rename={"format": "schema"}):
    """The capture, with the schema that is checked first."""

    format: str
    host: HostCapture


class _Head(msgspec.Struct, frozen=True):
    schema: str = ""


def write_capture(capture: HostCapture, path: Path) -> None:
    """Write a capture, whole or not at all. Errors: StoreError."""
    write_whole(path, encode(capture) + b"\n")


def encode(capture: HostCapture) -> bytes:
    document = _Document(SCHEMA, capture)
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=1)


def is_capture(data: bytes) -> bool:
    """Whether the JSON document is a capture, of any version of the format."""
    try:
        return msgspec.json.decode(data, type=_Head).schema.startswith(_FAMILY)
    except UNDECODABLE:
        return False


def decode(data: bytes, name: str) -> HostCapture:
    """The capture in `data`; `name` stands for it in errors. Errors: FileFormatError."""
    schema = msgspec.json.decode(data, type=_Head).schema
    if schema != SCHEMA:
        raise FileFormatError(
            f"{name} is a capture of format {schema}, this qcompat reads {SCHEMA}",
            "capture the host again, or use the qcompat release that wrote it",
        )
    try:
        return msgspec.json.decode(data, type=_Document).host
    except UNDECODABLE as error:
        raise FileFormatError(
            f"{name} is not a valid capture: {error}",
            "write it with: qcompat host capture",
        ) from error
