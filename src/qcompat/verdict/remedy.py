"""What a remedy is: what to set on the target so that a guest's migration works.

How one is found is `repair`, how it is written down for QEMU, libvirt, Proxmox or a packager's
table `report.remedy`. What of it must be carried on until power-off is the lineage's business.
"""

from __future__ import annotations

import msgspec

from qcompat.remedy.setting import Setting
from qcompat.rules.finding import Certainty
from qcompat.verdict.judgement import Verdict


class Remedy(msgspec.Struct, frozen=True):
    """The smallest set of settings found, and what the guest's verdict is with them.

    `certainty` is `proven` where a real load worked with the settings and failed without them;
    `proofs` says what was loaded and how it ended, `contradiction` what a load said against the
    verdict (empty: nothing). `arguments` are the guest's whole arguments for the target with the
    settings in their places; `words` are those options of them that are not the guest's own
    (`-device`, its value), `dropped` those of the guest's that they replace. `before` and
    `verdict` are the way forward without and with them, `back` the way back with them. `open_`
    is why the search ended before all was tried, if it did: what still drifts may then have a
    remedy too. `attempts` counts how often the target was started.
    """

    settings: tuple[Setting, ...]
    arguments: tuple[str, ...]
    verdict: Verdict
    certainty: Certainty = "certain"
    before: Verdict | None = None
    back: Verdict | None = None
    words: tuple[tuple[str, str], ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    proofs: tuple[str, ...] = ()
    contradiction: str = ""
    open_: str = msgspec.field(default="", name="open")
    attempts: int = 0


class Unrepairable(msgspec.Struct, frozen=True):
    """No property helps: why, device by device, and what would (a build on the way, a power-off).

    `is_proven` says that every single property that the target offers for the devices in
    question was tried, or that none is offered. `settings` repair other devices of the guest,
    which is still refused. `open_` is why the search ended before all was tried: whether a
    property helps is then unknown.
    """

    reasons: tuple[str, ...]
    instead: tuple[str, ...] = ()
    is_proven: bool = False
    settings: tuple[Setting, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    before: Verdict | None = None
    proofs: tuple[str, ...] = ()
    contradiction: str = ""
    open_: str = msgspec.field(default="", name="open")
    attempts: int = 0
