"""The command line of a running guest as it is now: what was unplugged out, what was plugged in.

Whether the line makes the guest is not decided here: a twin is started from it and compared with
the guest (`unlike`). What stands on the line already stays as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from qcompat.lineage.plugged.back_end_words import add_back_ends
from qcompat.lineage.plugged.device_words import device_words
from qcompat.lineage.plugged.order import in_order
from qcompat.lineage.plugged.start_devices import StartDevice, start_devices
from qcompat.lineage.plugged.unplugged import pin, take_out
from qcompat.portrait.portrait import Gap
from qcompat.portrait.running.observed import Observed, Peripheral, Value
from qcompat.remedy.options import Options

Set = Mapping[str, Mapping[str, Value]]
"""By the path of a plugged device, the properties that were set when it was plugged."""


class LineOfNow(msgspec.Struct, frozen=True):
    """The line, and what `came` and `went` since the start.

    `incomplete` names what QEMU does not tell of a back end on the line: it starts, but what is
    behind it may have to be written by hand.
    """

    words: tuple[str, ...]
    came: tuple[Peripheral, ...] = ()
    went: tuple[StartDevice, ...] = ()
    incomplete: tuple[Gap, ...] = ()


def line_of_now(words: Sequence[str], seen: Observed, properties: Set | None = None) -> LineOfNow:
    """The line of the guest that was started with `words`; the same where nothing changed.

    Errors: GuestError for an option that QEMU does not have.
    """
    options = Options(words)
    came = in_order(seen)
    started = start_devices(options, seen.peripherals)
    went = tuple(each for each in started if each.is_gone)
    if not came and not went:
        return LineOfNow(tuple(words))
    take_out(options, went)
    pin(started)
    incomplete = tuple(add_back_ends(options, came, seen.backends))
    has_json = any(each.value.startswith("{") for each in options.named("device"))
    for each in came:
        own = (properties or {}).get(each.path, {})
        options.add("-device", device_words(each, own, as_json=has_json))
    return LineOfNow(options.words(), came, went, incomplete)
