"""A remedy in all of its forms, and those as members of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qcompat.remedy.changed import changed_words
from qcompat.remedy.setting import Setting
from qcompat.report.forms import REMEDIES, written_down
from qcompat.report.remedy.form import Changes, Form
from qcompat.verdict.remedy import Remedy, Unrepairable

Forms = Mapping[str, Form]


def forms_of(found: Remedy | Unrepairable) -> Forms:
    """The remedy in every form; of a guest that stays refused, what repairs other devices of it."""
    dropped = found.dropped if isinstance(found, Remedy) else ()
    return _forms(Changes(found.settings, found.words, dropped))


def forms_of_start(settings: Sequence[Setting], own: Sequence[str], line: Sequence[str]) -> Forms:
    """What a start needs beyond the user's `own` arguments; `line` has the settings in them."""
    return _forms(Changes(settings, *changed_words(own, line)))


def _forms(changes: Changes) -> Forms:
    return {name: written_down(name, changes) for name in REMEDIES}


def members(forms: Forms) -> dict[str, object]:
    """Every form by its name."""
    return {name: {"text": form.text, "notes": form.notes} for name, form in forms.items()}
