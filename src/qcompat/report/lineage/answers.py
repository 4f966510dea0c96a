"""What the commands of `guest` answer, with the forms in which each one's remedy is written."""

from __future__ import annotations

import msgspec

from qcompat.app.lineage.move import Move
from qcompat.app.lineage.outlook import Outlook, Outlooks
from qcompat.lineage.holding import to_say
from qcompat.lineage.lineage import Life, Lineage, Mark, living
from qcompat.lineage.state import State
from qcompat.report.remedy.written import Forms, forms_of_start


class GuestState(msgspec.Struct, frozen=True):
    """A guest as recorded; `dropped` are the marks that a power-off has just ended."""

    state: State
    dropped: tuple[Mark, ...] = ()

    def forms(self, life: Life) -> Forms:
        """What its start needs where it lives."""
        return forms_of_start(to_say(life.here.held), life.born.arguments, self.state.arguments)


class GuestMove(msgspec.Struct, frozen=True):
    """A guest's move, planned or recorded: its lineage before, and as it is now."""

    before: Lineage
    grown: Lineage
    move: Move
    is_recorded: bool

    def forms(self) -> Forms:
        """What the start on the target needs."""
        own = living(self.before).born.arguments
        return forms_of_start(to_say(self.move.held), own, self.move.arguments)


class GuestTargets(msgspec.Struct, frozen=True):
    """Where a guest can go from where it lives."""

    name: str
    life: Life
    found: Outlooks

    def forms(self, each: Outlook) -> Forms:
        """What a start there needs: the marks and the remedy."""
        return forms_of_start(to_say(each.held), self.life.born.arguments, each.arguments)
