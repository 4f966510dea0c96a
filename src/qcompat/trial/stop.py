"""A stop of a trial: a build, the guest as it is started there, and what befalls it there."""

from __future__ import annotations

import msgspec

from qcompat.builds.build import Build
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable


class Stop(msgspec.Struct, frozen=True):
    """One build on a guest's way.

    `guest` is what is started there (marks may make it differ from the other stops'). `reset`
    has the guest reset there after it arrived, or, at the first stop, before it leaves.
    """

    build: Build
    guest: Guest
    reset: bool = False

    @property
    def here(self) -> Stop:
        """The stop with its guest as this machine can start it."""
        return msgspec.structs.replace(self, guest=startable(self.guest))
