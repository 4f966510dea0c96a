"""A guest as it is asked about: what it is, what runs it, when it is looked at."""

from __future__ import annotations

import msgspec

from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import Moment, Portrait
from qcompat.portrait.portraits import AccelChoice, End, Portraits


class AskedGuest(msgspec.Struct, frozen=True):
    """What a question says of the guest; None where it says nothing.

    `own` are the words that it was given in, for lines that are printed: `guest` has stand-ins.
    """

    guest: Guest | None = None
    accel: AccelChoice | None = None
    moment: Moment | None = None
    own: tuple[str, ...] = ()

    @classmethod
    def shown_in(cls, portrait: Portrait) -> AskedGuest:
        """The guest of a portrait, run and looked at as it was there."""
        return cls(portrait.guest, portrait.accel, portrait.moment)

    async def portrait_on(self, portraits: Portraits, end: End) -> Portrait:
        """Its portrait on one end. Errors: as `Portraits.of`."""
        moment = self.moment or "reset"
        return await portraits.of(end, self.guest, moment=moment, accel=self.accel)

    async def portraits_on(
        self, portraits: Portraits, source: End, target: End
    ) -> tuple[Portrait, Portrait]:
        """Its portraits on both ends. Errors: as `Portraits.of`."""
        moment = self.moment or "reset"
        return await portraits.both(source, target, self.guest, moment=moment, accel=self.accel)
