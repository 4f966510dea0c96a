"""Which options a QEMU command line may have, and what becomes of each.

The knowledge is in `known_options.toml`, checked when it is loaded; its order is the canonical
order of a guest's arguments. The syntax of an option is `option`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

from qcompat.dataset import read_table
from qcompat.errors import GuestError
from qcompat.guest.guest import Loss

Fate = Literal["guest", "host", "sugar", "backend", "file", "uncovered", "refused"]


class KnownOption(
    msgspec.Struct, frozen=True, rename={"fate": "class"}, forbid_unknown_fields=True
):
    """One option's entry; see the head of `known_options.toml` for the meaning of each part."""

    fate: Fate = "host"
    takes: Literal["nothing", "text", "fields"] = "text"
    implied: str = ""
    merges: bool | Literal["last"] = False
    reason: str = ""
    loses: Loss = "state"
    usual: tuple[str, ...] = ()
    hint: str = ""
    alias: str = ""
    group: str = ""
    in_file: bool = True


@cache
def known_options() -> Mapping[str, KnownOption]:
    """All options by name, in the order of the file."""
    return read_table("qcompat.guest", "known_options.toml", dict[str, KnownOption])


def find(name: str) -> tuple[str, KnownOption]:
    """An option's own name and entry, aliases resolved. Raises GuestError for an unknown one."""
    word = known_options().get(name)
    if word is None:
        raise GuestError(f"QEMU has no option -{name[:120]}", _suggestion(name[:120]))
    return find(word.alias) if word.alias else (name, word)


def is_backend(option: str) -> bool:
    """Whether a guest has a stand-in for what this option (`-netdev`) makes."""
    return find(option.lstrip("-"))[1].fate == "backend"


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, known_options(), n=1, cutoff=0.6)
    if near:
        return f"did you mean -{near[0]}?"
    return "QEMU's options for x86, 5.2 to 11.1, are known; a value with spaces needs quotes"
