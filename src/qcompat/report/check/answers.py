"""What `check` answers: a judgement, and with --repair what to set on the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from qcompat.verdict.judgement import Judgement

if TYPE_CHECKING:
    from qcompat.app.repair import Repaired


class CheckAnswer(msgspec.Struct, frozen=True):
    """`repaired` is None where no repair was asked for."""

    judgement: Judgement
    repaired: Repaired | None = None
