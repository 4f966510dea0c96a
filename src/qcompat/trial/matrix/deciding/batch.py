"""A batch, the unit of work: one guest, saved by its source and loaded by each of its targets.

A batch and its report are plain values that can go to another machine; the stream never does.
`running.run_batch` runs a batch, `settling` draws the conclusions from its report.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qcompat.builds.build import Build
from qcompat.portrait.portrait import Accel
from qcompat.qemu.outcome import Outcome
from qcompat.trial.matrix.question.packed_guest import PackedGuest


class Batch(msgspec.Struct, frozen=True):
    """What to try: one save, and one load by each target. Without targets it is only saved."""

    packed: PackedGuest
    source: Build
    targets: tuple[Build, ...]
    accel: Accel

    @property
    def starts(self) -> int:
        """How many QEMUs it starts."""
        return 1 + len(self.targets)


class BatchReport(msgspec.Struct, frozen=True):
    """What came of a batch: the outcome of each target by its name.

    `refusal` is the outcome of all of them where the source gave no stream, else None.
    `seconds` is how long its QEMUs ran, added up.
    """

    batch: Batch
    outcomes: Mapping[str, Outcome]
    refusal: Outcome | None = None
    seconds: float = 0.0
