"""A saved guest: what its file says of it, as a guest that runs.

A save image of libvirt has the domain's XML and the stream; a migration file and an internal
snapshot of a qcow2 image have the stream alone, so that the guest has to be described besides. The
state is that of the file. What a stream does not say (properties, what the guest sees) is shown by
a twin: on the build that saved the guest, where that is named, else on the target.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.check import Checked, judged
from qcompat.app.given_guest import given_guest
from qcompat.app.rehearse.guest_now import GuestNow
from qcompat.app.running.check_now import CheckedNow
from qcompat.app.running.targets import distinct
from qcompat.errors import GuestError, UsageError
from qcompat.guest.given.saved import saved_domain
from qcompat.guest.guest import Guest, Uncovered
from qcompat.local.foreign_file import open_foreign
from qcompat.portrait.portrait import MemoryBlock, Portrait
from qcompat.portrait.portraits import AccelChoice, Portraits
from qcompat.portrait.running.stream import stream_of_saved
from qcompat.stream.container import unwrapped
from qcompat.stream.container.wrapping import LONGEST, kind_of
from qcompat.stream.model import Stream
from qcompat.stream.reader.reader import reading
from qcompat.stream.reader.whole import fold

_DESCRIBE = "describe the guest that was saved: --guest FILE, in any form (virsh dumpxml, …)"
_FROM = "name it with --from BUILD"
_MOST_NAMED = 5
_FIRMWARE = ("pc.bios", "system.flash")
_CLOCK_OF_KVM = "kvmclock"
_ACCELERATORS: tuple[AccelChoice, ...] = ("kvm", "tcg")


class SavedQuestion(msgspec.Struct, frozen=True):
    """A file with a saved guest. `asked` describes the guest where the file does not.

    `build` is the build that saved it, empty where that is not known; `snapshot` is one of a qcow2
    image.
    """

    file: Path
    asked: AskedGuest = AskedGuest()
    build: str = ""
    snapshot: str | None = None


class Saved(msgspec.Struct, frozen=True):
    """What the file has: the guest as described, and its stream without memory."""

    question: SavedQuestion
    guest: Guest
    stream: Stream


def is_saved(file: Path) -> bool:
    """Whether a file looks like one with a saved guest, by its first bytes.

    Errors: FileFormatError where it cannot be read.
    """
    with open_foreign(file) as opened:
        head = opened.read(LONGEST)
    return kind_of(head) != "none" or head.startswith(b"QEVM")


def read_saved(question: SavedQuestion) -> Saved:
    """Read the file. Errors: FileFormatError, StreamError, UsageError where no guest is known."""
    guest = question.asked.guest
    if guest is None:
        if saved_domain(question.file) is None:
            raise UsageError(f"{question.file} holds the state of a guest alone", _DESCRIBE)
        guest = given_guest(question.file, base_type=question.asked.base_type).guest
    assert guest is not None
    with (
        unwrapped(question.file, snapshot=question.snapshot) as (_, file),
        reading(file, memory=False) as reader,
    ):
        return Saved(question, guest, fold(reader))


async def saved_guest(saved: Saved, target: str, portraits: Portraits) -> GuestNow:
    """The guest as it was saved, beside a twin on its own build or on `target`.

    Errors: as `Portraits.of`; UsageError where the file is of another guest.
    """
    question = saved.question
    twin = await portraits.of(question.build or target, saved.guest, accel=_accel(saved))
    if twin.stream is None:
        said = twin.refusal.message if twin.refusal else "it has no stream"
        raise GuestError(
            f"no twin of the saved guest can be made on {twin.build}: {said}",
            f"{_FROM}, one that starts it" if not question.build else _DESCRIBE,
        )
    _refuse_other_machine(saved, twin.stream)
    open_ = _unlike(saved.stream, twin.stream) if question.build else _not_known(question.file)
    open_ += _set_by_the_loader(saved.stream)
    guest = msgspec.structs.replace(twin.guest, uncovered=(*open_, *twin.guest.uncovered))
    stream = _as_loaded(saved.stream, twin)
    now = msgspec.structs.replace(
        twin,
        build=question.build or question.file.name,
        guest=guest,
        moment="running",
        stream=stream,
        memory=_memory(twin, stream),
    )
    return GuestNow(now)


def _accel(saved: Saved) -> AccelChoice | None:
    """What ran the guest: KVM where its clock is in the stream, else what its line asks for."""
    if saved.question.asked.accel:
        return saved.question.asked.accel
    if any(section.idstr == _CLOCK_OF_KVM for section in saved.stream.sections):
        return "kvm"
    return next((each for each in _ACCELERATORS if each in saved.guest.accelerators[:1]), None)


def _refuse_other_machine(saved: Saved, twin: Stream) -> None:
    here, there = (each.configuration for each in (saved.stream, twin))
    if here and there and here.machine != there.machine:
        raise UsageError(
            f"{saved.question.file} is of a {here.machine}, and the guest that is described"
            f" is a {there.machine}",
            _DESCRIBE,
        )


def _not_known(file: Path) -> tuple[Uncovered, ...]:
    what = "the build that saved it is not known, so that its stream alone speaks for it"
    return (Uncovered(file.name, f"{what}; {_FROM}", "view"),)


def _unlike(saved: Stream, twin: Stream) -> tuple[Uncovered, ...]:
    """Sections that only one of a guest and its twin on the same build has."""
    here, there = ({section.idstr for section in each.sections} for each in (saved, twin))
    found = []
    for names, who in ((here - there, "the guest that is described"), (there - here, "the file")):
        if names:
            said = ", ".join(sorted(names)[:_MOST_NAMED])
            found.append(Uncovered(said, f"{who} does not have it; {_DESCRIBE}"))
    return tuple(found)


def _set_by_the_loader(saved: Stream) -> tuple[Uncovered, ...]:
    """How a file is written beside its devices: whoever loads it tells the target."""
    capabilities = saved.configuration.capabilities if saved.configuration else ()
    return tuple(
        Uncovered(
            f"the migration capability {each}",
            "the target has to know it, and to be told to use it for this file",
        )
        for each in capabilities
    )


def _as_loaded(saved: Stream, twin: Portrait) -> Stream:
    """The stream of the file as a target would have it, with the lengths that are known there.

    Firmware of the user is no file of this machine, so its twin has another in its place.
    """
    assert twin.stream is not None
    described = stream_of_saved(twin.stream, saved, twin.facts)
    lengths = {block.name: block.length for block in twin.stream.ram}
    has_other = any(each.assumes_size or each.subject.startswith("-bios") for each in
                    twin.guest.uncovered)  # fmt: skip
    own = _FIRMWARE if has_other else ()
    ram = tuple(
        msgspec.structs.replace(block, length=lengths.get(block.name, block.length))
        if block.name.startswith(own)
        else block
        for block in saved.ram
    )
    configuration = saved.configuration
    if configuration and twin.stream.configuration:
        told = twin.stream.configuration.capabilities
        configuration = msgspec.structs.replace(configuration, capabilities=told)
    return msgspec.structs.replace(described, ram=ram, configuration=configuration)


def _memory(twin: Portrait, saved: Stream) -> tuple[MemoryBlock, ...]:
    lengths = {block.name: block.length for block in saved.ram}
    return tuple(
        msgspec.structs.replace(block, used=lengths.get(block.name, block.used))
        for block in twin.memory
    )


async def check_saved(saved: Saved, targets: tuple[str, ...], portraits: Portraits) -> CheckedNow:
    """Judge a saved guest against every target. Errors: UsageError, as `saved_guest`, `check`."""
    checks: list[Checked] = []
    now: GuestNow | None = None
    for target in distinct(targets):
        now = await saved_guest(saved, target, portraits)
        source = now.portrait
        shown = await portraits.of(target, saved.guest, accel=source.accel)
        checks.append(judged(source, shown))
    assert now is not None
    return CheckedNow(now, tuple(checks))
