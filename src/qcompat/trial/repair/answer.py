"""What a search and its proof came to, in the words of a remedy."""

from __future__ import annotations

from qcompat.portrait.portrait import Refusal
from qcompat.qemu.outcome import Outcome
from qcompat.remedy.changed import changed_options
from qcompat.remedy.places import GUEST
from qcompat.rules.words import called, sentence, summary_text
from qcompat.trial.repair.case import LOADS, Case
from qcompat.trial.repair.proof import Proof, said
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Remedy, Unrepairable
from qcompat.verdict.search.cost import Judged, findings_at
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
        certainty="proven" if proof and proof.holds else "certain",
        before=before,
        back=back,
        words=words,
        dropped=dropped,
        proofs=_proofs(proof),
        contradiction=_contradiction(before, after, back, proof),
        open_=case.found.spent if after.verdict != "ok" else "",
        attempts=case.budget.attempts,
    )


def unrepairable(
    case: Case, proof: Proof | None, instead: tuple[str, ...], *, is_swept: bool, spent: str
) -> Unrepairable:
    """Why nothing helps, device by device, and what would; `is_swept`: all was tried singly.

    `spent` is why the search, or the trying of single properties, ended early; empty where not.
    """
    found = case.found
    before, places = _forward(found.before), blocked_places(found.after)
    is_told = is_swept or not found.after.starts
    return Unrepairable(
        reasons=tuple(_reason(case, p, is_swept=is_swept) for p in places)
        or _open_reasons(found.after),
        instead=instead,
        is_proven=bool(places) and is_told and not spent,
        settings=case.settings(),
        words=changed_options(case.base.guest, case.guest())[0],
        before=before,
        proofs=_proofs(proof),
        contradiction=_contradiction(before, _forward(found.after), None, proof),
        open_=spent,
        attempts=case.budget.attempts,
    )


_UNSENT = {
    "start": "The source does not start this guest",
    "crash": "The source crashes on this guest",
    "save": "The source cannot send this guest, whatever the target is given",
}


def unsent(refusal: Refusal) -> Unrepairable:
    """The source has nothing to send, so nothing on the target can help."""
    known = _UNSENT.get(refusal.stage)
    if known is None:
        reason = f"What the source sends is not known: {refusal.message}"
        return Unrepairable((reason,), open_="nothing was tried")
    return Unrepairable((f"{known}: {refusal.message}",), is_proven=True)


def _forward(judged: Judged) -> Verdict:
    return judged.judgement.forward if judged.judgement else Verdict("unknown", ())


def _open_reasons(found: Judged) -> tuple[str, ...]:
    told = _forward(found).findings
    return tuple(f"{called(f.subject)}: {summary_text(f)}" for f in told if f.undecided)


def _reason(case: Case, place: str, *, is_swept: bool) -> str:
    finding = next(findings_at(case.found.after, place), None)
    if finding is None:
        return place
    summary = sentence(finding).rstrip(".")
    return f"{called(finding.subject)}: {summary}. {_offered(case, place, is_swept=is_swept)}"


def _offered(case: Case, place: str, *, is_swept: bool) -> str:
    portrait = case.found.after.portrait
    if portrait is None or not case.found.after.starts:
        return "No property changes that"
    types = {device.type for device in devices_in_question(portrait, place)}
    count = sum(len(case.properties.types.get(type_, {})) for type_ in types)
    whose = "the guest's devices" if place == GUEST else "it"
    if not count:
        return f"The target offers no property for {whose}"
    tried = case.tried.get(place, 0)
    how = f"{tried} other values, each tried alone" if is_swept else "tried in groups"
    return f"None of the {count} properties that the target offers for {whose} changes that ({how})"


def _proofs(proof: Proof | None) -> tuple[str, ...]:
    if proof is None:
        return ()
    told = [f"without it: {said(proof.without)}"]
    if proof.with_it is not None:
        told.append(f"with it: {said(proof.with_it)}")
    if proof.same_processor is not None:
        words = ("other", "the source's")
        without, with_it = (words[same] for same in proof.same_processor)
        told.append(
            f"loaded without it the guest finds {without} processor features, with it {with_it}"
        )
    if proof.back is not None:
        told.append(f"and back on the source: {said(proof.back)}")
    return tuple(told)


def _contradiction(
    before: Verdict, after: Verdict | None, back: Verdict | None, proof: Proof | None
) -> str:
    if proof is None:
        return ""
    pairs = (
        ("without the remedy", before, proof.without),
        ("with the remedy", after, proof.with_it),
        ("on the way back", back, proof.back),
    )
    return "; ".join(
        f"{what} the verdict is {verdict.verdict}, but a real load ended as {said(outcome)}"
        for what, verdict, outcome in pairs
        if verdict and outcome and _disagree(verdict, outcome)
    )


def _disagree(verdict: Verdict, outcome: Outcome) -> bool:
    if verdict.verdict == "unknown" or outcome.kind == "no_stream":
        return False
    return (verdict.verdict in LOADS) != outcome.loads
