"""What is asked of a trial, made a plan: from its own words, or from an archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.prove.stops import stops_asked
from qcompat.errors import UsageError
from qcompat.guest.accelerator import run_by
from qcompat.portrait.accel_choice import AccelChoice, at_moment, choose_accel
from qcompat.portrait.builds_of_guest import architecture_on
from qcompat.portrait.portrait import Accel
from qcompat.portrait.portraits import Portraits
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.perform import TrialPlan
from qcompat.trial.replay import stops_of
from qcompat.trial.stop import Stop
from qcompat.trial.trial import Method, Variant


class ProveQuestion(msgspec.Struct, frozen=True):
    """A trial: the guest goes over `stops`, names of builds of this machine, in their order.

    `back` returns to the first of them. `reset_at` are the stops (numbers from 1, or names) where
    the guest is reset. `timeout` bounds each stop, in seconds. `replay` is the archive of a
    trial to make again, `keep` where to keep this one. With `hotplug` a live guest gets and loses
    devices on the way.
    """

    stops: tuple[str, ...]
    guest: AskedGuest = AskedGuest()
    replay: Path | None = None
    method: Method | None = None
    variant: Variant | None = None
    back: bool = False
    reset_at: tuple[str, ...] = ()
    times: int | None = None
    timeout: float | None = None
    keep: Path | None = None
    hotplug: bool = False

    async def plan(self, portraits: Portraits) -> TrialPlan:
        """The trial to be made. Raises UsageError where the words contradict each other."""
        if self.replay:
            return await self._again(self.replay, portraits)
        return await self._fresh(portraits)

    async def _fresh(self, portraits: Portraits) -> TrialPlan:
        stops = stops_asked(
            self.stops,
            self.guest.guest,
            portraits.registry,
            back=self.back,
            reset_at=self.reset_at,
        )
        self._refuse_moment()
        if self.hotplug and self.method != "live":
            raise UsageError(
                "--hotplug is for a guest that runs: nothing in a paused one takes a device",
                "add --live",
            )
        moment = self.guest.moment or "reset"
        accel = await _accel(at_moment(self.guest.accel or "auto", moment), stops, portraits)
        return TrialPlan(
            stops=tuple(msgspec.structs.replace(s, guest=run_by(s.guest, accel)) for s in stops),
            accel=accel,
            method=self.method or "canary",
            variant=self.variant or "precopy",
            moment=moment,
            seconds=self.timeout,
            times=self.times or 1,
            hotplug=self.hotplug,
        )

    def _refuse_moment(self) -> None:
        is_seen = self.method != "live" and self.variant in (None, "precopy")
        if self.guest.moment in ("firmware", "booted") and not is_seen:
            raise UsageError(
                f"--moment {self.guest.moment} is for a canary that goes by precopy",
                "leave it out: a live guest runs its firmware and boots anyway",
            )

    async def _again(self, path: Path, portraits: Portraits) -> TrialPlan:
        rest = (self.guest, self.method, self.variant, self.back, self.reset_at, self.hotplug)
        if self.stops or rest != (
            AskedGuest(base_type=self.guest.base_type),
            None,
            None,
            False,
            (),
            False,
        ):
            raise UsageError(
                "an archive contains its builds, its guest and its stops",
                "with --replay only --times, --timeout, --keep, --json and -v make sense",
            )
        kept = read_archive(path)
        manifest = kept.manifest
        if manifest.method == "rehearsal":
            raise UsageError(
                f"{path} is a rehearsal: the guest in it was a running one, and cannot be started",
                "load its state again: qcompat rehearse --state FILE --to BUILD",
            )
        stops = stops_of(kept, portraits.registry.list(), path)
        return TrialPlan(
            stops=stops,
            accel=await _accel(manifest.accel, stops, portraits),
            method=manifest.method,
            variant=manifest.variant,
            moment=manifest.moment,
            hotplug=manifest.hotplug,
            seconds=self.timeout,
            times=self.times or 1,
        )


async def _accel(choice: AccelChoice, stops: Sequence[Stop], portraits: Portraits) -> Accel:
    builds = dict.fromkeys(stop.build for stop in stops)
    architecture = architecture_on(builds, stops[0].guest.machine)
    return choose_accel(choice, architecture, await portraits.accelerators(builds))
