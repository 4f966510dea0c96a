"""The facts of a tree's files, with the version it says it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from qcompat.source.facts import FileFacts


class Files(msgspec.Struct, frozen=True):
    """Facts by path; `version` as in the file VERSION, empty where there is none."""

    files: Mapping[str, FileFacts]
    version: str
    origin: str


class Place(msgspec.Struct, frozen=True, order=True):
    """Where something stands."""

    file: str
    line: int


def version_of(content: bytes) -> str:
    """The version in a VERSION file."""
    match = re.match(r"\d+(?:\.\d+)+", content.decode("latin-1").strip())
    return match[0] if match else ""


def shipped_of(version: str) -> tuple[int, int] | None:
    """The newest release that has shipped when a tree says to be `version`.

    QEMU counts 10.0.50 and 10.0.90 on the way from 10.0 to 10.1.
    """
    numbers = [int(each) for each in version.split(".")] if version else []
    return (numbers[0], numbers[1]) if len(numbers) > 1 else None
