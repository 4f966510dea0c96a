"""Whether a trial keeps the promises that are counted.

That the guest loads is what a trial shows, whatever was predicted. What the guest sees is counted
as a live guest saw it, and as the verdict of each hop says it of what no guest looks at.
"""

from __future__ import annotations

from qcompat.trial.trial import Hop, Trial
from qcompat.verdict.gate import Gate, Kept, kept_of
from qcompat.verdict.judgement import about, is_risk


def kept(trial: Trial, gate: Gate) -> Kept:
    """Kept where it works, broken where it does not, unknown where that remains open."""
    if trial.is_flaky:
        return "unknown"
    if not trial.succeeds or trial.is_barred:
        return "broken"
    hops = [_hop(hop, gate) for hop in trial.hops]
    if "broken" in hops:
        return "broken"
    is_open = trial.contradicts or not trial.is_whole or "unknown" in hops
    return "unknown" if is_open else "kept"


def _hop(hop: Hop, gate: Gate) -> Kept:
    """A hop that was made."""
    if gate.is_strict and any(map(is_risk, hop.findings)):
        return "unknown"
    if gate.goal == "loads":
        return "kept"
    is_seen = gate.goal == "unchanged" or not hop.was_reset  # else it may be the reset's
    if is_seen and hop.answer == "drift":
        return "broken"
    if hop.predicted is None:
        return "unknown"
    answer = about(hop.predicted, hop.findings, gate.goal)
    return "unknown" if answer == "blocked" else kept_of(answer)
