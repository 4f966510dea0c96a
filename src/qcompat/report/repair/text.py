"""What a repair came to, for a reader at a terminal.

First whether there is a remedy and the line to paste, then what the guest still sees, then the
proof. The forms are `remedy`; the finding's own words are those of `check`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from qcompat.app.repair import Repaired
from qcompat.remedy.setting import Setting
from qcompat.report.finding import subject_text, summary_text
from qcompat.report.output import Output
from qcompat.report.remedy.form import device_id
from qcompat.report.remedy.text import write_forms
from qcompat.report.remedy.written import forms_of
from qcompat.report.repair.words import (
    contradiction_text,
    instead_of,
    open_text,
    proof_lines,
    reasons_of,
)
from qcompat.report.terminal.layout import hang, plain
from qcompat.report.verdict import STYLES, answered, exit_text, is_note
from qcompat.rules.finding import Finding
from qcompat.rules.registry import RULES
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.remedy import Remedy, Unrepairable

_KEEP = (
    "Keep it at every later start until the guest powers off: the state behind it survives "
    "migrations and resets."
)


def write(answer: Repaired, out: Output) -> None:
    """Print the answer with the forms that are wanted."""
    way, found = f"{answer.source} → {answer.target}  ", answer.found
    if found is None:
        nothing = Text("nothing to repair", "green")
        hang(out.console, Text("repair   ", "bold"), plain(way) + nothing + _end(out))
    elif isinstance(found, Remedy):
        _write_remedy(way, found, out)
    else:
        _write_unrepairable(way, found, out)


def _write_remedy(way: str, found: Remedy, out: Output) -> None:
    console = out.console
    before = found.before or found.verdict
    hang(console, Text("as it is ", "bold"), plain(way) + answered(before))
    if not found.settings:
        nothing = plain(_nothing_to_set(found))
        hang(console, Text("repair   ", "bold"), nothing + _end(out))
    else:
        sure = plain(f" ({found.certainty})", "dim")
        hang(
            console,
            Text("repaired ", "bold"),
            plain(way) + answered(found.verdict) + sure + _end(out),
        )
        _write_settings(found.settings, console)
        write_forms(forms_of(found), out)
        console.print()
        hang(console, Text(), plain(_KEEP))
    _write_open(found.verdict, console)
    _write_rest(found.verdict, console)
    _write_lines("proof", proof_lines(found.proof), console)
    _write_warnings(found, console)


def _write_unrepairable(way: str, found: Unrepairable, out: Output) -> None:
    console = out.console
    answer = answered(found.before) if found.before else Text()
    hang(console, Text("as it is ", "bold"), plain(way) + answer)
    if found.is_open:
        text = Text("unknown", STYLES["unknown"]).append(
            f": whether a property helps; {open_text(found)}", "not bold default"
        )
    else:
        sure = "proven" if found.is_proven else "likely"
        text = Text("no property helps", STYLES["blocked"]).append(f" ({sure})", "not bold dim")
    hang(console, Text("repair   ", "bold"), text + _end(out))
    _write_lines("why", reasons_of(found), console)
    if found.settings:
        console.print()
        hang(console, Text(), plain("What repairs the rest of the guest:", "bold"))
        _write_settings(found.settings, console)
        write_forms(forms_of(found), out)
    _write_lines("instead", instead_of(found), console)
    _write_lines("proof", proof_lines(found.proof), console)
    _write_warnings(found, console)


def _end(out: Output) -> Text:
    """The exit code, which is that of the repaired guest."""
    return Text(exit_text(out), "dim")


def _write_settings(settings: tuple[Setting, ...], console: Console) -> None:
    for each in settings:
        hang(console, Text("  "), plain(_setting_text(each)))


def _setting_text(setting: Setting) -> str:
    """`virtio-blk-pci at 01.0: queue-size=1024`, or what is left out."""
    if setting.reach == "argument":
        replaced = f" in place of {setting.instead_of}" if setting.instead_of else ""
        what = f"{setting.driver} {setting.value}".rstrip()
        return f"without {what}" if setting.removes else f"{what}{replaced}"
    why = " (the source's value)" if setting.restores and not setting.removes else ""
    what = f"{setting.name}={setting.value}"
    done = f"without {what}: the target has no such property" if setting.removes else what
    return f"{_where(setting)}: {done}{why}"


def _where(setting: Setting) -> str:
    if setting.reach == "type":
        return f"every {setting.driver}"
    if setting.reach == "device":
        place = setting.path.rpartition("/")[0].rpartition("/")[2]
        named = device_id(setting) or place
        return f"{setting.driver} {named}".rstrip()
    return {"cpu": "the processors", "machine": "the machine"}.get(setting.reach, setting.driver)


def _nothing_to_set(found: Remedy) -> str:
    if found.verdict.verdict == "blocked":
        return "no property helps"
    if found.verdict.tried == "ok":
        return "nothing needs to be set for what could be compared"
    return "no property undoes the change that the guest sees; nothing needs to be set"


def _write_open(verdict: Verdict, console: Console) -> None:
    parts = [finding for finding in verdict.findings if RULES[finding.rule].is_uncovered]
    _write_lines("what no property decides", [_line(finding) for finding in parts], console)


def _write_rest(verdict: Verdict, console: Console) -> None:
    seen = (f for f in verdict.findings if f.promise != "returns" and not is_note(f))
    rest = [f for f in seen if not RULES[f.rule].is_uncovered]
    _write_lines("what the guest still sees", [_line(finding) for finding in rest], console)
    back = [summary_text(f) for f in verdict.findings if f.promise == "returns"]
    _write_lines("the way back", back, console)


def _line(finding: Finding) -> str:
    where = subject_text(finding.subject)
    return f"{where}: {summary_text(finding)}" if where else summary_text(finding)


def _write_lines(title: str, lines: Sequence[str], console: Console) -> None:
    if lines:
        console.print()
        hang(console, Text(), plain(title, "bold"))
        for line in lines:
            hang(console, Text("  "), plain(line))


def _write_warnings(found: Remedy | Unrepairable, console: Console) -> None:
    if found.contradictions:
        console.print()
        hang(console, Text("contradiction: ", "bold red"), plain(contradiction_text(found)))
    if found.spent and isinstance(found, Remedy):
        console.print()
        hang(console, Text("not everything was tried: ", "bold"), plain(open_text(found)))
