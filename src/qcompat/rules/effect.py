"""When a guest meets what a rule finds, with the reason: that decides which promises it breaks.

What a guest is told by its hardware whenever it asks (CPUID, PCI registers) is there `now`, as soon
as it runs on the target. What firmware or a driver asks once, when it starts, stays the source's
until the guest's next `reset`. What QEMU itself decides happens at the `load`. What is not known
counts as the earliest that a running guest can meet.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

When = Literal["load", "now", "reset"]
WHENS: tuple[When, ...] = get_args(When)


class Effect(msgspec.Struct, frozen=True):
    """`because` is the reason why it is then, and neither sooner nor later, with its source."""

    when: When
    because: str


AT_LOAD = Effect(
    "load",
    "QEMU decides it when the target starts, or while it loads the stream (migration/savevm.c "
    "`qemu_loadvm_state`)",
)
"""Of everything that breaks `loads`."""

NOT_KNOWN = Effect("now", "it is not known when the guest meets it, so the earliest counts")
