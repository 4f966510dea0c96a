"""All device types under one machine type: the board itself, then the groups of a plan."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from qcompat.machine.model import Observed, Values
from qcompat.machine.observe.groups import Failure, Group, Plan, Seen, Sifted, sift
from qcompat.machine.observe.probe import Workshop

GROUP = 36
"""Devices in a guest. QEMU starts in 0.1 s and takes 5 ms more for each, until at about 60 the
address spaces of all begin to cost: 180 devices take 6 s (10.0.13, two cores)."""

T = TypeVar("T")


@dataclass
class Bench:
    """Where one board's devices are tried; `gate` bounds how many QEMUs run at once."""

    workshop: Workshop
    models: Sequence[str]
    skipped: Mapping[str, str]
    gate: asyncio.Semaphore
    _said: dict[tuple[tuple[str, str], ...], Values] = field(default_factory=dict)

    async def observe(self, machine: str, plan: Plan) -> tuple[Observed, Sifted | None]:
        """What there is under a machine type, and what came of the plan if it starts at all."""

        async def attempt(group: Group) -> Seen | Failure:
            async with self.gate:
                return await self.workshop.attempt(machine, group)

        async with self.gate:
            board = await self.workshop.board(machine, self.models)
        if isinstance(board, Failure):
            reason = f"the machine type does not start: {board.reason}"
            every = dict.fromkeys((*self.models, *self.workshop.islands), reason)
            return Observed(machine, {}, skipped=_sorted({**self.skipped, **every})), None
        sifted = await sift(plan, attempt)
        devices = self._shared({**gathered(sifted.seen), **board.processors})
        lost = {**self.skipped, **board.skipped, **sifted.refused}
        skipped = {t: reason for t, reason in lost.items() if t not in devices}  # brought along
        observed = Observed(
            machine, _sorted(devices), _sorted(board.defaults or {}), _sorted(skipped)
        )
        return observed, sifted

    def _shared(self, devices: Mapping[str, Values]) -> Mapping[str, Values]:
        """Equal values are one object: most devices say the same under most machine types."""
        known = self._said
        return {t: known.setdefault(tuple(said.items()), said) for t, said in devices.items()}


def gathered(seen: Seen) -> Mapping[str, Values]:
    """All values by type. Of a type that many bring the one of the plainest parent is taken.

    A device that was asked for speaks for its type before one that came along: `virtio-blk-pci`
    brings the `virtio-blk-device` that counts, `virtio-blk-pci-transitional` does not.
    """
    devices = {type_: said[type_] for type_, said in seen.items()}
    for _, said in sorted(seen.items(), key=lambda item: (len(item[0]), item[0])):
        for type_, values in said.items():
            devices.setdefault(type_, values)
    return devices


def first_groups(types: Sequence[str]) -> tuple[Group, ...]:
    """Groups of at most `GROUP`, dealt out in turn: neighbours in the list tend to be rivals.

    (Two IPMI interfaces, three balloons: of such a guest takes one.)
    """
    number = -(-len(types) // GROUP)
    return tuple(tuple(types[start::number]) for start in range(number))


def _sorted(by_type: Mapping[str, T]) -> dict[str, T]:
    return dict(sorted(by_type.items()))
