"""How the load of a migration stream ended."""

from __future__ import annotations

from typing import Literal

import msgspec


class Outcome(msgspec.Struct, frozen=True):
    """How a load of one stream on one build ended.

    `loaded`: the target took the stream. `refused`: it rejected it. `no_start`: it does not start
    the guest. `no_stream`: the source gave nothing to load. `crashed`: it ended unexpectedly.
    `hung`: it did not answer. `untried`: this machine could not run the guest, so that nothing is
    known; only a matrix, which goes on with other guests, makes an outcome of that. `message` is
    QEMU's own error.
    """

    kind: Literal["loaded", "refused", "no_start", "no_stream", "crashed", "hung", "untried"]
    message: str = ""

    @property
    def loads(self) -> bool:
        """Whether the migration works."""
        return self.kind == "loaded"
