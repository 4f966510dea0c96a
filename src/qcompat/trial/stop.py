"""A stop of a trial: a build, the guest as it is started there, and what happens to it there."""

from __future__ import annotations

import msgspec

from qcompat.builds.build import Build
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.qemu.outcome import Outcome


class Stop(msgspec.Struct, frozen=True):
    """One build on a guest's way.

    `guest` is what is started there (marks may make it differ from the other stops'). With
    `reset` the guest is reset there after it arrived or, at the first stop, before it leaves.
    """

    build: Build
    guest: Guest
    reset: bool = False

    @property
    def here(self) -> Stop:
        """The stop with its guest as this machine can start it."""
        return msgspec.structs.replace(self, guest=startable(self.guest))


def unsent(failed: Outcome) -> Outcome:
    """The outcome of a hop whose source did not start the guest, or could not send it."""
    return failed if failed.kind in ("crashed", "hung") else Outcome("no_stream", failed.message)
