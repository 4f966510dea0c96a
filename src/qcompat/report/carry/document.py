"""What the next start of a guest needs, as JSON."""

from __future__ import annotations

from qcompat.app.lineage.carry import Carry
from qcompat.lineage.marks import to_set
from qcompat.lineage.properties import Lost
from qcompat.report.finding import in_words
from qcompat.report.lineage.start import start_members
from qcompat.report.output import Output
from qcompat.report.remedy.written import forms_of_start, members
from qcompat.report.repair.document import unrepairable
from qcompat.report.verdict import exit_members


def lost_lines(answer: Carry) -> tuple[str, ...]:
    """What the target cannot keep, a line each."""
    return tuple(map(_lost, answer.properties.lost)) if answer.properties else ()


def _lost(lost: Lost) -> str:
    if not lost.name:
        return f"{lost.type} at {lost.path}: the target has no such device"
    if lost.message:
        return f"{lost.type} at {lost.path}: {lost.name}={lost.value} is refused: {lost.message}"
    return f"{lost.type} at {lost.path}: the target has no property {lost.name} (is {lost.value})"


def write(answer: Carry, out: Output) -> None:
    """`qcompat.carry/3`."""
    forms = forms_of_start(to_set(answer.held), answer.own, answer.start.words)
    document = {
        "schema": "qcompat.carry/3",
        "guest": answer.guest,
        "source": answer.source,
        "target": answer.target,
        **in_words(answer.verdict),
        "held": [{"setting": each.setting, "how": each.how} for each in answer.held],
        "new": answer.new,
        "forms": members(forms),
        **start_members(answer.start),
        "plugged": [each.name for each in answer.line.came] if answer.line else [],
        "unplugged": [each.name for each in answer.line.went] if answer.line else [],
        "is_recorded": answer.is_recorded,
        "has_state": answer.has_state,
        "disagreements": answer.disagreements,
        "unrepairable": unrepairable(answer.unrepairable),
        "lost": lost_lines(answer),
        "lacking": answer.lacking,
        "gaps": answer.gaps,
        **exit_members(out.exit),
    }
    out.write_document(document)
