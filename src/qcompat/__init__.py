"""Whether a QEMU virtual machine can live-migrate from one QEMU build to another, and back.

The public interface: a typed question in, a typed answer out. Names are imported when they are
first used, so that a command pays only for what it needs. `portrait` and `machine` are packages;
their use cases are therefore called `take_portrait` and `machine_facts`.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # mypy knows it by its name; the module that has it takes long to load
if TYPE_CHECKING:
    from qcompat.app.asked_guest import AskedGuest as AskedGuest
    from qcompat.app.check import Checked as Checked
    from qcompat.app.check import CheckQuestion as CheckQuestion
    from qcompat.app.check import check as check
    from qcompat.app.machine import machine_facts as machine_facts
    from qcompat.app.portrait import PortraitQuestion as PortraitQuestion
    from qcompat.app.portrait import take_portrait as take_portrait
    from qcompat.app.prove.prove import Proved as Proved
    from qcompat.app.prove.prove import prove as prove
    from qcompat.app.prove.question import ProveQuestion as ProveQuestion
    from qcompat.app.repair import Repaired as Repaired
    from qcompat.app.repair import RepairQuestion as RepairQuestion
    from qcompat.app.repair import repair as repair
    from qcompat.errors import QcompatError as QcompatError
    from qcompat.guest.given.line import guest_of as parse_guest  # noqa: F401
    from qcompat.portrait.portraits import Portraits as Portraits

__version__ = "0.1.0"

_AT = {
    "AskedGuest": "qcompat.app.asked_guest",
    "CheckQuestion": "qcompat.app.check",
    "Checked": "qcompat.app.check",
    "PortraitQuestion": "qcompat.app.portrait",
    "Portraits": "qcompat.portrait.portraits",
    "ProveQuestion": "qcompat.app.prove.question",
    "Proved": "qcompat.app.prove.prove",
    "QcompatError": "qcompat.errors",
    "RepairQuestion": "qcompat.app.repair",
    "Repaired": "qcompat.app.repair",
    "check": "qcompat.app.check",
    "machine_facts": "qcompat.app.machine",
    "parse_guest": "qcompat.guest.given.line:guest_of",
    "prove": "qcompat.app.prove.prove",
    "repair": "qcompat.app.repair",
    "take_portrait": "qcompat.app.portrait",
}
_PACKAGES = ("machine", "portrait")

__all__ = [*_AT, *_PACKAGES, "__version__"]


def __getattr__(name: str) -> object:
    if name in _PACKAGES:
        return import_module(f"qcompat.{name}")
    place, _, called = _AT.get(name, "").partition(":")
    if not place:
        raise AttributeError(f"module 'qcompat' has no attribute {name!r}")
    found: object = getattr(import_module(place), called or name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_AT, *_PACKAGES})
