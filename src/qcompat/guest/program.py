"""The program in front of a guest's arguments: which words are it, and which are arguments.

Here alone a word is taken for an emulator; what its name says of the architecture is `arch`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from qcompat.arch.architecture import Architecture, architectures, named_by
from qcompat.errors import GuestError

_EMULATOR = re.compile(
    r"(.*[-_.])?(qemu-system-\w+|qemu-kvm)([-_.].*)?|qemu|kvm|kvm-spice", re.DOTALL
)
_ENVIRONMENT = re.compile(r"[A-Z_][A-Z0-9_]*=.*", re.DOTALL)
_RUNS_ANOTHER = frozenset(
    {
        *("bwrap", "cgexec", "chroot", "chrt", "distrobox-enter", "doas", "docker", "env", "exec"),
        *("firejail", "flatpak-spawn", "forkqemu", "gdb", "ionice", "ip", "ltrace", "nice"),
        *("nohup", "nsenter", "numactl", "perf", "podman", "prlimit", "runuser", "setpriv"),
        *("setsid", "stdbuf", "strace", "sudo", "systemd-inhibit", "systemd-run", "taskset"),
        *("time", "timeout", "toolbox", "unshare", "valgrind"),
    }
)
"""Programs that run the one named behind them, with options of their own in between."""


def is_emulator(word: str) -> bool:
    """Whether a program of that name or path is a QEMU that runs whole machines."""
    return _EMULATOR.fullmatch(PurePath(word).name) is not None


def is_in_front(word: str) -> bool:
    """Whether a word can come before the emulator: its environment, `exec` and the like."""
    return PurePath(word).name in _RUNS_ANOTHER or _ENVIRONMENT.fullmatch(word) is not None


def has_emulator(words: Sequence[str]) -> bool:
    """Whether the words name the emulator before its arguments."""
    start = _length_of_front(words)
    return start < len(words) and is_emulator(words[start])


def arguments_in(words: Sequence[str]) -> Sequence[str]:
    """The words behind the emulator, or behind its environment where no emulator is named."""
    start = _length_of_front(words)
    return words[start + 1 :] if has_emulator(words) else words[start:]


def architecture_in(words: Sequence[str]) -> Architecture | None:
    """The architecture that the emulator's name tells; None where it or no emulator tells any.

    Errors: GuestError for the emulator of an architecture that qcompat does not know.
    """
    name = named_by(words[_length_of_front(words)]) if has_emulator(words) else ""
    if not name:
        return None
    if name not in architectures():
        known = ", ".join(each.emulator for each in architectures().values())
        raise GuestError(
            f"this is a command line of qemu-system-{name}, an architecture that qcompat does not "
            "know yet",
            f"it knows the guests of {known}",
        )
    return architectures()[name]


def _length_of_front(words: Sequence[str]) -> int:
    """How many words come before the emulator, or before the arguments where none is named.

    Behind a program that runs another, whatever is not the emulator is that program's own.
    """
    front = next((at for at, word in enumerate(words) if not is_in_front(word)), len(words))
    if any(PurePath(word).name in _RUNS_ANOTHER for word in words[:front]):
        return _emulator_in(words, front)
    return front


def _emulator_in(words: Sequence[str], start: int) -> int:
    """Where the emulator is: a user or a group may have its name, but arguments follow it."""
    for at in range(start, len(words)):
        after = words[at + 1] if at + 1 < len(words) else "-"
        if is_emulator(words[at]) and after.startswith("-") and after != "--":
            return at
    return start
