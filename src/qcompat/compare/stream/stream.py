"""Two migration streams: everything that differs in what they say, in the order of a stream.

This is the part of a comparison of portraits that needs no portrait.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qcompat.compare.difference import Difference
from qcompat.compare.guest import compare_configurations
from qcompat.compare.memory import Maxima, compare_memory
from qcompat.compare.stream.layout import compare_contents
from qcompat.compare.stream.registers import compare_registers
from qcompat.compare.stream.sections import compare_sections, compare_versions, differing_pairs
from qcompat.stream.model import Stream


def compare_streams(
    source: Stream, target: Stream, ours: Maxima | None = None, theirs: Maxima | None = None
) -> Iterator[Difference[Any]]:
    """Configuration, memory, sections and their contents; maxima as `compare_memory` takes them."""
    yield from compare_configurations(source, target)
    yield from compare_memory(source, target, ours or {}, theirs or {})
    yield from compare_sections(source, target)
    for pair in differing_pairs(source, target):
        yield from compare_versions(pair)
        yield from compare_contents(pair)
        yield from compare_registers(pair)
