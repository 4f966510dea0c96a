"""A guest's way along a chain: its state is fixed at birth and travels with it.

A pair of ends is a chain of one hop. Whether two neighbours get along says nothing about a
guest that came to the first of them from elsewhere.
"""

from __future__ import annotations

import msgspec

from qcompat.machine.scenario.birth import Look, born
from qcompat.machine.scenario.effective import Refused
from qcompat.machine.scenario.hop import Hop, Kept, Reason, after_reset, go, gravest
from qcompat.machine.scenario.model import Answer, End, Guest, Picture, Stop


class Journey(msgspec.Struct, frozen=True):
    """What became of a guest: one hop for each arrival, as far as it got.

    `refused` says why it could not even be started, and is empty otherwise.
    """

    name: str
    guest: str
    stops: tuple[Stop, ...]
    hops: tuple[Hop, ...]
    verdict: Answer
    refused: str = ""


class _Living(msgspec.Struct, frozen=True):
    """The guest between two hops."""

    look: Look
    kept: Kept = frozenset()


def travel(picture: Picture, guest: Guest, name: str, stops: tuple[Stop, ...]) -> Journey:
    """Start `guest` at the first stop and send it along the others."""
    try:
        living = _stay(picture, guest, _Living(born(picture, guest, stops[0].end)), stops[0])
    except Refused as refused:
        return Journey(name, guest.name, stops, (), "blocked", str(refused))
    hops: list[Hop] = []
    for stop in stops[1:]:
        hop = go(picture, guest, living.look, stop.end, living.kept)
        if hop.look is not None:
            try:
                living = _stay(picture, guest, _Living(hop.look, living.kept), stop)
            except Refused as refused:
                why = Reason("blocked", f"the guest does not start again: {refused}")
                hop = Hop("blocked", (*hop.reasons, why))
        hops.append(hop)
        if hop.look is None:
            break
    verdict = gravest(hop.verdict for hop in hops)
    return Journey(name, guest.name, stops, tuple(hops), verdict)


def _stay(picture: Picture, guest: Guest, living: _Living, stop: Stop) -> _Living:
    kept = living.kept | set(stop.keeps)
    if stop.then == "reset":
        own = born(picture, guest, stop.end)
        return _Living(after_reset(picture, living.look, own, kept), kept)
    if stop.then == "power-off":
        # it is started anew, without what only its former life needed
        return _Living(born(picture, guest, End(stop.end.name, stop.end.build, stop.end.host)))
    return _Living(living.look, kept)
