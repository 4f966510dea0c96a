"""What a search for a remedy came to: the settings that repair, or why none does.

How it is found is `search`, how it is written down for QEMU, libvirt, Proxmox or a packager's
table `report.remedy`. Which of it must be kept until power-off is `lineage`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qcompat.portrait.portrait import Refusal
from qcompat.remedy.changed import Options
from qcompat.remedy.setting import Setting
from qcompat.rules.finding import Certainty, Finding
from qcompat.verdict.detour import Detour, PowerOff, UntriedDetour
from qcompat.verdict.judgement import Verdict
from qcompat.verdict.proof import Contradiction, Proof


class Spent(msgspec.Struct, frozen=True):
    """A bound of the search that was reached before everything was tried."""

    bound: Literal["seconds", "attempts"]
    amount: float


class Remedy(msgspec.Struct, frozen=True):
    """The smallest set of settings found, and what the guest's verdict is with them.

    `certainty` is `proven` where a real load worked with the settings and failed without them:
    `proof` holds the loads, `contradictions` those that contradict the verdict.
    `arguments` are the guest's whole arguments for the target with the settings in their places;
    `words` are those options of them that are not the guest's own (`-device`, its value),
    `dropped` those of the guest's that they replace. `before` and `verdict` are the way forward
    without and with them, `back` the way back with them. `spent` is the bound that ended the
    search early: what still drifts may then have a remedy too. `attempts` counts how often the
    target was started.
    """

    settings: tuple[Setting, ...]
    arguments: tuple[str, ...]
    verdict: Verdict
    certainty: Certainty = "certain"
    before: Verdict | None = None
    back: Verdict | None = None
    words: Options = ()
    dropped: Options = ()
    proof: Proof | None = None
    contradictions: tuple[Contradiction, ...] = ()
    spent: Spent | None = None
    attempts: int = 0


class Tried(msgspec.Struct, frozen=True):
    """What was tried in vain on one device, or on all devices of the guest (`scope`).

    `properties` counts those that the target has for it. `values` counts other values of them,
    each tried alone; None where they were tried in groups only.
    """

    scope: Literal["device", "guest"]
    properties: int
    values: int | None = None


class Reason(msgspec.Struct, frozen=True):
    """Why a part of the guest stays refused: what is found there, and what was tried.

    `tried` is None where nothing was: the finding leaves open whether the target refuses it, or
    the target does not start the guest.
    """

    finding: Finding
    tried: Tried | None = None


class Unrepairable(msgspec.Struct, frozen=True):
    """No property helps: why, part by part, and what would help (a detour, a power-off).

    `untried` are the builds on the way that could not be looked at on this machine.

    `unsent` says why the source has nothing to send; nothing was searched for then. `is_proven`
    says that every single property that the target has for the parts in question was tried, or
    that it has none. `settings` repair other parts of the guest, which is still refused. `spent`
    is the bound that ended the search early: whether a property helps is then unknown.
    """

    reasons: tuple[Reason, ...] = ()
    unsent: Refusal | None = None
    detours: tuple[Detour, ...] = ()
    untried: tuple[UntriedDetour, ...] = ()
    power_off: PowerOff | None = None
    is_proven: bool = False
    settings: tuple[Setting, ...] = ()
    words: Options = ()
    before: Verdict | None = None
    proof: Proof | None = None
    contradictions: tuple[Contradiction, ...] = ()
    spent: Spent | None = None
    attempts: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it is unknown if a property helps."""
        return self.spent is not None or (self.unsent is not None and not self.is_proven)
