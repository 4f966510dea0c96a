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
_RUNS_ANOTHER = {"env", "exec", "nohup", "sudo"}


def is_emulator(word: str) -> bool:
    """Whether a program of that name or path is a QEMU that runs whole machines."""
    return _EMULATOR.fullmatch(PurePath(word).name) is not None


def is_in_front(word: str) -> bool:
    """Whether a word can come before the emulator: its environment, `exec` and the like."""
    return word in _RUNS_ANOTHER or _ENVIRONMENT.fullmatch(word) is not None


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
    return next((at for at, word in enumerate(words) if not is_in_front(word)), len(words))
