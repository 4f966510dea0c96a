"""What is asked of a matrix, checked before any QEMU runs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from qcompat.app.matrix.guest_file import named_guests
from qcompat.builds.build import Build
from qcompat.builds.identify import why_unusable
from qcompat.builds.learn.learn import learn
from qcompat.builds.registry import Registry
from qcompat.errors import BuildError, UnknownBuildError, UsageError
from qcompat.guest.base_type import base_of
from qcompat.portrait.accel_choice import AccelChoice, choose_accel
from qcompat.portrait.builds_of_guest import architecture_on
from qcompat.portrait.bundled import bundled_builds
from qcompat.portrait.portraits import Portraits
from qcompat.trial.matrix.cell import Matrix
from qcompat.trial.matrix.question.matrix_entry import MatrixEntry
from qcompat.trial.matrix.question.selection import Selection, spec_of
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.verdict.goal import USUAL, Goal


class MatrixQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What to try, on which builds, and how.

    `builds` are names of builds of this machine. `devices` are tried alone on each of
    `machines`, `every` is `all` for each that all builds have; `guests` are files, and with
    `base_type` their machine types of Proxmox VE are taken as base types. `check` takes
    the portraits that verdicts lack, `resume` goes on with the last run of the same question.
    `baseline` is an earlier run, of whose builds `same` pairs (`OLD=NEW`) say which stand for
    which; `promise` is what must not get worse since. `workers` is the address of a Dask
    scheduler, `store` that of the store.
    """

    builds: tuple[str, ...]
    machines: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    every: str | None = None
    guests: tuple[Path, ...] = ()
    base_type: bool = False
    accel: AccelChoice = "auto"
    jobs: int | None = None
    check: bool = False
    resume: bool = False
    baseline: Matrix | None = None
    same: tuple[str, ...] = ()
    promise: Goal = USUAL
    workers: str | None = None
    store: str = ""

    def spec(self, portraits: Portraits) -> MatrixSpec:
        """The matrix that is asked for. Errors: UsageError, BuildError."""
        selection = self._selection()
        builds = _builds(self.builds, portraits.registry)
        architecture = architecture_on(builds, _a_machine(selection))
        facts = {build.name: learn(build, cache=portraits.cache) for build in builds}
        had = {name: each.accelerators for name, each in facts.items()}
        accel = choose_accel(self.accel, architecture, had)
        return spec_of(selection, builds, facts, accel)

    def same_builds(self) -> dict[str, str]:
        """The pairs of `--same`. Errors: UsageError."""
        pairs = [text.partition("=") for text in self.same]
        for text, (old, _, new) in zip(self.same, pairs, strict=True):
            if not old or not new:
                raise UsageError(f"--same {text!r} is not a pair of builds", "write OLD=NEW")
        return {old: new for old, _, new in pairs}

    def _selection(self) -> Selection:
        if (self.devices or self.every) and not self.machines:
            raise UsageError("devices are given without a machine type", "add --machine TYPE")
        if not self.machines and not self.guests:
            raise UsageError(
                "no guest is given", "add --machine TYPE with --device or --devices all, or --guest"
            )
        if self.devices and self.every:
            raise UsageError(
                "devices are given twice: by --device and --devices all", "leave one of them out"
            )
        if "" in self.devices:
            raise UsageError("--device is empty", "name a device type, such as virtio-blk-pci")
        machines = self.machines
        if self.base_type:
            machines = tuple(base_of(each) or each for each in machines)
        return Selection(machines, self.devices, self.every == "all", self._named())

    def _named(self) -> tuple[MatrixEntry, ...]:
        names = [path.name for path in self.guests]
        return tuple(
            guest
            for path in dict.fromkeys(self.guests)
            for guest in named_guests(
                path,
                path.name if names.count(path.name) == 1 else str(path),
                self.machines,
                base_type=self.base_type,
            )
        )


def _builds(names: tuple[str, ...], registry: Registry) -> tuple[Build, ...]:
    if len(set(names)) < 2:
        raise UsageError("a matrix needs two builds or more", "see `qcompat builds list`")
    found = tuple(_build(name, registry) for name in dict.fromkeys(names))
    unusable = [f"{build.name}: {why}" for build in found if (why := why_unusable(build))]
    if unusable:
        raise BuildError("not every build can run here: " + "; ".join(unusable))
    return found


def _build(name: str, registry: Registry) -> Build:
    try:
        return registry.get(name)
    except UnknownBuildError:
        if name not in bundled_builds():
            raise
        raise UnknownBuildError(
            f"{name} is not on this machine, and a matrix runs real migrations",
            "`qcompat builds fetch` brings builds here; `qcompat check` answers from portraits",
        ) from None


def _a_machine(selection: Selection) -> str:
    """One of the machine types; builds that can be compared have one architecture."""
    return next(iter((*selection.machines, *(guest.machine for guest in selection.guests))))
