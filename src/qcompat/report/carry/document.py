"""What the next start of a guest needs, as JSON."""

from __future__ import annotations

from qcompat.app.lineage.carry import Carry
from qcompat.lineage.holding import to_say
from qcompat.report.finding import in_words
from qcompat.report.output import Output
from qcompat.report.remedy.written import forms_of_start, members
from qcompat.report.repair.document import unrepairable


def write(answer: Carry, out: Output) -> None:
    """`qcompat.carry/2`."""
    forms = forms_of_start(to_say(answer.held), answer.own, answer.arguments)
    document = {
        "schema": "qcompat.carry/2",
        "guest": answer.guest,
        "source": answer.source,
        "target": answer.target,
        "verdict": answer.verdict.verdict,
        "findings": in_words(answer.verdict.findings),
        "held": [{"setting": each.setting, "how": each.how} for each in answer.held],
        "new": answer.new,
        "forms": members(forms),
        "arguments": answer.arguments,
        "is_recorded": answer.is_recorded,
        "disagreements": answer.disagreements,
        "unrepairable": unrepairable(answer.unrepairable),
        "lost": answer.kept.lost if answer.kept else (),
        "lacking": answer.lacking,
        "gaps": answer.gaps,
    }
    out.write_document(document)
