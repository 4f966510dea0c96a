"""The page of a rule, and that of an advisory."""

from __future__ import annotations

import difflib

from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain, unbroken
from qcompat.rules.advisories.advisory import Advisory, advisories
from qcompat.rules.registry import RULES, page


def write_page(name: str, out: Output) -> bool:
    """Write the page of the rule or advisory of this name; whether there is one."""
    if name in RULES:
        _write(name, page(name).split("\n\n"), out)
        return True
    if advisory := advisories().get(name):
        write_advisory(name, advisory, out)
        return True
    return False


def names_like(name: str) -> list[str]:
    """The rules and advisories with names like this one."""
    return difflib.get_close_matches(name, [*RULES, *advisories()], n=3, cutoff=0.5)


def _write(title: str, paragraphs: list[str], out: Output) -> None:
    hang(out.console, plain(""), plain(title, "bold"))
    for paragraph in paragraphs:
        out.console.print()
        hang(out.console, plain(""), plain(" ".join(paragraph.split())))


def write_advisory(name: str, advisory: Advisory, out: Output) -> None:
    """All that an advisory says."""
    _write(name, [advisory.title], out)
    out.console.print()
    for label, text in (
        ("symptom", advisory.symptom),
        ("cause", advisory.cause),
        ("remedy", advisory.remedy),
        ("devices", ", ".join(advisory.devices)),
        ("from", " or ".join(advisory.source)),
        ("to", " or ".join(advisory.target)),
    ):
        hang(out.console, plain(f"{label:9}", "bold"), plain(text))
    unbroken(out.console, plain(f"{'see':9}{advisory.reference}"))
