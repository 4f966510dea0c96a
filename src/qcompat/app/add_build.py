"""Registering a QEMU of the user's: its root, firmware and modules are found, and a start is tried.

What is registered already under the same name is registered again, as it is now.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from qcompat.app.build_origin import Origin, moved, placed
from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts, MachineFact
from qcompat.builds.find.firmware import Firmware, find_firmware
from qcompat.builds.find.modules import find_modules
from qcompat.builds.identify import UNIDENTIFIED, identify
from qcompat.builds.registry import Registry, check_name
from qcompat.builds.roots import SILENT, Progress
from qcompat.builds.run.command import command
from qcompat.builds.run.inside import resolve_inside
from qcompat.errors import BuildError, QcompatError, StoreError, UsageError
from qcompat.portrait.accel_choice import choose_accel
from qcompat.portrait.portraits import Portraits

_LIKELY = ("q35", "pc", "virt", "microvm")


class AddQuestion(msgspec.Struct, frozen=True):
    """What is to be registered, and where its parts lie, as far as the user says."""

    name: str
    origin: Origin
    firmware_dirs: tuple[str, ...] = ()
    module_dir: str | None = None


class Added(msgspec.Struct, frozen=True):
    """What was registered. `before` is the same binary's entry until now.

    `started` names the machine type and the accelerator of a guest that started; else `why_not`
    says why none did.
    """

    build: Build
    before: Build | None
    firmware: Firmware
    started: str
    why_not: str = ""


async def add_build(
    question: AddQuestion, portraits: Portraits, progress: Progress = SILENT
) -> Added:
    """Register a build.

    Errors: UsageError for its name, FileFormatError for a file that is not what it should be,
    BuildError where it cannot run at all.
    """
    name, registry = check_name(question.name), portraits.registry
    before = _before(name, registry)
    words = question.origin.words
    if name in registry.names() and words and (before is None or before.given != words):
        registry.check_free(name)
    with placed(question.origin, registry, progress) as (root, binary):
        build = Build(name, UNIDENTIFIED, "root" if root else "native", binary, root, given=words)
        if before is None or not _is_same(before, build):
            registry.check_free(name)
        build, firmware = _with_parts(build, question, registry)
        registry.add(build, replace=True)
    started, why_not = await _try(build, portraits)
    return Added(build, before, firmware, started, why_not)


def _with_parts(build: Build, question: AddQuestion, registry: Registry) -> tuple[Build, Firmware]:
    """The build with its identity, firmware and modules. Errors: UsageError, BuildError."""
    firmware_dirs = tuple(_directory(build, each) for each in question.firmware_dirs)
    named = question.module_dir
    module_dir = find_modules(build) if named is None else _directory(build, named)
    build = msgspec.structs.replace(build, firmware_dirs=firmware_dirs, module_dir=module_dir)
    try:
        identity = identify(build)
    except BuildError as error:
        build = moved(build, question.origin, registry, error)
        identity = identify(build)
    build = msgspec.structs.replace(build, identity=identity)
    if build.firmware_dirs:
        return build, Firmware(build.firmware_dirs, (), ())
    firmware = find_firmware(build)
    return msgspec.structs.replace(build, firmware_dirs=firmware.directories), firmware


def _directory(build: Build, named: str) -> str:
    """A directory as the build sees it; in a root it may be named as seen from outside too.

    Errors: UsageError where there is none.
    """
    if not named:
        raise UsageError("an empty path names no directory", "give the path of a directory")
    whole = os.path.abspath(named)  # noqa: PTH100 - links are followed inside the root
    inside = whole.removeprefix(build.root) if whole.startswith(f"{build.root}/") else named
    if not Path(f"{build.root}{resolve_inside(build.root, inside)}").is_dir():
        raise UsageError(f"the directory {named} does not exist", "check its spelling")
    return os.path.realpath(inside) if build.kind == "native" else inside


def _before(name: str, registry: Registry) -> Build | None:
    """The entry of that name; none for a damaged one, which a look at a binary does not repair."""
    try:
        return registry.get(name) if name in registry.names() else None
    except StoreError:
        return None


def _is_same(before: Build, build: Build) -> bool:
    """Whether the command that made an entry was given again."""
    if build.given:
        return before.given == build.given
    return (before.root, before.binary) == (build.root, build.binary)


async def _try(build: Build, portraits: Portraits) -> tuple[str, str]:
    """Machine type and accelerator of a guest that started, and why none did."""
    from qcompat.builds.learn.learn import learn
    from qcompat.qemu.launch import launch

    try:
        facts = learn(build, cache=portraits.cache)
        machine = _machine(facts)
        accel = choose_accel("auto", build.architecture, {build.name: facts.accelerators})
        words = ["-accel", accel, "-machine", machine.name, "-nodefaults"]
        async with launch(command(build, kvm=accel == "kvm"), words):
            return f"{machine.alias or machine.name} with {accel.upper()}", ""
    except QcompatError as error:
        return "", error.message


def _machine(facts: BuildFacts) -> MachineFact:
    """The machine type of a usual guest. Errors: BuildError where there is none."""
    usable = [each for each in facts.machines if each.name != "none"]
    likely = (each for alias in _LIKELY for each in usable if alias in (each.alias, each.name))
    found = next(likely, next(iter(usable), None))
    if found is None:
        raise BuildError("it has no machine types", "is it the emulator that runs your guests?")
    return found
