"""Which properties a plugged device was given, told by a twin that was given none of them.

The twin has the device in the same place with the same back ends. What differs there was set by
whoever plugged it (a machine type's own values are the twin's too), or comes from what is behind
the device, and then the guest has seen it: both belong on the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qcompat.compare.images import SIZED
from qcompat.portrait.running.observed import Peripheral, Value
from qcompat.remedy.places import HOST_SIDE

_BEHIND = frozenset({"failover_pair_id", "share-rw"})
"""What no guest sees, but the start needs."""
_OF_THE_GUEST = frozenset({"attached", "size"})
"""What changes while the guest runs: a USB device's attachment, the memory of a virtio-mem."""


def matched(guest: Sequence[Peripheral], twin: Sequence[Peripheral]) -> Mapping[str, Peripheral]:
    """The twin's device for each of the guest's, by the path of the latter.

    One without an id has another number in the twin, so type and place tell which it is; one that
    is in another place there is none.
    """
    theirs = {_who(each): each for each in twin}
    return {each.path: theirs[_who(each)] for each in guest if _who(each) in theirs}


def _who(one: Peripheral) -> tuple[object, ...]:
    return one.id, one.type, one.bus_name, *sorted(one.place.items())


def set_properties(one: Peripheral, bare: Peripheral) -> Mapping[str, Value]:
    """The properties of `one` that its twin `bare` does not have of itself."""
    return {
        name: value
        for name, value in one.properties.items()
        if name not in (HOST_SIDE - _BEHIND) | SIZED | _OF_THE_GUEST
        and bare.properties.get(name) != value
    }
