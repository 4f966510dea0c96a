"""The portraits that come with qcompat: which builds, which machine types, where they lie.

`bundled/index.json` names the builds; the bundle of build B, machine type M and accelerator
A is `bundled/B/M.A.qcb`. `tools/bundle.py` in the repository makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.builds.facts import ACCELERATORS
from qcompat.errors import GuestError, UnknownBuildError
from qcompat.guest.guest import Guest
from qcompat.portrait.accel_choice import AccelChoice
from qcompat.portrait.bundle import Bundle, read_bundle
from qcompat.portrait.portrait import Accel, Moment, Portrait, key_of

PLACE = Path(__file__).parent / "bundled"


class BundledBuild(msgspec.Struct, frozen=True):
    """A build with bundled portraits; `bundles` are `MACHINE.ACCEL`."""

    identity: BuildIdentity
    bundles: tuple[str, ...]


@cache
def bundled_builds(place: Path = PLACE) -> Mapping[str, BundledBuild]:
    """The builds by name; empty where no portraits were bundled."""
    index = place / "index.json"
    if not index.exists():
        return {}
    return msgspec.json.decode(index.read_bytes(), type=dict[str, BundledBuild])


def find_bundled(
    build: str, guest: Guest, moment: Moment, accel: Accel, place: Path = PLACE
) -> Portrait | None:
    """The bundled portrait of that guest on that build, if there is one."""
    entry = bundled_builds(place).get(build)
    name = f"{guest.machine or 'default'}.{accel}"
    if entry is None or name not in entry.bundles:
        return None
    bundle = open_bundle(place / build / f"{name}.qcb")
    key = key_of(guest, moment, accel)
    if key not in bundle.keys:
        return None
    return msgspec.structs.replace(bundle.get(key), guest=guest)


@cache
def open_bundle(path: Path) -> Bundle:
    """Read a bundle once a process."""
    return read_bundle(path)


def answer_from_bundle(
    name: str,
    guest: Guest,
    moment: Moment,
    choice: AccelChoice,
    place: Path,
    registered: Iterable[str],
) -> Portrait:
    """The bundled portrait of `guest` on the build of that name, which is not on this machine.

    Errors: UnknownBuildError, naming those `registered`; GuestError where this guest is not shown.
    """
    builds = bundled_builds(place)
    if name not in builds:
        known = ", ".join(dict.fromkeys([*registered, *builds])) or "none"
        raise UnknownBuildError(
            f"no build is called {name!r}: neither registered nor bundled",
            f"known builds: {known}; `qcompat builds fetch` or `qcompat builds add` adds one",
        )
    accels: tuple[Accel, ...] = ACCELERATORS if choice == "auto" else (choice,)
    for accel in accels:
        if portrait := find_bundled(name, guest, moment, accel, place):
            return portrait
    raise GuestError(
        f"{name} is not on this machine, and no bundled portrait of it shows this guest",
        f"`qcompat builds fetch` brings builds here; bundled for {name}: "
        + _spelled(builds[name].bundles),
    )


def _spelled(bundles: tuple[str, ...]) -> str:
    """`pc-q35-7.2.kvm`, … as what is to be asked: single devices, by accelerator and machine."""
    machines = {bundle.rpartition(".")[::2] for bundle in bundles}
    return "; ".join(
        f"single devices without further properties, with {accel}, on --machine "
        + ", ".join(machine for machine, its in sorted(machines) if its == accel)
        for accel in sorted({accel for _, accel in machines})
    )
