"""Why a build turned a guest down: QEMU's own words, read into what broke and what it means.

Older builds print a line for every level that failed, from the inside out; those from 11 put
the levels into one line, from the outside in. What each line means is data (`refusals.toml`);
here it is only found, and named after the guest's devices.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait
from qcompat.qemu.outcome import Outcome
from qcompat.rules.registry import RULES
from qcompat.rules.subject import GUEST, Subject, address_of, block_of, subject_of
from qcompat.stream.pci_registers import register_of

CauseKind = Literal[
    "configuration byte",
    "queue size",
    "queue count",
    "queue state",
    "features",
    "memory size",
    "unknown memory block",
    "machine type",
    "configuration",
    "unknown section",
    "unknown subsection",
    "version",
    "layout",
    "checked value",
    "processor",
    "no stream",
    "cut short",
    "not migratable",
    "not startable",
    "state",
]

_DEVICE = re.compile(r"error while loading state for instance 0x[0-9a-f]+ of device '([^']*)'")
_OURS = re.compile(
    r"^(?:QEMU ended (?:during|before it took) \S+|QEMU refused to start"
    r"|the (?:load|migration) failed): "
)
_MOST_TEXT = 1 << 16


class Cause(msgspec.Struct, frozen=True):
    """What broke: its `kind`, what it is about, and what it means.

    `section` is the id that QEMU names (a section's, or a memory block's name), empty for the
    whole guest. `details` are the values of QEMU's message by name: `sent` is the stream's,
    `own` the target's. `said` is the line it was read from, `rules` are those that predict it.
    """

    kind: CauseKind
    means: str
    subject: Subject = GUEST
    section: str = ""
    details: dict[str, str] = {}
    said: str = ""
    rules: tuple[str, ...] = ()


class _Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `refusals.toml`."""

    kind: CauseKind
    text: str
    means: str
    from_: str = msgspec.field(name="from")
    message: str = ""

    def found(self, text: str) -> re.Match[str] | None:
        return re.search(self.text, text)


class _Refusals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    refusal: tuple[_Refusal, ...]


@cache
def refusals() -> tuple[_Refusal, ...]:
    """The rows of the table, in its order."""
    return read_table("qcompat.trial", "refusals.toml", _Refusals).refusal


def cause_of(
    outcome: Outcome, source: Portrait | None = None, target: Portrait | None = None
) -> Cause | None:
    """What the message of a failed outcome means; None where it loaded or says nothing known.

    The portraits of the two ends, where there are any, name devices and registers.
    """
    if outcome.loads:
        return None
    text = words_of(outcome)
    for refusal in refusals():
        if match := refusal.found(text):
            return _cause(refusal, match, text, source, target)
    return None


def words_of(outcome: Outcome) -> str:
    """QEMU's words of an outcome, without ours that say when it spoke them."""
    return _OURS.sub("", outcome.message[:_MOST_TEXT].strip())


def _cause(
    refusal: _Refusal,
    match: re.Match[str],
    text: str,
    source: Portrait | None,
    target: Portrait | None,
) -> Cause:
    details = {name: value for name, value in match.groupdict().items() if value is not None}
    section = details.pop("device", "") or details.get("block", "") or _section(text)
    if "byte" in details:
        details["register"] = _register(int(details["byte"], 16), section, target or source)
    return Cause(
        kind=refusal.kind,
        means=refusal.means.format_map(_Named(details)),
        subject=_subject(section, "block" in details, source, target),
        section=section,
        details=details,
        said=_line(text, match),
        rules=_foretelling(refusal.message or refusal.kind),
    )


def _foretelling(message: str) -> tuple[str, ...]:
    """The rules whose findings predict this message."""
    return tuple(rule.id for rule in RULES.values() if message in rule.foretells)


class _Named(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"({key} not told)"


def _section(text: str) -> str:
    found = _DEVICE.search(text)
    return found.group(1) if found else ""


def _subject(
    section: str, is_block: bool, source: Portrait | None, target: Portrait | None
) -> Subject:
    """The subject of findings: the device as the source knows it, which has it."""
    name = block_of if is_block else subject_of
    for portrait in (source, target):
        if portrait and (subject := name(portrait, section)).kind == "device":
            return subject
    if not section:
        return GUEST
    address = address_of(section)
    if is_block:
        return Subject("memory block", address=address, block=section)
    return Subject("section", address=address, section=section)


def _register(byte: int, section: str, portrait: Portrait | None) -> str:
    """The name of the register there, as the function lays out its capabilities."""
    functions = portrait.pci if portrait else ()
    address = address_of(section)
    config = next((each.config for each in functions if each.address == address), b"")
    return register_of(config, byte).name


def _line(text: str, match: re.Match[str]) -> str:
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.start())
    return text[start : end if end >= 0 else len(text)].strip()


def is_about(cause: Cause, subject: Subject) -> bool:
    """Whether a finding's subject is the device, section or block that the cause names."""
    if not cause.section or subject.is_whole_guest:
        return False
    if address := address_of(cause.section):
        return subject.address == address
    return cause.section in (subject.section, subject.block, subject.path, subject.type)
