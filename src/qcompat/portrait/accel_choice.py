"""Which accelerator runs a guest: what is asked for, this machine can use, and every build has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from qcompat.arch.architecture import architectures
from qcompat.builds.facts import ACCELERATORS, Accel
from qcompat.errors import BuildError, HostLacksError, UsageError
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Moment

AccelChoice = Literal["auto", "kvm", "tcg"]
_CLOSED = "/dev/kvm cannot be opened here"
_HINT = "give this user access to /dev/kvm, or take a build that has TCG"
_NONE_KNOWN: Mapping[str, tuple[Accel, ...]] = {}


def choose_accel(
    choice: AccelChoice, architecture: str = "", had: Mapping[str, tuple[Accel, ...]] = _NONE_KNOWN
) -> Accel:
    """What runs a guest here: `auto` is KVM where it can be used, else TCG.

    `architecture` is the guest's (empty: the host's). `had` names for each build the accelerators
    that it has (`BuildFacts.accelerators`).

    Errors: where the one that is asked for cannot be used UsageError, or HostLacksError if it is
    this machine that has no KVM; BuildError where none can.
    """
    reasons = {accel: _why_not(accel, architecture, had) for accel in ACCELERATORS}
    lacking = {accel: why for accel, why in reasons.items() if why}
    if choice != "auto":
        if why := lacking.get(choice):
            others = [accel for accel in ACCELERATORS if accel not in lacking]
            failed = HostLacksError if why == _CLOSED else UsageError
            raise failed(
                f"--accel {choice} was asked for, but {why}",
                f"use --accel {others[0]}" if others else _HINT,
            )
        return choice
    for accel in ACCELERATORS:
        if accel not in lacking:
            return accel
    raise BuildError(f"no accelerator can be used here: {' and '.join(lacking.values())}", _HINT)


def at_moment(choice: AccelChoice, moment: Moment) -> AccelChoice:
    """The choice for a portrait of a moment: a guest is booted by TCG unless KVM is asked for.

    Inside another VM a kernel may take minutes by KVM, or never come up.
    """
    return "tcg" if moment == "booted" and choice == "auto" else choice


def _why_not(accel: Accel, architecture: str, had: Mapping[str, tuple[Accel, ...]]) -> str:
    if without := [name for name, has in had.items() if has and accel not in has]:
        return f"{' and '.join(without)} cannot run with {accel.upper()}"
    if accel == "tcg":
        return ""
    host = os.uname().machine
    known = architectures().get(architecture)
    if architecture and host not in (known.kvm_on if known else (architecture,)):
        return f"KVM of {host} runs no guests of {architecture}"
    return "" if has_kvm() else _CLOSED
