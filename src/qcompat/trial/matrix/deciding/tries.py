"""The tries of one cell: when another is due, and what they come to.

Pure. What was tried in company counts only where it loaded and nobody doubts it (`sifting`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qcompat.qemu.outcome import Outcome
from qcompat.verdict.judgement import Answer

TRIES = 3
"""How often a cell is tried that fails, or does not do what was to be expected."""


def is_expected(outcome: Outcome, predicted: Answer | None) -> bool:
    """Whether one try is enough: it did what the verdict said, or loaded where there is none.

    Another refusal than the one that was foretold would still be a refusal; a crash is not one.
    """
    if predicted == "blocked":
        return outcome.kind in ("refused", "no_start")
    return outcome.loads and predicted != "unknown"


def final(outcomes: Sequence[Outcome]) -> Outcome:
    """What really happened: the kind seen most often, a failure before a load where equal."""
    seen = Counter(outcome.kind for outcome in outcomes)
    return max(outcomes, key=lambda outcome: (seen[outcome.kind], not outcome.loads))


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How often each kind was seen; empty for a single try."""
    seen = Counter(outcome.kind for outcome in outcomes)
    return dict(sorted(seen.items())) if len(outcomes) > 1 else {}
