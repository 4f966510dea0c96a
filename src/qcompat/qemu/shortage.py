"""What this machine lacks for a guest, told from QEMU's words.

A guest that this machine cannot run says nothing about the build or the guest: whoever starts one
gets an error of the environment (`HostLacksError`), never an opinion of the build. Which words
mean that is data (`shortages.toml`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.errors import HostLacksError

Kind = Literal[
    "accelerator",
    "disk",
    "ended",
    "firmware",
    "host device",
    "kernel",
    "library",
    "limit",
    "memory",
    "NUMA node",
    "permission",
    "processor",
    "system management mode",
]
"""What is missing; `ended` is a QEMU that something else on this machine killed."""

_PASSING = frozenset({"disk", "ended", "firmware", "library", "limit", "memory", "permission"})
_MOST_TEXT = 1 << 16
_MOST_NAMES = 12
_WARNING = re.compile(r"^.*\bwarning:.*$", re.M | re.I)


class Shortage(msgspec.Struct, frozen=True):
    """What is missing: `said` is QEMU's line that says so, `names` are those that QEMU gives.

    (Features of the processor, files, devices.) `hint` is what the reader can do.
    """

    kind: Kind
    said: str
    names: tuple[str, ...]
    hint: str

    @property
    def may_pass(self) -> bool:
        """Whether another attempt on this same machine may have it."""
        return self.kind in _PASSING

    def error(self, log: str) -> HostLacksError:
        """This as the error of whoever wanted to run the guest; `log` is what QEMU printed."""
        shown, hidden = self.names[:_MOST_NAMES], len(self.names) - _MOST_NAMES
        more = f" and {hidden} more" if hidden > 0 else ""
        named = f" ({', '.join(shown)}{more})" if shown else ""
        said = f"{self.said}{named}"
        message = f"this machine cannot run this guest: {said}"
        return HostLacksError(message, self.hint, log=log, kind=self.kind, said=said)


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `shortages.toml`; its head says what the fields mean."""

    kind: Kind
    text: str
    hint: str
    example: str
    from_: str = msgspec.field(name="from")
    named: str = ""
    late: bool = False

    def line(self, errors: str) -> str:
        """The line of QEMU's errors that this row is about, or nothing."""
        found = re.search(f"^.*(?:{self.text}).*$", errors, re.I | re.M)
        return found.group().strip() if found else ""

    def names(self, said: str, log: str) -> tuple[str, ...]:
        """What QEMU names as missing and `said` does not already, each once."""
        found = re.findall(self.named, log, re.I) if self.named else []
        return tuple(dict.fromkeys(name for name in found if name not in said))


class _Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shortage: tuple[_Row, ...]


@cache
def rows() -> tuple[_Row, ...]:
    """The rows of the table, in its order."""
    return read_table("qcompat.qemu", "shortages.toml", _Rows).shortage


def shortage_in(errors: str, log: str = "", *, has_started: bool = False) -> Shortage | None:
    """What of this machine is missing by QEMU's `errors`; None where they are about the guest.

    `log` is all that it printed, warnings included. Of a QEMU that had started (`has_started`)
    only what no migration stream can bring about counts.
    """
    errors = _WARNING.sub("", errors[:_MOST_TEXT])
    for row in rows():
        if (row.late or not has_started) and (said := row.line(errors)):
            return Shortage(row.kind, said, row.names(said, log[:_MOST_TEXT] or errors), row.hint)
    return None
