"""What the commands of `machine` answer: each with what was asked, so that a form can show it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qcompat.arch.machine_type import versioned
from qcompat.builds.facts import MachineFact
from qcompat.machine.audit.finding import Audit
from qcompat.machine.effective import EffectiveComparison
from qcompat.machine.model import MachineFacts


class MachineList(msgspec.Struct, frozen=True):
    """The machine types of a build, of one family where that is asked for."""

    facts: MachineFacts
    family: str | None = None

    def chosen(self) -> Iterator[MachineFact]:
        """Those that are asked for, newest first."""
        for machine in self.facts.machines:
            version = versioned(machine.name)
            if self.family is None or (version is not None and version.family == self.family):
                yield machine


class CompatTable(msgspec.Struct, frozen=True):
    """The compat table of one machine type."""

    facts: MachineFacts
    machine: str


class MachineDiff(msgspec.Struct, frozen=True):
    """How devices differ between two ends, `build:machine`.

    `case` says which case of backwards compatibility a migration between the two is; it is empty
    where the machine types differ.
    """

    found: EffectiveComparison
    ends: tuple[str, str]
    case: str = ""


class MachineAudit(msgspec.Struct, frozen=True):
    """What is wrong with the tables of a build, compared with others."""

    build: str
    against: tuple[str, ...]
    findings: tuple[Audit, ...]
