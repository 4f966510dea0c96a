"""What the texts about a guest with its history share: the answer, settings, the start line."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from qcompat.lineage.event import Held
from qcompat.remedy.places import OFF_TREE
from qcompat.remedy.setting import Setting
from qcompat.report.finding import called, summary_text
from qcompat.report.output import Output
from qcompat.report.terminal.layout import hang, plain
from qcompat.report.verdict import answered, exit_text, is_note
from qcompat.verdict.judgement import Verdict


def write_answer(way: str, verdict: Verdict, held: Iterable[Held], out: Output) -> None:
    """Whether the guest can go, and whether that takes settings."""
    settled = " with the settings below" if any(each.how == "set" for each in held) else ""
    end = Text(exit_text(out), "dim")
    hang(out.console, Text(), plain(way) + answered(verdict, settled) + end)


def write_findings(verdict: Verdict, console: Console) -> None:
    """What it follows from, without mere possibilities."""
    shown = [finding for finding in verdict.findings if not is_note(finding)]
    if shown:
        console.print(Text("\nfindings", "bold"))
    for number, finding in enumerate(shown, 1):
        hang(
            console,
            Text(f"{number:3}. "),
            plain(f"{called(finding.subject)}: {summary_text(finding)}"),
        )


def how(held: Held, is_new: bool) -> str:
    """What to do about it at the start there."""
    if is_new:
        return "new: set it here, and at every later start until the guest powers off"
    return {
        "set": "a mark: set it here too",
        "default": "a mark: the default here, need not be set; still in force",
        "absent": "a mark: this build has no such property, it cannot be set; still in force",
    }[held.how]


def spelled(setting: Setting) -> str:
    """`virtio-blk-pci.queue-size=1024`, and where it applies."""
    if setting.reach == "argument":
        return f"{'without ' if setting.removes else ''}{setting.driver} {setting.value}".rstrip()
    if (setting.reach, setting.name) == ("machine", "type"):
        return f"-machine {setting.value}"
    if setting.removes:
        return f"without {setting.driver}.{setting.name}{_where(setting)}"
    return f"{setting.driver}.{setting.name}={setting.value}{_where(setting)}"


def _where(setting: Setting) -> str:
    if setting.path.startswith(OFF_TREE):
        return ""
    if setting.reach == "device":
        return f" (the device {setting.path.rpartition('/')[2]} at {_address(setting.path)})"
    return {"type": " (all such devices)", "cpu": " (the processors)"}.get(setting.reach, "")


def _address(path: str) -> str:
    """What comes before the name in a path: the place on the bus, else the bus."""
    return path.rpartition("/")[0].rpartition("/")[2]
