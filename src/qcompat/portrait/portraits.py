"""The one door to portraits: from a file, the cache, a build of this machine, or the bundle.

A registered build is asked itself (its cached answers count as long as nothing that they were
made of has changed: `kept`); a build that is not on this machine is answered from the bundled
portraits. A kept portrait answers for the guest of the question, whose notes it gets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.registry import Registry
from qcompat.errors import GuestError
from qcompat.guest.accelerator import run_by
from qcompat.guest.guest import Guest
from qcompat.guest.startable import startable
from qcompat.local.doing import doing
from qcompat.local.event_loop import wait_for_event_loop
from qcompat.local.home import cache_home, data_home
from qcompat.portrait.accel_choice import AccelChoice as AccelChoice
from qcompat.portrait.accel_choice import at_moment, choose_accel
from qcompat.portrait.builds_of_guest import architecture_on
from qcompat.portrait.bundled import PLACE, answer_from_bundle, bundled_builds, find_bundled
from qcompat.portrait.file import read_portrait
from qcompat.portrait.kept import SUFFIX as SUFFIX
from qcompat.portrait.kept import KeptPortraits
from qcompat.portrait.own_line import asked_now, with_refused
from qcompat.portrait.portrait import Accel, Moment, Portrait

End: TypeAlias = "str | Build"
"""An end of a migration: the name of a build or of a portrait file, or a build of this machine."""


def is_file(end: str) -> bool:
    """Whether an end of a migration names a portrait file rather than a build."""
    return end.endswith(SUFFIX) or Path(end).is_file()


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
        self._kept = KeptPortraits(cache / "portraits")
        self._bundle = bundle
        self._accel: AccelChoice = accel
        self._startable = startable

    @classmethod
    def here(cls, accel: AccelChoice = "auto") -> Portraits:
        """With the registry and the cache of this user."""
        return cls(Registry(data_home()), cache_home(), accel=accel)

    def identity_of(self, name: str) -> BuildIdentity:
        """The identity of a build of this machine, or of one with bundled portraits.

        Errors: UnknownBuildError.
        """
        known = bundled_builds(self._bundle)
        if name in self.registry.names() or name not in known:
            return self.registry.get(name).identity
        return known[name].identity

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
        choice = await self._choice((end,), guest, moment, accel)
        ready = self._ready(end, guest, moment, choice)
        portrait = await self._finish(ready, guest, moment, choice, keep=keep)
        return await self._asked(end, portrait, guest)

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
        choice = await self._choice((source, target), guest, moment, accel)
        ready = [self._ready(end, guest, moment, choice) for end in (source, target)]

        async def one(end: End, seen: Portrait | Build) -> Portrait:
            portrait = await self._finish(seen, guest, moment, choice, keep=True)
            return await self._asked(end, portrait, guest)

        if ready[0] == ready[1]:
            return (await one(source, ready[0]),) * 2
        if all(isinstance(each, Build) for each in ready) and len(os.sched_getaffinity(0)) > 1:
            await wait_for_event_loop()
            from qcompat.local.side_by_side import side_by_side

            here, there = await side_by_side(map(one, (source, target), ready))
            return here, there
        return await one(source, ready[0]), await one(target, ready[1])

    def at_hand(
        self, build: Build, guest: Guest, *, moment: Moment = "reset", accel: Accel = "kvm"
    ) -> dict[str, Portrait]:
        """The portraits of `guest` on `build` that need no twin: `cached` or `bundled`.

        A bundled one was taken on another host, whose processor it shows: compare it with bundled
        ones only. Errors: what reading a portrait raises, but for a damaged cache.
        """
        found: dict[str, Portrait] = {}
        if cached := self._kept.find(build, self._startable(guest), moment, accel):
            found["cached"] = cached
        bundled = find_bundled(build.name, guest, moment, accel, self._bundle)
        if bundled and bundled.identity == build.identity:
            found["bundled"] = bundled
        return {k: asked_now(p, build, guest.own, self.cache) for k, p in found.items()}

    async def _asked(self, end: End, portrait: Portrait, guest: Guest | None) -> Portrait:
        """With what the build says to the user's own line; a portrait file brings its own."""
        if guest is None or not guest.own or (isinstance(end, str) and is_file(end)):
            return portrait
        return await with_refused(portrait, self._registered(end), guest.own, self.cache)

    async def _choice(
        self, ends: Iterable[End], guest: Guest | None, moment: Moment, accel: AccelChoice | None
    ) -> AccelChoice:
        """`auto` as an accelerator that every build has which is going to be asked.

        A build whose portrait is at hand is not asked what it has, since that takes a second.
        """
        choice = at_moment(accel or self._accel, moment)
        builds = [build for end in ends if (build := self._registered(end))]
        if guest is None or not builds:
            return choice
        architecture = architecture_on(builds, guest.machine)
        first = choose_accel(choice, architecture)
        ready = self._startable(guest)
        if all(self._kept.has(build, ready, moment, first) for build in builds):
            return first
        return choose_accel(choice, architecture, await self.accelerators(builds))

    async def accelerators(self, builds: Iterable[Build]) -> dict[str, tuple[Accel, ...]]:
        """What each build has, by name. Errors: BuildError where one cannot be asked."""
        import asyncio

        await wait_for_event_loop()
        from qcompat.builds.learn.learn import learn

        return {
            build.name: (await asyncio.to_thread(learn, build, cache=self.cache)).accelerators
            for build in builds
        }

    def _registered(self, end: End) -> Build | None:
        """The end, where it is a build of this machine."""
        if isinstance(end, Build):
            return end
        if is_file(end) or end not in self.registry.names():
            return None
        return self.registry.get(end)

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
        build = self._registered(end)
        if build is None:
            return answer_from_bundle(
                str(end), guest, moment, choice, self._bundle, self.registry.names()
            )
        accel = choose_accel(choice, build.architecture)
        here = run_by(self._startable(guest), accel)
        return self._kept.find(build, here, moment, accel) or build

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
        accel = choose_accel(choice, ready.architecture)
        here = run_by(self._startable(guest), accel)
        return await self._take(ready, here, moment, accel, keep)

    async def _take(
        self, build: Build, guest: Guest, moment: Moment, accel: Accel, keep: bool
    ) -> Portrait:
        # Starting a QEMU needs asyncio and qemu.qmp; a check on portraits at hand must not pay.
        import asyncio

        await wait_for_event_loop()
        from qcompat.builds.learn.learn import learn
        from qcompat.portrait.take import take

        facts = await asyncio.to_thread(learn, build, cache=self.cache)
        with doing(f"taking the portrait of {build.name}"):
            portrait = await take(build, guest, facts, moment=moment, accel=accel)
        if keep:
            self._kept.keep(portrait, build, guest, moment, accel)
        return portrait
