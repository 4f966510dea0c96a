"""Reading many files: in this process, or in several where there are many."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor

import msgspec

from qcompat.source.facts import FileFacts
from qcompat.source.read import read_file

_FEW = 200
_BATCH = 100

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[FileFacts])


def read_all(contents: Mapping[str, bytes]) -> dict[str, FileFacts]:
    """The facts of each content."""
    if len(contents) < _FEW:
        return {name: read_file(content) for name, content in contents.items()}
    # the large files first, so that no process is left with one at the end
    names = sorted(contents, key=lambda name: -len(contents[name]))
    count = max(1, len(names) // _BATCH)
    groups = [names[start::count] for start in range(count)]
    found: dict[str, FileFacts] = {}
    with ProcessPoolExecutor(_processes(), mp_context=_context()) as pool:
        work = pool.map(_read_some, ([contents[name] for name in group] for group in groups))
        for group, packed in zip(groups, work, strict=True):
            found.update(zip(group, _decoder.decode(packed), strict=True))
    return found


def _processes() -> int:
    return max(1, len(os.sched_getaffinity(0)))


def _context() -> multiprocessing.context.BaseContext:
    return multiprocessing.get_context("fork")


def _read_some(contents: list[bytes]) -> bytes:
    return _encoder.encode([read_file(content) for content in contents])
