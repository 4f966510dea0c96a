"""A guest as it is asked about: what it is, what runs it, when it is looked at."""

from __future__ import annotations

from functools import partial

import msgspec

from qcompat.guest.base_type import guest_on_base_type
from qcompat.guest.guest import Guest
from qcompat.portrait.portrait import MOMENT, Moment, Portrait
from qcompat.portrait.portraits import AccelChoice, End, Portraits


class AskedGuest(msgspec.Struct, frozen=True):
    """What a question says of the guest; None where it says nothing.

    `own` are the words that it was given in, for lines that are printed: `guest` has stand-ins.
    With `base_type` the guest of a portrait file has the base type of a machine type of Proxmox VE.
    """

    guest: Guest | None = None
    accel: AccelChoice | None = None
    moment: Moment | None = None
    own: tuple[str, ...] = ()
    base_type: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether a portrait file that contains its guest contradicts nothing of it."""
        return self == AskedGuest(base_type=self.base_type)

    def shown_in(self, portrait: Portrait) -> AskedGuest:
        """The guest of a portrait, run and looked at as it was there.

        A running one has never run elsewhere: there its twin is looked at before it runs.
        """
        moment = portrait.twins_moment
        return AskedGuest(self.read(portrait).guest, portrait.accel, moment)

    def read(self, portrait: Portrait) -> Portrait:
        """A portrait as it is asked about: with `base_type`, that of the base type."""
        if not self.base_type:
            return portrait
        return msgspec.structs.replace(portrait, guest=guest_on_base_type(portrait.guest))

    async def portrait_on(self, portraits: Portraits, end: End) -> Portrait:
        """Its portrait on one end. Errors: as `Portraits.of`."""
        moment = self.moment or "reset"
        return await portraits.of(end, self.guest, moment=moment, accel=self.accel)

    async def portraits_on(
        self, portraits: Portraits, source: End, target: End
    ) -> tuple[Portrait, Portrait]:
        """Its portraits on both ends.

        Where the firmware of one end does not get idle both show the guest before it ran. Errors:
        as `Portraits.of`.
        """
        take = partial(portraits.both, source, target, self.guest, accel=self.accel)
        found = await take(moment=self.moment or "reset")
        if found[0].moment == found[1].moment or "running" in (found[0].moment, found[1].moment):
            return found
        both = await take(moment="reset")
        said = tuple(gap for each in found for gap in each.gaps if gap.part == MOMENT)
        return msgspec.structs.replace(both[0], gaps=(*both[0].gaps, *said)), both[1]
