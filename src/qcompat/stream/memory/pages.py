"""Finding runs of page records: the part of a stream that is large, and read at memory speed.

A page record is an address with flags in its low bits, and a fill byte (ZERO) or the page
(PAGE); only records that continue the block of the one before have a fixed size and form runs.
Where records of one form follow each other, their address words lie at equal distances, and
numpy looks at all of them at once. Everything else about guest memory is in `ram`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from qcompat.stream.memory.ram_flags import CONTINUE, PAGE, ZERO

Run = tuple[int, int, int]
"""Flags, number of records, bytes of one record."""

_WORD = struct.Struct(">Q")
_FEW = 6  # records that are looked at one by one: fewer do not pay for numpy
_STEP, _GROWTH = 128, 16
_MOST_RUNS = 4096


def runs(view: memoryview, page_size: int, limit: int) -> Iterator[Run]:
    """The runs at the beginning of `view`, whole records only, all addresses below `limit`.

    Ends before the first other record; also after some thousand runs, for bounded memory.
    """
    at = 0
    strides = {CONTINUE | ZERO: _WORD.size + 1, CONTINUE | PAGE: _WORD.size + page_size}
    for _ in range(_MOST_RUNS):
        if at + _WORD.size > len(view):
            return
        flags = _WORD.unpack_from(view, at)[0] & (page_size - 1)
        stride = strides.get(flags, 0)
        count = _run_length(view, at, stride, page_size, flags, limit) if stride else 0
        if not count:
            return
        yield flags, count, stride
        at += count * stride


def addresses(view: memoryview, count: int, stride: int, page_size: int) -> npt.NDArray[np.uint64]:
    """The addresses of `count` records at the beginning of `view`."""
    return _words(view, 0, count, stride) & np.uint64(~(page_size - 1) & 2**64 - 1)


def _run_length(
    view: memoryview, at: int, stride: int, page_size: int, flags: int, limit: int
) -> int:
    """Records like the one at `at`: few are looked at one by one, many all together."""
    most = (len(view) - at) // stride
    step = min(_alike(view[at + _WORD.size - 1 :: stride], bytes([flags])), most)
    if step <= _FEW:
        for number in range(step):
            if not _fits(view, at + number * stride, page_size, flags, limit):
                return number
        return step
    count = 0
    while count < most:
        size = min(step, most - count)
        found = _fitting(view, at + count * stride, size, stride, page_size, flags, limit)
        count += found
        if found < size or step < _STEP:
            break
        step *= _GROWTH
    return count


def _alike(lows: memoryview, low: bytes) -> int:
    """How many of the first records have `low` as the last byte of their address."""
    first = lows[:_STEP].tobytes()
    return len(first) - len(first.lstrip(low))


def _fits(view: memoryview, at: int, page_size: int, flags: int, limit: int) -> bool:
    word: int = _WORD.unpack_from(view, at)[0]
    is_same = word & (page_size - 1) == flags and word < limit
    return is_same and (flags & PAGE != 0 or view[at + _WORD.size] == 0)


def _fitting(
    view: memoryview, at: int, count: int, stride: int, page_size: int, flags: int, limit: int
) -> int:
    """How many of the next `count` records fit."""
    words = _words(view, at, count, stride)
    words -= np.uint64(flags)  # other addresses are then odd or huge
    fits = (words & np.uint64(page_size - 1)) == 0
    fits &= words < np.uint64(min(limit, 2**64 - 1))
    if flags & ZERO:
        fits &= np.ndarray((count,), np.uint8, view, at + _WORD.size, (stride,)) == 0
    first = int(fits.argmin())
    return first if not fits[first] else count


def _words(view: memoryview, at: int, count: int, stride: int) -> npt.NDArray[np.uint64]:
    return np.ndarray((count,), ">u8", view, at, (stride,)).astype(np.uint64)
