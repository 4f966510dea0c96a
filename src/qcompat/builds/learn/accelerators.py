"""Which accelerators a build has: minimal and hardened ones lack TCG, others KVM."""

from __future__ import annotations

from qcompat.builds.build import Build
from qcompat.builds.facts import ACCELERATORS, Accel
from qcompat.builds.learn.ask import ask

ANY = tuple(word for accel in (*ACCELERATORS, "qtest") for word in ("-accel", accel))
"""For questions without a guest: QEMU takes the first that it has and can use (5.2 to 11.1)."""

_SESSION = ("-machine", "none", "-nodefaults", "-S", "-display", "none", "-qmp", "stdio")
_QUIT = b'{"execute": "qmp_capabilities"}\n{"execute": "quit"}\n'


def ask_accelerators(build: Build) -> tuple[Accel, ...]:
    """Those that the build lists and can load, the faster one first. Errors: BuildError.

    KVM counts as had wherever it is listed, since `/dev/kvm` may be missing here.
    """
    listed = ask(build, ["-accel", "help"]).output.decode(errors="replace").split()
    return tuple(each for each in ACCELERATORS if each in listed and _can_load(build, each))


def _can_load(build: Build, accel: Accel) -> bool:
    """A build lists TCG even where its module is missing (Debian's 7.2.22), and then aborts."""
    return accel == "kvm" or ask(build, ["-accel", accel, *_SESSION], given=_QUIT).code == 0
