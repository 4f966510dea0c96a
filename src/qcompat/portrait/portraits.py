"""The one door to portraits: from a file, the cache, a build of this machine, or the bundle.

A registered build is asked itself (its cached answers count as long as nothing that they were
made of has changed: `key`); a build that is not on this machine is answered from the bundled
portraits. A kept portrait answers for the guest of the question, whose notes it gets.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from qcompat.arch.architecture import architecture_of
from qcompat.builds.build import Build
from qcompat.builds.registry import Registry
from qcompat.errors import FileFormatError, GuestError, UnknownBuildError, UsageError
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.local.event_loop import wait_for_event_loop
from qcompat.local.home import cache_home, data_home
from qcompat.local.kvm import has_kvm
from qcompat.portrait.bundled import PLACE, bundled_builds, find_bundled
from qcompat.portrait.file import read_portrait, write_portrait
from qcompat.portrait.key import path_of
from qcompat.portrait.portrait import Accel, Moment, Portrait

AccelChoice = Literal["auto", "kvm", "tcg"]
End: TypeAlias = "str | Build"
"""An end of a migration: the name of a build or of a portrait file, or a build of this machine."""
SUFFIX = ".qcp"


def is_file(end: str) -> bool:
    """Whether an end of a migration names a portrait file rather than a build."""
    return end.endswith(SUFFIX) or Path(end).is_file()


def choose_accel(choice: AccelChoice, machine: str = "") -> Accel:
    """What runs a guest of a machine type here: `auto` is KVM where it serves such guests.

    Errors: UsageError where KVM is asked for and cannot be used.
    """
    architecture, host = architecture_of(machine), os.uname().machine
    is_served = host in architecture.kvm_on
    if choice == "auto":
        return "kvm" if is_served and has_kvm() else "tcg"
    if choice == "kvm" and not is_served:
        raise UsageError(
            f"--accel kvm was asked for, but KVM of {host} runs no guests of {architecture.name}",
            "use --accel tcg",
        )
    if choice == "kvm" and not has_kvm():
        raise UsageError(
            "--accel kvm was asked for, but /dev/kvm cannot be opened here",
            "use --accel tcg, or give this user access to /dev/kvm",
        )
    return choice


class Portraits:
    """Portraits of guests on builds.

    `registry` holds the builds of this machine, `cache` is where their portraits are kept,
    `bundle` where those that ship with qcompat lie. `accel` is the accelerator where a call names
    none. `startable` makes of a guest what this machine can start (`guest.startable`).
    """

    def __init__(
        self,
        registry: Registry,
        cache: Path,
        *,
        bundle: Path = PLACE,
        accel: AccelChoice = "auto",
        startable: Callable[[Guest], Guest] = startable,
    ) -> None:
        self.registry = registry
        self.cache = cache
        self._bundle = bundle
        self._accel: AccelChoice = accel
        self._startable = startable

    @classmethod
    def here(cls, accel: AccelChoice = "auto") -> Portraits:
        """With the registry and the cache of this user."""
        return cls(Registry(data_home()), cache_home(), accel=accel)

    async def of(
        self,
        end: End,
        guest: Guest | None,
        *,
        moment: Moment = "reset",
        accel: AccelChoice | None = None,
        keep: bool = True,
    ) -> Portrait:
        """The portrait of `guest` on `end`.

        Without `keep` one that has to be taken does not go into the cache: a search looks at
        many guests that nobody asks about again.

        Errors: UnknownBuildError, FileFormatError, GuestError where no guest is given for a
        build, and what `take` raises.
        """
        choice = accel or self._accel
        ready = self._ready(end, guest, moment, choice)
        return await self._finish(ready, guest, moment, choice, keep=keep)

    async def both(
        self,
        source: End,
        target: End,
        guest: Guest | None,
        *,
        moment: Moment = "reset",
        accel: AccelChoice | None = None,
    ) -> tuple[Portrait, Portrait]:
        """The portraits of both ends; side by side where both have to be taken.

        Errors: as `of`.
        """
        choice = accel or self._accel
        ready = [self._ready(end, guest, moment, choice) for end in (source, target)]

        async def one(end: Portrait | Build) -> Portrait:
            return await self._finish(end, guest, moment, choice, keep=True)

        if ready[0] == ready[1]:
            return (await one(ready[0]),) * 2
        if all(isinstance(each, Build) for each in ready) and _cores() > 1:
            await wait_for_event_loop()
            return await _side_by_side(map(one, ready))
        return await one(ready[0]), await one(ready[1])

    def at_hand(
        self, build: Build, guest: Guest, *, moment: Moment = "reset", accel: Accel = "kvm"
    ) -> dict[str, Portrait]:
        """The portraits of `guest` on `build` that need no QEMU: `cached` or `bundled`.

        A bundled one was taken on another host, whose processor it shows: compare it with bundled
        ones only. Errors: what reading a portrait raises, but for a damaged cache.
        """
        found: dict[str, Portrait] = {}
        if (cached := self._cached(build, self._startable(guest), moment, accel)) is not None:
            found["cached"] = cached
        bundled = find_bundled(build.name, guest, moment, accel, self._bundle)
        if bundled is not None and bundled.identity == build.identity:
            found["bundled"] = bundled
        return found

    def _ready(
        self, end: End, guest: Guest | None, moment: Moment, choice: AccelChoice
    ) -> Portrait | Build:
        """The portrait, where no QEMU has to run for it, else the build to take it of."""
        if isinstance(end, str) and is_file(end):
            return read_portrait(Path(end))
        if guest is None:
            name = end if isinstance(end, str) else end.name
            raise GuestError(
                f"{name} is a build, and no guest was given for it",
                "put QEMU's arguments after `--`, or use --machine and --device",
            )
        if isinstance(end, str):
            if end not in self.registry.names():
                return self._from_bundle(end, guest, moment, choice)
            end = self.registry.get(end)
        accel = choose_accel(choice, guest.machine)
        return self._cached(end, self._startable(guest), moment, accel) or end

    async def _finish(
        self,
        ready: Portrait | Build,
        guest: Guest | None,
        moment: Moment,
        choice: AccelChoice,
        *,
        keep: bool,
    ) -> Portrait:
        """What `_ready` found, taken now where it is a build."""
        if isinstance(ready, Portrait):
            return ready
        assert guest is not None, "a file needs no guest, and a build without one is refused"
        accel = choose_accel(choice, guest.machine)
        return await self._take(ready, self._startable(guest), moment, accel, keep)

    async def _take(
        self, build: Build, guest: Guest, moment: Moment, accel: Accel, keep: bool
    ) -> Portrait:
        # Starting a QEMU needs asyncio and qemu.qmp; a check on portraits at hand must not pay.
        import asyncio

        await wait_for_event_loop()
        from qcompat.builds.learn.learn import learn
        from qcompat.portrait.take import take

        facts = await asyncio.to_thread(learn, build, cache=self.cache)
        portrait = await take(build, guest, facts, moment=moment, accel=accel)
        if keep:
            write_portrait(portrait, self._path(build, guest, moment, accel))
        return portrait

    def _cached(self, build: Build, guest: Guest, moment: Moment, accel: Accel) -> Portrait | None:
        path = self._path(build, guest, moment, accel)
        if not path.exists():
            return None
        with contextlib.suppress(FileFormatError):
            kept = read_portrait(path)
            if kept.shortage is None:
                return msgspec.structs.replace(kept, guest=guest)
        path.unlink(missing_ok=True)
        return None

    def _path(self, build: Build, guest: Guest, moment: Moment, accel: Accel) -> Path:
        return self.cache / "portraits" / f"{path_of(build, guest, moment, accel)}{SUFFIX}"

    def _from_bundle(
        self, name: str, guest: Guest, moment: Moment, choice: AccelChoice
    ) -> Portrait:
        builds = bundled_builds(self._bundle)
        if name not in builds:
            known = ", ".join(dict.fromkeys([*self.registry.names(), *builds])) or "none"
            raise UnknownBuildError(
                f"no build is called {name!r}: neither registered nor bundled",
                f"known builds: {known}; `qcompat builds fetch` or `qcompat builds add` adds one",
            )
        accels: tuple[Accel, ...] = ("kvm", "tcg") if choice == "auto" else (choice,)
        for accel in accels:
            if portrait := find_bundled(name, guest, moment, accel, self._bundle):
                return portrait
        raise GuestError(
            f"{name} is not on this machine, and no bundled portrait of it shows this guest",
            f"`qcompat builds fetch` brings builds here; bundled for {name}: "
            + _spelled(builds[name].bundles),
        )


async def _side_by_side(
    work: Iterable[Coroutine[None, None, Portrait]],
) -> tuple[Portrait, Portrait]:
    from qcompat.local.side_by_side import side_by_side

    source, target = await side_by_side(work)
    return source, target


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _spelled(bundles: tuple[str, ...]) -> str:
    """`pc-q35-7.2.kvm`, … as what is to be asked: single devices, by accelerator and machine."""
    machines = {bundle.rpartition(".")[::2] for bundle in bundles}
    return "; ".join(
        f"single devices without further properties, with {accel}, on --machine "
        + ", ".join(machine for machine, its in sorted(machines) if its == accel)
        for accel in sorted({accel for _, accel in machines})
    )
