"""Asking a host what its kernel gives devices, and builds what they offer with it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from pathlib import Path

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.hosts.backends.ask_offers import ask_offers
from qcompat.hosts.backends.ask_tap import ask_tap
from qcompat.hosts.backends.ask_vhost import absent, ask_vhost
from qcompat.hosts.backends.model import Backends, Bridge, DeviceOffer, Tap, Vhost
from qcompat.portrait.portrait import Gap


async def ask_backends(
    builds: Sequence[Build] = (), learn: Callable[[Build], BuildFacts] | None = None
) -> Backends:
    """All that this host gives devices, and what each of `builds` offers on it.

    `learn` gives the facts of a build; without it no build is asked. Nothing on the host changes;
    what could not be asked is a gap. Takes 0.2 s and about 0.2 s a build.
    """
    tap = ask_tap()
    vhost = tuple(ask_vhost())
    known = [] if learn is None else [(build, learn(build)) for build in builds]
    offers, lost = await _offers(known, has_taps=isinstance(tap, Tap))
    return Backends(
        kernel=platform.release(),
        tap=tap if isinstance(tap, Tap) else None,
        vhost=tuple(each for each in vhost if isinstance(each, Vhost)),
        absent=absent(),
        bridges=ask_bridges(),
        offers=offers,
        gaps=tuple(each for each in (tap, *vhost, *lost) if isinstance(each, Gap)),
    )


async def _offers(
    known: Sequence[tuple[Build, BuildFacts]], *, has_taps: bool
) -> tuple[tuple[DeviceOffer, ...], tuple[Gap, ...]]:
    """One build at a time: the host has guests to run."""
    asked = [await ask_offers(build, facts, has_taps=has_taps) for build, facts in known]
    offers = tuple(offer for told, _ in asked for offer in told)
    return offers, tuple(gap for _, gap in asked if gap)


def ask_bridges(interfaces: Path = Path("/sys/class/net")) -> tuple[Bridge, ...]:
    """The host's Linux bridges with their MTU; Open vSwitch does not show its bridges as such."""
    places = sorted(each for each in interfaces.glob("*") if (each / "bridge").is_dir())
    return tuple(Bridge(each.name, int((each / "mtu").read_text())) for each in places)
