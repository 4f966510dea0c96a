"""The first question: can this guest migrate from one build to another, and back?"""

from __future__ import annotations

from pathlib import Path

import msgspec

from qcompat.app.asked_guest import AskedGuest
from qcompat.app.impossible_guest import refuse_impossible_guest
from qcompat.compare.hosts.differences import HostPair
from qcompat.errors import UsageError
from qcompat.portrait.file import read_portrait
from qcompat.portrait.portrait import Moment, Portrait
from qcompat.portrait.portraits import End, Portraits, is_file
from qcompat.verdict.judge import judge
from qcompat.verdict.judgement import Judgement


class CheckQuestion(msgspec.Struct, frozen=True):
    """`source` and `target` are builds or portrait files; a file brings its guest along.

    `hosts` are captures of the hosts of both ends: what they deny the guest counts too.
    """

    source: End
    target: End
    asked: AskedGuest = AskedGuest()
    hosts: HostPair | None = None


class Checked(msgspec.Struct, frozen=True):
    """The judgement, and the portraits that it was made from."""

    judgement: Judgement
    source: Portrait
    target: Portrait


async def check(question: CheckQuestion, portraits: Portraits) -> Checked:
    """Judge both directions. No QEMU runs where the portraits are at hand.

    Errors: UsageError where the two ends cannot be compared, GuestError where no build starts
    the guest, and as `Portraits.of`.
    """
    source, target = await _portraits(question, portraits)
    return judged(source, target, question.hosts)


def judged(source: Portrait, target: Portrait, hosts: HostPair | None = None) -> Checked:
    """Judge two portraits. Errors: UsageError, GuestError, as `check`."""
    refuse_impossible_guest(source, target)
    _refuse_different_moments(source, target)
    _refuse_different_accelerators(source, target)
    return Checked(judge(source, target, hosts), source, target)


async def _portraits(question: CheckQuestion, portraits: Portraits) -> tuple[Portrait, Portrait]:
    asked = question.asked
    ends = (question.source, question.target)
    files = [end for end in ends if isinstance(end, str) and is_file(end)]
    if files and not asked.says_nothing:
        raise UsageError(
            f"{files[0]} is a portrait file, which contains its guest, accelerator and moment",
            "leave out what describes the guest, or name builds instead of files",
        )
    if len(files) == 1:
        asked = asked.shown_in(read_portrait(Path(files[0])))
    source, target = await asked.portraits_on(portraits, *ends)
    return question.asked.read(source), question.asked.read(target)


_ARRIVES: tuple[Moment, Moment] = ("running", "reset")
"""A guest that runs on the source; the target has only a twin of it, which never ran."""


def _refuse_different_moments(source: Portrait, target: Portrait) -> None:
    if source.moment != target.moment and (source.moment, target.moment) != _ARRIVES:
        raise UsageError(
            f"the portraits show different moments: {source.moment} on {source.build}, "
            f"{target.moment} on {target.build}",
            "take both at the same moment (--moment)",
        )


def _refuse_different_accelerators(source: Portrait, target: Portrait) -> None:
    """KVM and TCG send different state (kvmclock, the processor's features) for one guest."""
    if source.accel != target.accel:
        raise UsageError(
            f"the portraits were taken with different accelerators: {source.accel} on "
            f"{source.build}, {target.accel} on {target.build}",
            "take both with the same one (--accel); the bundled ones were taken with kvm, so "
            "comparing a build with them needs a machine with KVM",
        )
