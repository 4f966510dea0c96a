"""The part of docs/accuracy.md about whole guests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tools.accuracy.whole.measure import Whole
from tools.accuracy.whole.score import WholeScored

_HEAD = """
## Whole guests of real managers, loaded with real back ends

{guests} guests drawn from the command lines of libvirt's and Proxmox VE's own tests, each on one
source and on up to three targets. {provenance}

Nothing that qcompat puts in the place of a back end takes part in these loads: code of its own
makes what a line names exist, namely disks in their formats, block devices, firmware with its
variables, sockets with something that listens, terminals, taps, user-mode networks, vhost-user
processes, a TPM emulator, shared directories, huge pages, certificates. The source runs its
firmware, is stopped and saved; the target loads that and runs on for a moment. The verdict is that
of `qcompat check` on the same line.

A line is spelled as a manager would spell it for all its builds: a versioned machine type for an
alias, `acpi=off` for `-no-acpi` where that went away, plain values for JSON where a build does not
read it. Where the machine has no `/dev/vhost-net`, taps are served by QEMU itself.

- **fails** is a load that the target refused, a target that does not start the line, or a source
  that says that it cannot migrate.
- **no answer** is a `check` that ended with an error, which says what to do.

| lines of | guests | cells | really fail | right | missed | false alarm | unknown | no answer |
|---|---|---|---|---|---|---|---|---|
"""

_HOST_LACKS = """
{count} more loads of these guests were not had: the target knows what the line wants, and the
measuring machine has it not (a sound device, Hyper-V in its KVM), or it takes too long.
"""

_NOT_HAD = """
{count} more lines were drawn that the measuring machine cannot have:

| because | lines |
|---|---|
"""

_WRONG = """
Every cell that was not answered rightly:

| guest | from | to | said | happened | why |
|---|---|---|---|---|---|
"""

_REASON_CHARACTERS = 90
_MOST_REASONS = 15


def render_whole(guests: Sequence[Whole], cells: Sequence[WholeScored], provenance: str) -> str:
    """The section; empty where nothing was tried."""
    if not guests:
        return ""
    had = [guest for guest in guests if not guest.why_not_had]
    not_had = [guest for guest in guests if guest.why_not_had]
    managers = sorted({guest.name.partition("/")[0] for guest in had})
    return "".join(
        [
            _HEAD.format(guests=len(had), provenance=provenance),
            *(_row(name, f"{name}/", had, cells) for name in managers),
            _row("**all**", "", had, cells),
            _lacking(had),
            *_reasons(not_had),
            *_wrong(cells),
        ]
    )


def _lacking(had: Sequence[Whole]) -> str:
    """Targets that know what the line wants, and that this machine does not have."""
    count = sum(load.kind == "not_had" for guest in had for load in guest.loads)
    return _HOST_LACKS.format(count=count) if count else ""


def _row(name: str, start: str, had: Sequence[Whole], cells: Sequence[WholeScored]) -> str:
    guests = sum(guest.name.startswith(start) for guest in had)
    own = [cell for cell in cells if cell.name.startswith(start)]
    kinds = Counter(cell.kind for cell in own)
    fail = sum(not cell.loads for cell in own)
    shares = " | ".join(
        _share(kinds[kind], len(own))
        for kind in ("right", "missed", "false_alarm", "unknown", "no_answer")
    )
    return f"| {name} | {guests:,} | {len(own):,} | {fail:,} | {shares} |\n"


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.2%})" if whole else "0"


def _reasons(not_had: Sequence[Whole]) -> list[str]:
    if not not_had:
        return []
    counted = Counter(_reason(guest.why_not_had) for guest in not_had).most_common()
    rows = [f"| {reason} | {count:,} |\n" for reason, count in counted[:_MOST_REASONS]]
    rest = sum(count for _, count in counted[_MOST_REASONS:])
    more = [f"| other reasons, one or two lines each | {rest:,} |\n"] if rest else []
    return [_NOT_HAD.format(count=len(not_had)), *rows, *more]


def _reason(message: str) -> str:
    """The last line that QEMU said, without its clock, its name and the words of the line."""
    last = message.strip().splitlines()[-1]
    last = re.sub(r"^\S+Z? ?qemu-system-x86_64: ", "", last)
    last = re.sub(r"^-[a-z]+ .*?: (?=[A-Z'])", "", last)
    return _cell(last)[:_REASON_CHARACTERS]


def _wrong(cells: Sequence[WholeScored]) -> list[str]:
    wrong = [cell for cell in cells if cell.kind != "right"]
    rows = [
        f"| {cell.name} | {cell.source} | {cell.load.target} | {cell.said or 'no answer'} |"
        f" {cell.load.kind} {'' if cell.loads else _cell(cell.load.message)[-160:]} |"
        f" {_cell(cell.why)[:160]} |\n"
        for cell in wrong
    ]
    return [_WRONG, *rows] if wrong else ["\nNo cell was answered wrongly or not at all.\n"]


def _cell(text: str) -> str:
    return text.replace("\n", "; ").replace("|", "/").replace("<", "&lt;")
