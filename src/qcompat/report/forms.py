"""The registry of output forms: what each answer can be written as, and which function does it.

A form is a function `write(answer, out)` in the room of its answer. It is named here as
`module:function` below `report` and imported when it is asked for, so that a small answer does
not pay for what a large one needs. To add a form, write the function and add its line here: the
command gets its option from this table (`cli.options.shown`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qcompat.report.output import Output

if TYPE_CHECKING:
    from qcompat.report.remedy import form as remedy
    from qcompat.report.remedy.form import Changes
    from qcompat.verdict.gate import Exit


class Form(NamedTuple):
    """Where its function is, what it is, and whether it is for a file beside the answer."""

    at: str
    what: str
    is_file: bool = False


def _text(at: str) -> Form:
    return Form(at, "Text with reasons")


def _json(at: str) -> Form:
    return Form(at, "JSON")


def _both(text: str, json: str) -> Mapping[str, Form]:
    return {"text": _text(text), "json": _json(json)}


FORMS: Mapping[str, Mapping[str, Form]] = {
    "advisories": {
        "text": _text("advisories.text:write"),
        "osv": Form("advisories.osv:write", "OSV records"),
        "json": _json("advisories.document:write"),
    },
    "bisect": _both("source.text.bisect:write", "source.document:write_bisection"),
    "builds list": _both("builds.text:write_list", "builds.document:write_list"),
    "builds list --remote": _both("builds.text:write_offers", "builds.document:write_offers"),
    "builds show": _both("builds.text:write_build", "builds.document:write_build"),
    "carry": _both("carry.text:write", "carry.document:write"),
    "check": _both("check.text:write", "check.document:write"),
    "check --qmp": _both("check.running:write", "check.running:write_document"),
    "cpu baseline": {
        "text": _text("cpu.text.baseline:write"),
        "args": Form("cpu.arguments:write_baseline", "QEMU's arguments alone"),
        "xml": Form("cpu.xml:write", "libvirt's <cpu>"),
        "json": _json("cpu.document:write_baseline"),
    },
    "cpu compare": _both("cpu.text.compare:write", "cpu.document:write_moves"),
    "cpu lines": {
        "text": _text("cpu.text.lines:write"),
        "args": Form("cpu.arguments:write_lines", "QEMU's arguments alone"),
        "json": _json("cpu.document:write_lines"),
    },
    "explain": {
        "text": _text("explain.text:write"),
        "report": Form("explain.share:write", "a report to send, personal data replaced"),
        "json": _json("explain.document:write"),
    },
    "guest list": _both("lineage.text.list:write", "lineage.document:write_list"),
    "guest moved": _both("lineage.text.moved:write", "lineage.document:write_move"),
    "guest show": _both("lineage.text.show:write", "lineage.document:write_state"),
    "guest targets": _both("lineage.text.targets:write", "lineage.document:write_targets"),
    "host compare": _both("hosts.text.compare:write", "hosts.document:write_comparison"),
    "host features": _both("hosts.text.features:write", "hosts.document:write_features"),
    "host lines": {
        "text": _text("hosts.text.lines:write"),
        "xml": Form("hosts.xml:write", "libvirt's domain XML"),
        "json": _json("hosts.document:write_lines"),
    },
    "machine audit": _both("machine.text.audit:write", "machine.document:write_audit"),
    "machine diff": _both("machine.text.diff:write", "machine.document:write_diff"),
    "machine list": _both("machine.text.list:write", "machine.document:write_list"),
    "machine matrix": _both("machine.text.scenario:write", "machine.document:write_scenario"),
    "machine resolve": _both("machine.text.resolve:write", "machine.document:write_properties"),
    "machine show": _both("machine.text.table:write", "machine.document:write_table"),
    "matrix": {
        **_both("matrix.text:write", "matrix.document:write"),
        "html": Form("matrix.html:write", "one self-contained page", is_file=True),
        "junit": Form("matrix.junit:write", "JUnit XML, for CI", is_file=True),
    },
    "portrait show": {"text": _text("portrait.text:write")},
    "prove": _both("prove.text:write", "prove.document:write"),
    "rehearse": _both("rehearse.text:write", "rehearse.document:write"),
    "repair": _both("repair.text:write", "repair.document:write"),
    "source lint": {
        **_both("source.text.lint:write", "source.document:write_lint"),
        "sarif": Form("source.sarif:write", "SARIF for code hosts"),
        "gitlab": Form("source.gitlab:write", "GitLab's code quality report"),
    },
    "source lint --build": _both(
        "source.text.confirmed:write", "source.document:write_confirmation"
    ),
    "source show": _both("source.text.show:write", "source.document:write_tree"),
    "stream diff": _both("stream.text.diff:write", "stream.document:write_diff"),
    "stream ram": _both("stream.text.ram:write", "stream.document:write_memory"),
    "stream show": _both("stream.text.show:write", "stream.document:write_stream"),
    "stream verify": _both("stream.text.verify:write", "stream.document:write_verification"),
}
"""The forms of each answer, which has the name of its command; the usual one first."""


REMEDIES: Mapping[str, str] = {
    "qemu": "remedy.qemu",
    "libvirt": "remedy.libvirt",
    "proxmox": "remedy.proxmox",
    "table": "remedy.table",
}
"""For what a remedy is written down, the usual first: modules with `write(changes)`."""


def write(name: str, form: str, answer: Any, out: Output) -> None:
    """Write an answer in one of its forms."""
    _function(FORMS[name][form].at)(answer, out)


def save(name: str, form: str, answer: Any, path: Path, exit_: Exit | None = None) -> None:
    """Write an answer into a file, all of it or nothing, in UTF-8."""
    from qcompat.local.whole_file import write_whole

    text = io.StringIO()
    write(name, form, answer, Output(text, exit_=exit_))
    write_whole(path, text.getvalue().encode())


def written_down(name: str, changes: Changes) -> remedy.Form:
    """A remedy in one of its forms."""
    written: remedy.Form = _function(f"{REMEDIES[name]}:write")(changes)
    return written


def _function(at: str) -> Callable[..., Any]:
    module, _, function = at.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"qcompat.report.{module}"), function)
    return found
