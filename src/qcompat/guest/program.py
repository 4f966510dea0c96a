"""The program in front of a guest's arguments: which words are it, and which are arguments.

Here alone a word is taken for an emulator; what its name says of the architecture is `arch`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from qcompat.arch.architecture import architectures, named_by
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
    """The words behind the emulator, or behind its environment where no emulator is named.

    Errors: GuestError for the emulator of an architecture that qcompat does not know.
    """
    start = _length_of_front(words)
    if not has_emulator(words):
        return words[start:]
    _refuse_foreign(words[start])
    return words[start + 1 :]


def _refuse_foreign(program: str) -> None:
    name = named_by(program)
    if name and name not in architectures():
        known = ", ".join(each.emulator for each in architectures().values())
        raise GuestError(
            f"this is a command line of qemu-system-{name}, an architecture that qcompat does not "
            "know yet",
            f"it knows the guests of {known}",
        )


def _length_of_front(words: Sequence[str]) -> int:
    return next((at for at, word in enumerate(words) if not is_in_front(word)), len(words))
