"""What the commands of `guest` answer, with the forms in which each one's remedy is written."""

from __future__ import annotations

import msgspec

from qcompat.app.lineage.move import PlannedMove
from qcompat.app.lineage.targets import Target, Targets
from qcompat.app.start_line import StartLine
from qcompat.lineage.lineage import Lineage, Mark, PowerCycle, powered_on
from qcompat.lineage.marks import to_set
from qcompat.lineage.state import State
from qcompat.report.remedy.written import Forms, forms_of_start


class GuestState(msgspec.Struct, frozen=True):
    """A guest as recorded; `dropped` are the marks that a power-off has just ended.

    `start` is the line that starts it where it runs; None while it is off.
    """

    state: State
    start: StartLine | None = None
    dropped: tuple[Mark, ...] = ()

    def forms(self, cycle: PowerCycle) -> Forms:
        """What its start needs where it runs."""
        return forms_of_start(
            to_set(cycle.current.held),
            cycle.started.arguments,
            self.start.words if self.start else self.state.arguments,
        )


class GuestMove(msgspec.Struct, frozen=True):
    """A guest's move, planned or recorded: its lineage before, and as it is now."""

    before: Lineage
    grown: Lineage
    move: PlannedMove
    is_recorded: bool

    def forms(self) -> Forms:
        """What the start on the target needs."""
        own = powered_on(self.before).started.arguments
        return forms_of_start(to_set(self.move.held), own, self.move.start.words)


class GuestTargets(msgspec.Struct, frozen=True):
    """Where a guest can go from where it runs."""

    name: str
    cycle: PowerCycle
    found: Targets

    def forms(self, each: Target) -> Forms:
        """What a start there needs: the marks and the remedy."""
        own = self.cycle.started.arguments
        return forms_of_start(to_set(each.held), own, each.start.words if each.start else own)
