"""Having a portrait: from a file, from the cache, by taking it, or from those bundled.

A registered build is asked itself (its cached answers count, since a build's identity is its
bytes); a build that is not on this machine is answered from the bundled portraits.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Literal

from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.errors import FileFormatError, GuestError, UnknownBuildError, UsageError
from qcompat.guest.guest import Guest
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.bundled import bundled_builds, find_bundled
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.key import key_of
from qcompat.portrait.portrait import Accel, Moment, Portrait

AccelChoice = Literal["auto", "kvm", "tcg"]
SUFFIX = ".qcp"


def is_file(end: str) -> bool:
    """Whether an end of a check names a portrait file rather than a build."""
    return end.endswith(SUFFIX) or Path(end).is_file()


def obtain(
    end: str,
    guest: Guest | None,
    *,
    moment: Moment = "reset",
    accel: AccelChoice = "auto",
    fresh: bool = False,
) -> Portrait:
    """The portrait of `guest` on `end`, a build's name or a portrait file.

    `fresh` has it taken even where the cache holds it. Raises `UnknownBuildError`,
    `FileFormatError`, `GuestError` where no guest is given for a build, and what `take` raises.
    """
    if is_file(end):
        return read_portrait(Path(end))
    if guest is None:
        raise GuestError(
            f"{end} is a build, and no guest was given for it",
            "put QEMU's arguments after `--`, or use --machine and --device",
        )
    registry = Registry(data_home())
    if end in registry.names():
        return _from_build(registry.get(end), guest, moment, accel, fresh)
    return _from_bundle(end, guest, moment, accel, registry)


def at_hand(
    build: Build, guest: Guest, *, moment: Moment = "reset", accel: Accel = "kvm"
) -> dict[str, Portrait]:
    """The portraits of `guest` on `build` that need no QEMU: `cached` from here, or `bundled`.

    A bundled one was taken on another host, whose processor it shows: compare it with bundled
    ones only. Raises what reading a portrait raises, but for a damaged cache.
    """
    found: dict[str, Portrait] = {}
    path = _cached(build, guest, moment, accel)
    if path.exists():
        with contextlib.suppress(FileFormatError):
            found["cached"] = read_portrait(path)
    bundled = find_bundled(build.name, guest, moment, accel)
    if bundled is not None and bundled.identity == build.identity:
        found["bundled"] = bundled
    return found


def _from_build(
    build: Build, guest: Guest, moment: Moment, choice: AccelChoice, fresh: bool
) -> Portrait:
    # Starting a QEMU needs asyncio and qemu.qmp; a check on portraits at hand must not pay.
    from qcompat.builds.run.sandbox import can_make_taps
    from qcompat.guest.network import without_taps

    accel = choose_accel(choice)
    if guest.network_namespace and not can_make_taps():
        guest = without_taps(guest)
    path = _cached(build, guest, moment, accel)
    if not fresh and path.exists():
        try:
            return read_portrait(path)
        except FileFormatError:
            path.unlink(missing_ok=True)
    portrait = _take(build, guest, moment, accel)
    write_portrait(portrait, path)
    return portrait


def _take(build: Build, guest: Guest, moment: Moment, accel: Accel) -> Portrait:
    import asyncio

    from qcompat.builds.learn.learn import learn
    from qcompat.portrait.take import take

    facts = learn(build, cache=cache_home())
    return asyncio.run(take(build, guest, facts, moment=moment, accel=accel))


def choose_accel(choice: AccelChoice) -> Accel:
    """What runs a guest here: `auto` is KVM where it can be used. UsageError where it cannot."""
    if choice == "auto":
        return "kvm" if has_kvm() else "tcg"
    if choice == "kvm" and not has_kvm():
        raise UsageError(
            "--accel kvm was asked for, but /dev/kvm cannot be opened here",
            "use --accel tcg, or give this user access to /dev/kvm",
        )
    return choice


def _cached(build: Build, guest: Guest, moment: Moment, accel: Accel) -> Path:
    who = hashlib.sha256(f"{build.name}\0{build.identity}".encode()).hexdigest()[:16]
    return cache_home() / "portraits" / who / f"{key_of(guest, moment, accel)}{SUFFIX}"


def _from_bundle(
    name: str, guest: Guest, moment: Moment, choice: AccelChoice, registry: Registry
) -> Portrait:
    builds = bundled_builds()
    if name not in builds:
        known = ", ".join(dict.fromkeys([*registry.names(), *builds])) or "none"
        raise UnknownBuildError(
            f"no build is called {name!r}: neither registered nor bundled",
            f"known builds: {known}; `qcompat builds fetch` or `qcompat builds add` adds one",
        )
    accels: tuple[Accel, ...] = ("kvm", "tcg") if choice == "auto" else (choice,)
    for accel in accels:
        if portrait := find_bundled(name, guest, moment, accel):
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
