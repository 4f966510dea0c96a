"""What a search and its proof came to, as a remedy or as the reasons why there is none."""

from __future__ import annotations

from qcompat.portrait.portrait import Refusal
from qcompat.remedy.changed import changed_options
from qcompat.remedy.places import GUEST
from qcompat.rules.finding import Certainty
from qcompat.trial.repair.case import Case
from qcompat.trial.repair.detours import power_off
from qcompat.verdict.detour import Detour, UntriedDetour
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.proof import Proof, contradictions
from qcompat.verdict.remedy import Reason, Remedy, Spent, Tried, Unrepairable
from qcompat.verdict.search.cost import Judged, findings_at, weigh
from qcompat.verdict.search.other_values import blocked_places, devices_in_question


def remedy(case: Case, proof: Proof | None) -> Remedy:
    """The remedy that was found; with a proof, what that showed."""
    before, after = _forward(case.found.before), _forward(case.found.after)
    judgement = case.found.after.judgement
    back = judgement.back if judgement else None
    words, dropped = changed_options(case.base.guest, case.guest())
    return Remedy(
        settings=case.settings(),
        arguments=case.guest().arguments,
        verdict=after,
        certainty=_certainty(case, proof),
        before=before,
        back=back,
        words=words,
        dropped=dropped,
        proof=proof,
        contradictions=contradictions(proof, before, after, back),
        spent=case.found.spent if after.tried != "ok" else None,
        attempts=case.budget.attempts,
    )


def _certainty(case: Case, proof: Proof | None) -> Certainty:
    """A load proves nothing of a part that it was made without."""
    if case.source.guest.missing or case.base.guest.missing:
        return "possible"
    return "proven" if proof and proof.holds else "certain"


def unrepairable(
    case: Case,
    proof: Proof | None,
    detours: tuple[Detour | UntriedDetour, ...],
    *,
    is_swept: bool,
    spent: Spent | None,
) -> Unrepairable:
    """Why nothing helps, and what would; `is_swept`: every property was tried alone."""
    found = case.found
    before, after = _forward(found.before), _forward(found.after)
    places = blocked_places(found.after)
    is_told = is_swept or not found.after.starts
    return Unrepairable(
        reasons=tuple(reason for p in places for reason in _reasons_at(case, p, is_swept=is_swept))
        or tuple(Reason(finding) for finding in after.findings if finding.undecided),
        detours=tuple(each for each in detours if isinstance(each, Detour)),
        untried=tuple(each for each in detours if isinstance(each, UntriedDetour)),
        power_off=power_off(case),
        is_proven=bool(places) and is_told and not spent,
        settings=case.settings(),
        words=changed_options(case.base.guest, case.guest())[0],
        before=before,
        proof=proof,
        contradictions=contradictions(proof, before, after, None),
        spent=spent,
        attempts=case.budget.attempts,
    )


def unsent(refusal: Refusal) -> Unrepairable:
    """The source has nothing to send, so nothing on the target can help."""
    return Unrepairable(unsent=refusal, is_proven=refusal.stage in ("start", "crash", "save"))


def _forward(judged: Judged) -> Verdict:
    return judged.judgement.forward if judged.judgement else Verdict("unknown", ())


def _reasons_at(case: Case, place: str, *, is_swept: bool) -> tuple[Reason, ...]:
    after = case.found.after
    there = tuple(findings_at(after, place))
    barring = there or tuple(f for f in _forward(after).findings if weigh(f).blocked)
    return tuple(Reason(f, _tried(case, place, is_swept=is_swept)) for f in barring[:1])


def _tried(case: Case, place: str, *, is_swept: bool) -> Tried | None:
    portrait = case.found.after.portrait
    if portrait is None or not case.found.after.starts:
        return None
    types = {device.type for device in devices_in_question(portrait, place)}
    return Tried(
        scope="guest" if place == GUEST else "device",
        properties=sum(len(case.properties.types.get(type_, {})) for type_ in types),
        values=case.tried.get(place, 0) if is_swept else None,
    )
