"""What a search and its proof came to, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from qcompat.qemu.outcome import Outcome
from qcompat.report.finding import called, sentence, summary_text
from qcompat.trial.cause import words_of
from qcompat.verdict.detour import Detour, PowerOff, UntriedDetour
from qcompat.verdict.proof import Contradiction, Proof
from qcompat.verdict.remedy import Reason, Remedy, Spent, Tried, Unrepairable


def reasons_of(found: Unrepairable) -> tuple[str, ...]:
    """Why no property helps, a sentence or two for each part of the guest."""
    return tuple(map(reason_text, found.reasons)) if found.unsent is None else (_unsent(found),)


def reason_text(reason: Reason) -> str:
    """What bars one part of the guest, and what was tried on it."""
    finding, where = reason.finding, called(reason.finding.subject)
    if finding.undecided and reason.tried is None:
        return f"{where}: {summary_text(finding)}"
    return f"{where}: {sentence(finding).rstrip('.')}. {_tried(reason.tried)}"


def _tried(tried: Tried | None) -> str:
    if tried is None:
        return "No property changes that"
    whose = "the guest's devices" if tried.scope == "guest" else "it"
    if not tried.properties:
        return f"The target has no property for {whose}"
    count = f"{tried.properties} properties that the target has for {whose}"
    if tried.values is None:
        return f"None of the {count} changes that (tried in groups)"
    return f"None of the {count} changes that ({tried.values} other values, each tried alone)"


_UNSENT = {
    "start": "The source does not start this guest",
    "crash": "The source crashes on this guest",
    "save": "The source cannot send this guest, whatever the target is given",
}


def _unsent(found: Unrepairable) -> str:
    assert found.unsent is not None
    why = _UNSENT.get(found.unsent.stage, "What the source sends is not known")
    return f"{why}: {found.unsent.message}"


def instead_of(found: Unrepairable) -> tuple[str, ...]:
    """What each build on the way would do, as far as that is known, then the power-off."""
    power_off = (_power_off(found.power_off),) if found.power_off else ()
    return (*map(_detour, found.detours), *map(_untried, found.untried), *power_off)


def _untried(detour: UntriedDetour) -> str:
    return f"by way of {detour.via} it was not tried: {detour.reason}"


def _detour(detour: Detour) -> str:
    way = f"{detour.source} → {detour.via} → {detour.target}"
    if detour.helps:
        return f"by way of {detour.via} it works: {way} ({detour.certainty})"
    why = f"{detour.via} keeps and sends on what the target refuses ({detour.barred_by})"
    loaded = f": {outcome_line(detour.outcome)}" if detour.outcome else ""
    return f"{way} does not help: {why} ({detour.certainty}{loaded})"


def _power_off(power_off: PowerOff) -> str:
    target = power_off.target
    if not power_off.helps:
        return f"a power-off does not help either: {target} does not start this guest"
    without = ", ".join(f"{each.name}={each.value}" for each in power_off.without)
    how = f" without {without}" if without else ""
    return f"a power-off: shut the guest down and start it on {target}{how}"


def proof_lines(proof: Proof | None) -> tuple[str, ...]:
    """How each real load ended."""
    return tuple(_loads(proof)) if proof else ()


def _loads(proof: Proof) -> Iterator[str]:
    yield f"without it: {_ended(proof.without)}"
    if proof.with_it is not None:
        yield f"with it: {_ended(proof.with_it)}"
    if proof.same_processor is not None:
        words = ("other", "the source's")
        without, with_it = (words[same] for same in proof.same_processor)
        yield f"loaded without it the guest finds {without} processor features, with it {with_it}"
    if proof.back is not None:
        yield f"and back on the source: {_ended(proof.back)}"


def _ended(outcome: Outcome) -> str:
    line = outcome_line(outcome)
    return outcome.kind if outcome.loads or line == outcome.kind else f"{outcome.kind}: {line}"


def outcome_line(outcome: Outcome) -> str:
    """The first line of QEMU's words; how it ended, if there are none."""
    return next(iter(words_of(outcome).splitlines()), "") or outcome.kind


_STATES = {
    "without": "without the remedy",
    "with": "with the remedy",
    "back": "on the way back",
}


def contradiction_text(found: Remedy | Unrepairable) -> str:
    """Where loads contradict the verdicts; empty where none does."""
    return "; ".join(map(_contradiction, found.contradictions))


def _contradiction(each: Contradiction) -> str:
    state = _STATES[each.state]
    return f"{state} the verdict is {each.verdict}, but a real load ended as {_ended(each.outcome)}"


def open_text(found: Remedy | Unrepairable) -> str:
    """Why not everything was tried; empty where it was."""
    if isinstance(found, Unrepairable) and found.unsent is not None:
        return "nothing was tried" if found.is_open else ""
    return _spent(found.spent) if found.spent else ""


def _spent(spent: Spent) -> str:
    unit = "s" if spent.bound == "seconds" else "attempts"
    return f"the search ended after {spent.amount:g} {unit}"
