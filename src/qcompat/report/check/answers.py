"""What `check` answers: a judgement, and with --repair what to set on the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from qcompat.verdict.judgement import Judgement

if TYPE_CHECKING:
    from qcompat.app.cold_start import ColdStart
    from qcompat.app.repair import Repaired


class CheckAnswer(msgspec.Struct, frozen=True):
    """`repaired` is None where no repair was asked for, `cold_start` where the question of one did
    not arise.
    """

    judgement: Judgement
    repaired: Repaired | None = None
    cold_start: ColdStart | None = None
