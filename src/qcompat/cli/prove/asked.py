"""What the command line asks of a trial, made a plan: from its own words, or from an archive."""

from __future__ import annotations

from pathlib import Path

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.builds.registry import Registry
from qcompat.cli.prove.stops import stops_asked
from qcompat.errors import UsageError
from qcompat.local.home import data_home
from qcompat.portrait.portraits import choose_accel
from qcompat.trial.archive_reader import read_archive
from qcompat.trial.perform import Plan
from qcompat.trial.replay import stops_of
from qcompat.trial.trial import Method, Variant


class Asked(msgspec.Struct, frozen=True):
    """The arguments and options of `qcompat prove`, as they were given."""

    stops: tuple[str, ...]
    guest: AskedGuest
    replay: Path | None = None
    method: Method | None = None
    variant: Variant | None = None
    back: bool = False
    reset_at: tuple[str, ...] = ()
    times: int | None = None
    timeout: float | None = None

    def plan(self) -> Plan:
        """The trial to be made. Raises UsageError where the words contradict each other."""
        return self._again(self.replay) if self.replay else self._anew()

    def _anew(self) -> Plan:
        stops = stops_asked(
            self.stops,
            self.guest.guest,
            Registry(data_home()),
            back=self.back,
            reset_at=self.reset_at,
        )
        self._refuse_moment()
        return Plan(
            stops=stops,
            accel=choose_accel(self.guest.accel or "auto"),
            method=self.method or "canary",
            variant=self.variant or "precopy",
            moment=self.guest.moment or "reset",
            seconds=self.timeout,
            times=self.times or 1,
        )

    def _refuse_moment(self) -> None:
        is_seen = self.method != "live" and self.variant in (None, "precopy")
        if self.guest.moment == "firmware" and not is_seen:
            raise UsageError(
                "--moment firmware is for a canary that goes by precopy",
                "leave it out: a live guest runs its firmware anyway",
            )

    def _again(self, path: Path) -> Plan:
        rest = (self.guest, self.method, self.variant, self.back, self.reset_at)
        if self.stops or rest != (AskedGuest(), None, None, False, ()):
            raise UsageError(
                "an archive brings its builds, its guest and its way along",
                "beside --replay only --times, --timeout, --keep, --json and -v make sense",
            )
        kept = read_archive(path)
        manifest = kept.manifest
        return Plan(
            stops=stops_of(kept, Registry(data_home()).list(), path),
            accel=choose_accel(manifest.accel),
            method=manifest.method,
            variant=manifest.variant,
            moment=manifest.moment,
            seconds=self.timeout,
            times=self.times or 1,
        )
